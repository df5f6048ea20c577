//! Signature algorithms that no longer protect, so that chains made with them are still followed to their end and
//! judged by what they say, not called unreadable. Nothing is ever trusted because of them.

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters, UnparsedPublicKey,
};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

/// sha1WithRSAEncryption (RFC 3279 §2.2.1): its object identifier and NULL.
const SHA1_WITH_RSA: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00,
]);

/// RSA keys from 1024 bits up, SHA-1 included. To be tried after the library's own list.
pub(super) static WEAK: &[&dyn SignatureVerificationAlgorithm] = &[
    &Weak { signature: SHA1_WITH_RSA, parameters: &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY },
    &Weak {
        signature: alg_id::RSA_PKCS1_SHA256,
        parameters: &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    },
    &Weak {
        signature: alg_id::RSA_PKCS1_SHA512,
        parameters: &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    },
];

#[derive(Debug)]
struct Weak {
    signature: AlgorithmIdentifier,
    parameters: &'static RsaParameters,
}

impl SignatureVerificationAlgorithm for Weak {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.parameters, key).verify(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
