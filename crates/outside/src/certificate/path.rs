//! Paths from a leaf to a root, judged without regard to dates.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::identity::dns_id_matches;
use protocol::observed::{Certificate, PathFacts, PathResult, TlsFacts};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use super::facts::{self, parse};
use super::incomplete::{self, is_self_issued};
use super::legacy::WEAK;
use super::roots::RootSet;
use crate::tls::Session;

/// Issuer certificates seen anywhere in one look, which may complete the path of another server's leaf.
#[derive(Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<CertificateDer<'static>>>>);

/// Certificates kept in the pool: a look at the most hosts that we take sees fewer.
const MAX_POOL: usize = 256;

/// Everything about a session, with its certificates read and its path judged.
pub(crate) fn judge(session: Session, expected: &str, roots: &RootSet, pool: &Pool) -> TlsFacts {
    pool.add(session.chain.get(1..).unwrap_or_default());
    let certificates: Vec<Certificate> = session.chain.iter().map(|der| facts::read(der)).collect();
    let path = path_facts(&session.chain, &certificates, roots.anchors());
    TlsFacts {
        version: session.version,
        cipher: session.cipher,
        group: session.group,
        sni: session.sni,
        alpn: session.alpn,
        // RFC 8461 §3.3, §4.2: a dNSName of the subject alternative name must match.
        name_matches: certificates
            .first()
            .is_some_and(|leaf| leaf.dns_names.iter().any(|name| dns_id_matches(name, expected))),
        // RSA keys under 2048 bits cannot be checked by our library; that the key is too short is in its size.
        signature_valid: session.signature_valid
            || certificates.first().is_some_and(|leaf| leaf.key.algorithm == "RSA" && leaf.key.bits < 2048),
        certificates,
        path,
    }
}

/// The path of a chain of octets that came from anywhere.
pub(crate) fn chain_facts(chain: &[&[u8]], roots: &[TrustAnchor<'_>]) -> PathFacts {
    let certificates: Vec<Certificate> = chain.iter().map(|der| facts::read(der)).collect();
    let chain: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from_slice(der)).collect();
    path_facts(&chain, &certificates, roots)
}

