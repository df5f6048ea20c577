//! Keys that sign zones (RFC 4034 §2, RFC 6605, RFC 8080), as name servers keep them.

mod fault;

use std::fmt;

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::base::iana::SecurityAlgorithm;
use domain::rdata::Dnskey;

pub use fault::ZoneKeyFault;

/// RFC 4034 §2.1.1: a key of a zone.
const ZONE: u16 = 0x0100;
/// RFC 4034 §2.1.1: its secure entry point, what the parent zone points to.
const ENTRY: u16 = 0x0001;
/// RFC 4034 §2.1.2.
const PROTOCOL: u8 = 3;
/// Files beyond this hold no key that we read.
const MAX_TEXT: usize = 16 * 1024;

/// A key that signs a zone. Its secret is never shown.
pub struct ZoneKey {
    pair: Pair,
    flags: u16,
    tag: u16,
    /// The DNSKEY record's data.
    data: Box<[u8]>,
}

enum Pair {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ZoneKey {
    /// Reads a secret key: the `.private` file of `dnssec-keygen` (ECDSA P-256 or P-384, or Ed25519), or PKCS #8 as PEM,
    /// which is what Knot keeps.
    ///
    /// `dnskey` is the text of the `.key` file beside it, if there is one: it says whether the key is the secure entry
    /// point and is compared with the secret. Without it, the key is both: it signs all, and the parent points to it.
    ///
    /// # Errors
    /// [`ZoneKeyFault`], never with a piece of the secret.
    pub fn read(secret: &str, dnskey: Option<&str>) -> Result<Self, ZoneKeyFault> {
        if secret.len() > MAX_TEXT {
            return Err(ZoneKeyFault::Form);
        }
        let pair = match secret.contains("-----BEGIN") {
            true => Pair::of_pem(secret)?,
            false => Pair::of_fields(secret)?,
        };
        let key = Self::of(pair, ZONE | ENTRY)?;
        match dnskey.map(public_part).transpose()? {
            None => Ok(key),
            Some((flags, public)) if public == key.pair.public() => {
                if flags & ZONE == 0 {
                    return Err(ZoneKeyFault::Flags);
                }
                Self::of(key.pair, flags & (ZONE | ENTRY))
            }
            Some(_) => Err(ZoneKeyFault::OtherKey),
        }
    }

    /// A new key, ECDSA P-256 (RFC 8624 §3.1: what is recommended to sign with).
    ///
    /// # Errors
    /// [`ZoneKeyFault::Unusable`] when the machine makes none.
    pub fn generate() -> Result<Self, ZoneKeyFault> {
        let pair =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| ZoneKeyFault::Unusable)?;
        Self::of(Pair::P256(pair), ZONE | ENTRY)
    }

    /// The secret as [`read`](Self::read) takes it, to be kept in a file that nobody else can read.
    ///
    /// # Errors
    /// [`ZoneKeyFault::Unusable`] when the key does not give it.
    pub fn secret_text(&self) -> Result<String, ZoneKeyFault> {
        let unusable = |_| ZoneKeyFault::Unusable;
        let secret = match &self.pair {
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.private_key().as_be_bytes().map_err(unusable)?.as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair
                .seed()
                .and_then(|seed| seed.as_be_bytes().map(|bytes| bytes.as_ref().to_vec()))
                .map_err(unusable)?,
        };
        Ok(format!(
            "Private-key-format: v1.3\nAlgorithm: {} ({})\nPrivateKey: {}\n",
            self.algorithm(),
            self.pair.mnemonic(),
            STANDARD.encode(secret)
        ))
    }

    fn of(pair: Pair, flags: u16) -> Result<Self, ZoneKeyFault> {
        let public = pair.public();
        let dnskey = Dnskey::new(flags, PROTOCOL, pair.algorithm(), public.clone())
            .map_err(|_| ZoneKeyFault::Unusable)?;
        let mut data = Vec::with_capacity(4 + public.len());
        data.extend(flags.to_be_bytes());
        data.extend([PROTOCOL, pair.algorithm().to_int()]);
        data.extend(public);
        Ok(Self { pair, flags, tag: dnskey.key_tag(), data: data.into() })
    }

    /// The number that signatures name the key by (RFC 4034 appendix B).
    #[must_use]
    pub const fn tag(&self) -> u16 {
        self.tag
    }

    /// Whether the parent zone points to this key.
    #[must_use]
    pub const fn is_entry(&self) -> bool {
        self.flags & ENTRY != 0
    }

    /// The algorithm's number (RFC 4034 appendix A.1).
    #[must_use]
    pub fn algorithm(&self) -> u8 {
        self.pair.algorithm().to_int()
    }

    /// The DNSKEY record's data.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    /// Signs; `None` when the library does not.
    pub(super) fn sign(&self, random: &SystemRandom, octets: &[u8]) -> Option<Signed> {
        match &self.pair {
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(random, octets).ok().map(|signature| Signed(signature.as_ref().into()))
            }
            Pair::Ed25519(pair) => {
                pair.try_sign(octets).ok().map(|signature| Signed(signature.as_ref().into()))
            }
        }
    }
}

