//! Telling a chain whose intermediate certificate was forgotten from one of an unknown issuer. Both end at an issuer
//! that is not in the root set; what the last certificate says makes one of them likely.

use protocol::observed::PathResult;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::facts::parse;
use super::name::{organisation, words};

/// Why a chain that ends at no root does so. RFC 8446 §4.4.2: the server sends the certificates between its own and
/// the root; only the root may be left out (rule 27).
pub(super) fn why(chain: &[CertificateDer<'_>], roots: &[TrustAnchor<'_>]) -> PathResult {
    let sent: Vec<X509Certificate<'_>> = chain.iter().filter_map(|der| parse(der)).collect();
    let Some(last) = last_of_path(&sent) else {
        return PathResult::Invalid("the certificate cannot be read".to_owned());
    };
    let issuer = words(last.issuer());
    if is_self_issued(last) {
        return PathResult::UnknownIssuer { issuer };
    }
    // A server that forgets intermediates mostly sends the leaf alone. When it did send an issuer and that one's issuer
    // is unknown, the next would more likely be a root, and one that nobody knows; more has to speak against it.
    let hints = [names_its_issuers_certificate(last), is_of_a_root(last.issuer(), roots)];
    let only_leaf = sent.first().is_some_and(|leaf| leaf.as_ref() == last.as_ref());
    if hints.iter().filter(|hint| **hint).count() >= if only_leaf { 1 } else { 2 } {
        PathResult::Incomplete { missing: issuer }
    } else {
        PathResult::UnknownIssuer { issuer }
    }
}

/// The last certificate on the way from the leaf upwards, among those sent.
fn last_of_path<'a, 'b>(sent: &'b [X509Certificate<'a>]) -> Option<&'b X509Certificate<'a>> {
    let mut current = sent.first()?;
    for _ in 0..sent.len() {
        if is_self_issued(current) {
            break;
        }
        match sent.iter().find(|next| next.subject().as_raw() == current.issuer().as_raw()) {
            Some(next) => current = next,
            None => break,
        }
    }
    Some(current)
}

pub(super) fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

/// RFC 5280 §4.2.2.1: an authority that says where its own certificate can be fetched is run to be chained to.
fn names_its_issuers_certificate(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => access.accessdescs.iter().any(|description| {
            description.access_method.to_id_string() == CA_ISSUERS
                && matches!(description.access_location, GeneralName::URI(_))
        }),
        _ => false,
    })
}

const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// Whether the name, or its organisation, is that of a root.
fn is_of_a_root(name: &X509Name<'_>, roots: &[TrustAnchor<'_>]) -> bool {
    let organisation = organisation(name);
    roots.iter().any(|root| {
        let subject = sequence(root.subject.as_ref());
        match X509Name::from_der(&subject) {
            Ok((_, root)) => {
                root.as_raw() == name.as_raw()
                    || organisation.is_some() && organisation == self::organisation(&root)
            }
            Err(_) => false,
        }
    })
}

/// Trust anchors hold their subject without the outer SEQUENCE; this puts it back (X.690 §8.1.3).
fn sequence(content: &[u8]) -> Vec<u8> {
    let mut octets = vec![0x30];
    match content.len() {
        short @ 0..0x80 => octets.push(u8::try_from(short).unwrap_or_default()),
        long => {
            let length = long.to_be_bytes();
            let length: Vec<u8> = length.into_iter().skip_while(|octet| *octet == 0).collect();
            octets.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
            octets.extend(length);
        }
    }
    octets.extend(content);
    octets
}