fn path_facts(
    chain: &[CertificateDer<'_>],
    certificates: &[Certificate],
    roots: &[TrustAnchor<'_>],
) -> PathFacts {
    PathFacts { result: judge_path(chain, certificates, roots), anchors: sole_anchors(chain, certificates) }
}

impl Pool {
    /// Adds the issuers of a session that another look had.
    pub(crate) fn remember(&self, facts: &TlsFacts) {
        let issuers = facts.certificates.get(1..).unwrap_or_default();
        let issuers: Vec<_> = issuers.iter().map(|c| CertificateDer::from(c.der.clone())).collect();
        self.add(&issuers);
    }

    fn add(&self, issuers: &[CertificateDer<'static>]) {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for issuer in issuers {
            if pool.len() < MAX_POOL && !pool.contains(issuer) {
                pool.push(issuer.clone());
            }
        }
    }

    /// Looks again, at the end, at a session whose issuer was unknown: when a certificate sent by another server
    /// of the same look completes its path, this server forgot to send it (RFC 8446 §4.4.2; rule 27).
    pub(crate) fn reconsider(&self, facts: &mut TlsFacts, roots: &RootSet) {
        let PathResult::UnknownIssuer { issuer } = &facts.path.result else { return };
        let mut chain: Vec<CertificateDer<'_>> =
            facts.certificates.iter().map(|c| CertificateDer::from_slice(&c.der)).collect();
        let others = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let before = chain.len();
        chain.extend(
            others.into_iter().filter(|other| !facts.certificates.iter().any(|c| c.der == other.as_ref())),
        );
        if chain.len() > before && trusted(&chain, &moments(&facts.certificates), roots.anchors()).is_ok() {
            facts.path.result = PathResult::Incomplete { missing: issuer.clone() };
        }
    }
}

fn judge_path(
    chain: &[CertificateDer<'_>],
    certificates: &[Certificate],
    roots: &[TrustAnchor<'_>],
) -> PathResult {
    let error = match trusted(chain, &moments(certificates), roots) {
        Ok(()) => return PathResult::Trusted,
        Err(error) => error,
    };
    let Some(leaf) = chain.first().and_then(|der| parse(der)) else {
        return PathResult::Invalid("the certificate cannot be read".to_owned());
    };
    if is_self_issued(&leaf) {
        return PathResult::SelfSigned;
    }
    match error {
        webpki::Error::UnknownIssuer => incomplete::why(chain, roots),
        webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => PathResult::Invalid(
            "there is no moment at which all certificates of the chain are valid".to_owned(),
        ),
        other => PathResult::Invalid(words(&other)),
    }
}

/// What is wrong with a path, in words.
fn words(error: &webpki::Error) -> String {
    let text = match error {
        webpki::Error::BadDer | webpki::Error::TrailingData(_) => "a certificate is damaged",
        webpki::Error::CaUsedAsEndEntity => {
            "the server shows a certificate of a certification authority as its own"
        }
        webpki::Error::EndEntityUsedAsCa => "the issuing certificate may not issue certificates",
        webpki::Error::InvalidSignatureForPublicKey => "a signature in the chain is wrong",
        webpki::Error::NameConstraintViolation => "the issuer may not issue certificates for this name",
        webpki::Error::PathLenConstraintViolated => {
            "there are more issuers in the chain than one of them permits"
        }
        webpki::Error::RequiredEkuNotFoundContext(_) => "the certificate is not meant for servers",
        webpki::Error::UnsupportedSignatureAlgorithmContext(_)
        | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "a certificate in the chain is signed with an algorithm that senders no longer accept"
        }
        webpki::Error::UnsupportedCriticalExtension => {
            "a certificate has a critical extension that nobody knows"
        }
        webpki::Error::UnsupportedCertVersion => "a certificate is not of version 3",
        other => {
            let name = format!("{other:?}");
            let end = name.find([' ', '(', '{']).unwrap_or(name.len());
            return format!("the path is not valid ({})", name.get(..end).unwrap_or_default());
        }
    };
    text.to_owned()
}

/// Indexes of certificates that, taken as the sole trust anchor, give a path to the leaf (RFC 7672 §3.1.2).
fn sole_anchors(chain: &[CertificateDer<'_>], certificates: &[Certificate]) -> Vec<usize> {
    let moments = moments(certificates);
    chain
        .iter()
        .enumerate()
        .filter(|(_, der)| {
            webpki::anchor_from_trusted_cert(der)
                .is_ok_and(|anchor| trusted(chain, &moments, std::slice::from_ref(&anchor)).is_ok())
        })
        .map(|(index, _)| index)
        .collect()
}

/// Whether there is a path at one of the moments.
fn trusted(
    chain: &[CertificateDer<'_>],
    moments: &[UnixTime],
    roots: &[TrustAnchor<'_>],
) -> Result<(), webpki::Error> {
    let Some((leaf, issuers)) = chain.split_first() else { return Err(webpki::Error::BadDer) };
    let leaf = EndEntityCert::try_from(leaf)?;
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
        webpki::ALL_VERIFICATION_ALGS.iter().chain(WEAK).copied().collect();
    let mut last = Err(webpki::Error::UnknownIssuer);
    for moment in moments {
        let usage = KeyUsage::server_auth();
        last = leaf.verify_for_usage(&algorithms, roots, issuers, *moment, usage, None, None).map(|_| ());
        match &last {
            Err(webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. }) => {}
            _ => break,
        }
    }
    last
}

/// Moments at which a chain may be whole: the middle of the time that all of it shares, of what leaf and first
/// issuer share, and of the leaf's own time.
fn moments(certificates: &[Certificate]) -> Vec<UnixTime> {
    let shared = |count: usize| {
        let part = certificates.get(..count.min(certificates.len())).unwrap_or_default();
        let from = part.iter().map(|c| c.not_before).max()?.as_second();
        let until = part.iter().map(|c| c.not_after).min()?.as_second();
        let middle = u64::try_from(from.midpoint(until)).ok()?;
        (from <= until).then(|| UnixTime::since_unix_epoch(Duration::from_secs(middle)))
    };
    let mut moments: Vec<UnixTime> = [certificates.len(), 2, 1].into_iter().filter_map(shared).collect();
    if moments.is_empty() {
        moments.push(UnixTime::since_unix_epoch(Duration::ZERO));
    }
    moments
}