/// A signature's octets.
pub(super) struct Signed(pub(super) Box<[u8]>);

impl Pair {
    const fn algorithm(&self) -> SecurityAlgorithm {
        match self {
            Self::P256(_) => SecurityAlgorithm::ECDSAP256SHA256,
            Self::P384(_) => SecurityAlgorithm::ECDSAP384SHA384,
            Self::Ed25519(_) => SecurityAlgorithm::ED25519,
        }
    }

    /// The algorithm's name (RFC 6605 §5, RFC 8080 §7).
    const fn mnemonic(&self) -> &'static str {
        match self {
            Self::P256(_) => "ECDSAP256SHA256",
            Self::P384(_) => "ECDSAP384SHA384",
            Self::Ed25519(_) => "ED25519",
        }
    }

    /// The public key as DNSKEY records have it.
    fn public(&self) -> Vec<u8> {
        match self {
            // RFC 6605 §4: the point's coordinates without the octet that says that they are not compressed.
            Self::P256(pair) | Self::P384(pair) => {
                pair.public_key().as_ref().get(1..).unwrap_or_default().to_vec()
            }
            // RFC 8080 §3.
            Self::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    fn of_pem(text: &str) -> Result<Self, ZoneKeyFault> {
        let (_, rest) = text.split_once("-----BEGIN PRIVATE KEY-----").ok_or(ZoneKeyFault::Form)?;
        let (body, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or(ZoneKeyFault::Form)?;
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(body).map_err(|_| ZoneKeyFault::Form)?;
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der) {
            return Ok(Self::P256(pair));
        }
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der) {
            return Ok(Self::P384(pair));
        }
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
            .map(Self::Ed25519)
            .map_err(|_| ZoneKeyFault::Algorithm)
    }

    /// BIND's format: a line for each field, `Name: value`.
    fn of_fields(text: &str) -> Result<Self, ZoneKeyFault> {
        let field = |name: &str| {
            text.lines().find_map(|line| {
                let (found, value) = line.split_once(':')?;
                (found.trim() == name).then(|| value.trim())
            })
        };
        if !field("Private-key-format").is_some_and(|version| version.starts_with("v1.")) {
            return Err(ZoneKeyFault::Form);
        }
        let number = field("Algorithm").and_then(|value| value.split_whitespace().next());
        let algorithm: u8 = number.and_then(|number| number.parse().ok()).ok_or(ZoneKeyFault::Form)?;
        let secret = field("PrivateKey").and_then(|value| STANDARD.decode(value).ok());
        let secret = || secret.clone().ok_or(ZoneKeyFault::Form);
        match SecurityAlgorithm::from_int(algorithm) {
            SecurityAlgorithm::ECDSAP256SHA256 => {
                ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, &agreement::ECDH_P256, &secret()?).map(Self::P256)
            }
            SecurityAlgorithm::ECDSAP384SHA384 => {
                ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, &agreement::ECDH_P384, &secret()?).map(Self::P384)
            }
            SecurityAlgorithm::ED25519 => Ed25519KeyPair::from_seed_unchecked(&secret()?)
                .map(Self::Ed25519)
                .map_err(|_| ZoneKeyFault::Form),
            _ => Err(ZoneKeyFault::Algorithm),
        }
    }
}

/// A pair from the secret number alone: the public point is computed.
fn ecdsa(
    signing: &'static EcdsaSigningAlgorithm,
    curve: &'static agreement::Algorithm,
    secret: &[u8],
) -> Result<EcdsaKeyPair, ZoneKeyFault> {
    let public = agreement::PrivateKey::from_private_key(curve, secret)
        .map_err(|_| ZoneKeyFault::Form)?
        .compute_public_key()
        .map_err(|_| ZoneKeyFault::Unusable)?;
    EcdsaKeyPair::from_private_key_and_public_key(signing, secret, public.as_ref())
        .map_err(|_| ZoneKeyFault::Form)
}

/// Flags and public key of the DNSKEY record in a `.key` file.
fn public_part(text: &str) -> Result<(u16, Vec<u8>), ZoneKeyFault> {
    let record = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(';'));
    let mut words =
        record.unwrap_or_default().split_whitespace().skip_while(|word| *word != "DNSKEY").skip(1);
    let flags = words.next().and_then(|word| word.parse().ok()).ok_or(ZoneKeyFault::PublicForm)?;
    // Protocol and algorithm are the secret's own.
    let public: String = words.skip(2).collect();
    let public = STANDARD.decode(public).map_err(|_| ZoneKeyFault::PublicForm)?;
    Ok((flags, public))
}

impl fmt::Debug for ZoneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ZoneKey({} {})", self.pair.mnemonic(), self.tag)
    }
}

#[cfg(test)]
mod tests;
