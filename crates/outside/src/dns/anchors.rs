//! What DNSSEC is validated from.

use bytes::Bytes;
use domain::base::iana::Class;
use domain::base::{Name, Rtype, ToName};
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::zonefile::inplace::{Entry, Zonefile};

use crate::{SetupError, TrustAnchor};

/// The root's keys as published by IANA (root-anchors.xml): KSK-2017 and KSK-2024.
const IANA: &str = "\
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
";

/// Trust anchors, ready for the validator.
pub(super) struct Anchors {
    pub(super) records: TrustAnchors,
    /// The names that the anchors are for.
    pub(super) owners: Vec<Name<Bytes>>,
}

impl Anchors {
    /// Reads the chosen anchors; `None` when validation is off.
    pub(super) fn read(choice: &TrustAnchor) -> Result<Option<Self>, SetupError> {
        let text = match choice {
            TrustAnchor::Off => return Ok(None),
            TrustAnchor::Iana => IANA,
            TrustAnchor::Text(text) => text,
        };
        let records =
            TrustAnchors::from_u8(text.as_bytes()).map_err(|e| SetupError::TrustAnchor(e.to_string()))?;
        let owners = owners(text)?;
        Ok(Some(Self { records, owners }))
    }
}

/// The name shown in evidence.
pub(crate) fn name_of(choice: &TrustAnchor) -> String {
    match choice {
        TrustAnchor::Off => "none".to_owned(),
        TrustAnchor::Iana => "iana".to_owned(),
        TrustAnchor::Text(text) => match owners(text) {
            Ok(owners) => {
                let names: Vec<String> = owners.iter().map(ToString::to_string).collect();
                format!("given for {}", names.join(" "))
            }
            Err(_) => "given".to_owned(),
        },
    }
}

fn owners(text: &str) -> Result<Vec<Name<Bytes>>, SetupError> {
    let mut zonefile = Zonefile::new();
    zonefile.set_default_class(Class::IN);
    zonefile.extend_from_slice(text.as_bytes());
    zonefile.extend_from_slice(b"\n");
    let mut owners: Vec<Name<Bytes>> = Vec::new();
    for entry in zonefile {
        match entry.map_err(|e| SetupError::TrustAnchor(e.to_string()))? {
            Entry::Record(record) if matches!(record.rtype(), Rtype::DS | Rtype::DNSKEY) => {
                let owner = record.owner().to_name();
                if !owners.contains(&owner) {
                    owners.push(owner);
                }
            }
            Entry::Record(record) => {
                return Err(SetupError::TrustAnchor(format!(
                    "a record of type {} is no anchor",
                    record.rtype()
                )));
            }
            Entry::Include { .. } => {
                return Err(SetupError::TrustAnchor("$INCLUDE is not followed".to_owned()));
            }
        }
    }
    if owners.is_empty() {
        return Err(SetupError::TrustAnchor("it holds no record".to_owned()));
    }
    Ok(owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_anchors_are_the_roots() {
        let anchors = Anchors::read(&TrustAnchor::Iana).unwrap().unwrap();
        assert_eq!(anchors.owners, vec![Name::<Bytes>::root()]);
    }

    #[test]
    fn what_is_no_anchor_is_refused_with_a_reason() {
        for (text, word) in
            [("", "no record"), (". IN NS a.", "NS"), ("nonsense", ""), ("$INCLUDE file", "INCLUDE")]
        {
            let Err(error) = Anchors::read(&TrustAnchor::Text(text.to_owned())) else { panic!("{text}") };
            assert!(error.to_string().contains(word), "{error}");
        }
        assert!(Anchors::read(&TrustAnchor::Off).unwrap().is_none());
    }
}
