//! An authority in two steps and a certificate for each name, of the sizes that public ones have.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CrlDistributionPoint, CustomExtension,
    DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
};

use super::Outcome;
use super::words::Words;

/// All of them.
const FILE: &str = "certificates";
/// Octets of the two signed timestamps that a public certificate carries.
const TIMESTAMPS: usize = 246;

/// One name's.
pub(super) struct Certificate {
    pub(super) name: String,
    pub(super) leaf: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    /// PKCS #8.
    pub(super) key: Vec<u8>,
}

/// The policy host of a number.
pub(super) fn name(number: usize) -> String {
    format!("mta-sts.t{number:06}.test")
}

pub(super) fn run(words: &mut Words) -> Outcome {
    let (count, folder): (usize, PathBuf) = (words.needed("names")?, words.needed("out")?);
    fs::create_dir_all(&folder)?;
    let authority = |name: &str| {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = called(name);
        params.distinguished_name.push(DnType::OrganizationName, "Bench CA organisation");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    };
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384);
    let root = CertifiedIssuer::self_signed(authority("Bench Root"), key()?)?;
    let issuer = CertifiedIssuer::signed_by(authority("Bench Intermediate E1"), key()?, &root)?;
    let mut all = BufWriter::new(File::create(folder.join(FILE))?);
    for number in 0..count {
        let name = name(number);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(vec![name.clone()])?;
        params.distinguished_name = called(&name);
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let list = "http://crl.bench.invalid/11/abcdefghijk.crl".to_owned();
        params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![list] }];
        let timestamps = vec![7; TIMESTAMPS];
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], timestamps));
        let leaf = params.signed_by(&key, &issuer)?;
        if number == 0 {
            fs::write(folder.join("first.crt"), leaf.pem() + &issuer.pem())?;
            fs::write(folder.join("first.key"), key.serialize_pem())?;
        }
        for part in [name.as_bytes(), leaf.der(), issuer.der(), key.serialized_der()] {
            all.write_all(&u32::try_from(part.len())?.to_le_bytes())?;
            all.write_all(part)?;
        }
    }
    Ok(all.flush()?)
}

/// Calls `each` with those of a file that [`run`] wrote.
pub(super) fn read(path: &Path, mut each: impl FnMut(Certificate) -> Outcome) -> Outcome {
    let file = File::open(path)?;
    let mut left = file.metadata()?.len();
    let mut file = BufReader::new(file);
    let mut part = |left: &mut u64| -> Outcome<Vec<u8>> {
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        let mut octets = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        file.read_exact(&mut octets)?;
        *left = left.saturating_sub(4 + octets.len() as u64);
        Ok(octets)
    };
    while left > 0 {
        each(Certificate {
            name: String::from_utf8(part(&mut left)?)?,
            leaf: part(&mut left)?,
            issuer: part(&mut left)?,
            key: part(&mut left)?,
        })?;
    }
    Ok(())
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}
