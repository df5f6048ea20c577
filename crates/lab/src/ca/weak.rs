//! An RSA key of 1024 bits and the signatures that it makes. Libraries refuse such keys, so the few lines of
//! arithmetic are here. The key is a fixed test key: it protects nothing.

use std::sync::LazyLock;

use num_bigint::BigUint;
use rcgen::{PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureScheme};
use sha2::{Digest, Sha256};

const MODULUS: &str = "c04b40ecc6b862ad33c65ec88acfe4feeb04a0f95c11fc5002159192ab76c7889ac7564e769504923853f84c7fd145b0\
    fe60ae09e490095f48d2f564fd4f8c6ee6f2730edb3e0ee9f23e0aba05267abb6c039fa1bcad154155faf683f3e71488\
    e1374a59a3f73a73c42d4c3813b7b29dd642636c24b26154768794cbc7f77819";
const PRIVATE_EXPONENT: &str = "4836fab6f11a25d4adf0fd7f8ac1f059dba0ed63383478f103175e881a648d22bc1dc847c738c772b23cb6aee4018f8e\
    9cb96a22c4f762cda9e7afc8b168c26febdfe0245535e9749c849b10f3b2490a744708cad21ad9db1f34f34ded4a9467\
    cf09b8285bf1a253899e83f2f442906346c443e8fbe6118b015beee017233551";
/// Octets of the modulus.
const SIZE: usize = 128;
/// DER of DigestInfo before a SHA-256 digest (RFC 8017 §9.2, note 1).
const DIGEST_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

static KEY: LazyLock<(BigUint, BigUint)> = LazyLock::new(|| (number(MODULUS), number(PRIVATE_EXPONENT)));
static PUBLIC_DER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    // RSAPublicKey (RFC 8017 §A.1.1): the modulus with a leading zero, and the exponent 65537.
    let mut der = vec![0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00];
    der.extend(KEY.0.to_bytes_be());
    der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
    der
});

/// The public half, for a certificate.
pub(crate) fn public_key() -> impl PublicKeyData {
    WeakPublicKey
}

struct WeakPublicKey;

impl PublicKeyData for WeakPublicKey {
    fn der_bytes(&self) -> &[u8] {
        &PUBLIC_DER
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// The private half, for a TLS server.
#[derive(Debug)]
pub(crate) struct WeakKey;

impl SigningKey for WeakKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let known = [SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256];
        let scheme = known.into_iter().find(|scheme| offered.contains(scheme))?;
        Some(Box::new(WeakSigner(scheme)))
    }

    fn algorithm(&self) -> rustls::SignatureAlgorithm {
        rustls::SignatureAlgorithm::RSA
    }
}

#[derive(Debug)]
struct WeakSigner(SignatureScheme);

impl Signer for WeakSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let padded = match self.0 {
            SignatureScheme::RSA_PSS_SHA256 => pss(message),
            _ => pkcs1(message),
        };
        let signature = BigUint::from_bytes_be(&padded).modpow(&KEY.1, &KEY.0).to_bytes_be();
        let mut full = vec![0; SIZE.saturating_sub(signature.len())];
        full.extend(signature);
        Ok(full)
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

/// RFC 8017 §9.2.
fn pkcs1(message: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(message);
    let mut padded = vec![0x00, 0x01];
    padded.resize(SIZE - DIGEST_INFO.len() - digest.len() - 1, 0xff);
    padded.push(0x00);
    padded.extend(DIGEST_INFO);
    padded.extend(digest);
    padded
}

/// RFC 8017 §9.1.1, with a salt that is derived from the message.
fn pss(message: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(message);
    let salt = Sha256::digest(digest);
    let inner = Sha256::new().chain_update([0; 8]).chain_update(digest).chain_update(salt).finalize();
    let mut block = vec![0; SIZE - inner.len() - salt.len() - 2];
    block.push(0x01);
    block.extend(salt);
    let mask = (0_u32..).flat_map(|counter| {
        Sha256::new().chain_update(inner).chain_update(counter.to_be_bytes()).finalize().to_vec()
    });
    block.iter_mut().zip(mask).for_each(|(octet, mask)| *octet ^= mask);
    // 1023 bits of message for a modulus of 1024: the highest bit is clear.
    if let Some(first) = block.first_mut() {
        *first &= 0x7f;
    }
    block.extend(inner);
    block.push(0xbc);
    block
}

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_private_half_signs_the_public_half_opens() {
        for scheme in [SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256] {
            let signature = WeakSigner(scheme).sign(b"words").unwrap();
            let opened =
                BigUint::from_bytes_be(&signature).modpow(&BigUint::from(65537_u32), &KEY.0).to_bytes_be();
            let padded =
                if scheme == SignatureScheme::RSA_PSS_SHA256 { pss(b"words") } else { pkcs1(b"words") };
            assert_eq!(BigUint::from_bytes_be(&opened), BigUint::from_bytes_be(&padded));
        }
    }
}
