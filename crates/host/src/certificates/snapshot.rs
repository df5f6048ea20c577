//! What the door shows: every certificate, in memory.

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::Mutex;

use super::challenges::ACME_TLS;
use super::hot::Hot;
use super::own_files::OwnFiles;
use super::packed::{Chains, Packed, purpose};
use super::store::{Asked, Kept, PAGE, Store, StoreError};
use super::{Challenges, Issued, SealFault, Sealer};
use crate::Directory;

/// Every certificate that the door shows, by name. Read in each handshake without a lock, a database or an authority:
/// a name that is not here is refused, whoever asks for it and however often.
pub struct Certificates {
    names: Directory<Arc<Packed>>,
    own: ArcSwap<OwnFiles>,
    challenges: Challenges,
    hot: Hot,
    chains: Chains,
    sealer: Arc<Sealer>,
    provider: Arc<CryptoProvider>,
    /// The change that the database was followed up to.
    seen: Mutex<i64>,
}

impl Certificates {
    /// None yet. Keys are opened with `sealer`.
    #[must_use]
    pub fn new(sealer: Arc<Sealer>) -> Self {
        Self {
            names: Directory::new(),
            own: ArcSwap::default(),
            challenges: Challenges::default(),
            hot: Hot::new(),
            chains: Chains::default(),
            sealer,
            provider: Arc::new(aws_lc_rs::default_provider()),
            seen: Mutex::new(0),
        }
    }

    /// Shows this from now on for `name`, in lower case, without a database.
    ///
    /// # Errors
    /// [`SealFault`] when its key cannot be sealed.
    pub fn put(&self, name: &str, issued: &Issued) -> Result<(), SealFault> {
        let sealed = self.sealer.seal(&purpose(name, &issued.facts().serial), issued.key())?;
        let packed = Packed::new(issued.leaf(), &sealed, issued.issuers().into());
        self.names.put(name, Arc::new(packed.map_err(|_| SealFault::Damaged(name.to_owned()))?));
        Ok(())
    }

    /// Shows what is kept now. The first time that is everything, afterwards what changed since; to be called by each node
    /// every second or whenever it hears of a change. Gives the number of names that changed.
    ///
    /// # Errors
    /// [`StoreError`]: then what was shown before is still shown, and the next call tries again.
    pub async fn follow(&self, store: &Store) -> Result<usize, StoreError> {
        // Held meanwhile, so that no older state is put in place of a newer one.
        let mut seen = self.seen.lock().await;
        let revision = store.revision().await?;
        if revision == *seen {
            return Ok(0);
        }
        let (mut all, mut after, mut changed) = (Vec::new(), String::new(), 0);
        loop {
            let page = store.changed(*seen, &after).await?;
            let is_last = page.len() < PAGE;
            if let Some(last) = page.last() {
                after.clone_from(&last.name);
            }
            changed += page.len();
            for kept in page {
                match self.pack(kept, store).await? {
                    (name, Some(packed)) if *seen == 0 => all.push((name, packed)),
                    (name, Some(packed)) => self.names.put(&name, packed),
                    (name, None) => {
                        self.names.remove(&name);
                    }
                }
            }
            if is_last {
                break;
            }
        }
        if *seen == 0 {
            self.names.fill(all);
        }
        for Asked { name, answer } in store.asked(*seen).await? {
            changed += 1;
            let put = answer.map(|(method, token, answer)| {
                self.challenges.put(&name, method, &token, &answer, &self.provider)
            });
            if !matches!(put, Some(Ok(()))) {
                self.challenges.remove(&name);
            }
        }
        *seen = revision;
        Ok(changed)
    }

    /// Shows nothing any more for a name.
    pub fn remove(&self, name: &str) {
        self.names.remove(name);
    }

    /// Whether there is a certificate for exactly this name, not counting the operator's own files.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// How many names have a certificate, not counting the operator's own files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no name has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Puts the operator's own files in place of those that were there.
    pub fn bring(&self, own: OwnFiles) {
        self.own.store(Arc::new(own));
    }

    /// The operator's own files.
    #[must_use]
    pub fn own(&self) -> Arc<OwnFiles> {
        self.own.load_full()
    }

    /// What authorities are answered.
    #[must_use]
    pub const fn challenges(&self) -> &Challenges {
        &self.challenges
    }

    /// What signs and verifies here.
    #[must_use]
    pub const fn provider(&self) -> &Arc<CryptoProvider> {
        &self.provider
    }

    /// What a handshake that begins so is shown. `None`: no such name here, and the handshake ends.
    #[must_use]
    pub fn for_hello(&self, hello: &ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?;
        // RFC 8737 §3: an authority offers this protocol and no other; what it is shown is for nobody else.
        let mut protocols = hello.alpn().into_iter().flatten();
        if protocols.next() == Some(ACME_TLS) && protocols.next().is_none() {
            return self.challenges.tls_alpn01(&lower(name));
        }
        self.for_name(name)
    }

    /// The certificate for a name, in whatever case.
    #[must_use]
    pub fn for_name(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let name = lower(name);
        let Some(packed) = self.names.get(&name) else { return self.own.load().get(&name).cloned() };
        let ready = self.hot.ready(&name, &packed, || packed.unpack(&name, &self.sealer, &self.provider));
        match ready {
            Ok(certified) => Some(certified),
            Err(why) => {
                tracing::error!(name = name.as_ref(), %why, "the certificate kept for this name cannot be used");
                self.own.load().get(&name).cloned()
            }
        }
    }

    /// `None`: there is none any more, or what is kept is no certificate.
    async fn pack(&self, kept: Kept, store: &Store) -> Result<(String, Option<Arc<Packed>>), StoreError> {
        let Kept { name, leaf, sealed, chain } = kept;
        if leaf.is_empty() {
            return Ok((name, None));
        }
        let issuers = match self.chains.known(&chain) {
            Some(known) => known,
            None => self.chains.learn(&chain, store.chain(&chain).await?),
        };
        Ok((name, Packed::new(&leaf, &sealed, issuers).ok().map(Arc::new)))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.for_hello(&hello)
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|octet| octet.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates").field("names", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LocalAuthority, Method, SealingKey};
    use super::*;

    fn certificates() -> Certificates {
        let key = SealingKey::generate().unwrap();
        Certificates::new(Arc::new(Sealer::new(&key, &[]).unwrap()))
    }

    #[test]
    fn names_have_their_own_certificates_and_others_none() {
        let certificates = certificates();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let authority = LocalAuthority::generate(now).unwrap();
        for name in ["mta-sts.a.example", "mta-sts.b.example"] {
            let issued = authority.issue(name, now, certificates.provider()).unwrap();
            assert!(issued.facts().covers(name) && !issued.facts().covers("c.example"));
            certificates.put(name, &issued).unwrap();
            let shown = certificates.for_name(&name.to_ascii_uppercase()).unwrap();
            assert_eq!(&shown.cert[0], issued.leaf());
            assert!(Arc::ptr_eq(&shown, &certificates.for_name(name).unwrap()), "kept ready");
        }
        assert!(certificates.for_name("mta-sts.c.example").is_none());
        assert!(certificates.for_name("a.example").is_none());
        let renewed = authority.issue("mta-sts.a.example", now, certificates.provider()).unwrap();
        certificates.put("mta-sts.a.example", &renewed).unwrap();
        assert_eq!(&certificates.for_name("mta-sts.a.example").unwrap().cert[0], renewed.leaf());
        certificates.remove("mta-sts.a.example");
        assert!(certificates.for_name("mta-sts.a.example").is_none());
        assert_eq!(certificates.len(), 1);
    }

    #[test]
    fn a_key_that_cannot_be_opened_is_no_certificate() {
        let (one, other) = (certificates(), certificates());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let issued =
            LocalAuthority::generate(now).unwrap().issue("mta-sts.a.example", now, one.provider()).unwrap();
        let sealed = other.sealer.seal(&purpose("mta-sts.a.example", &issued.facts().serial), issued.key());
        let packed = Packed::new(issued.leaf(), &sealed.unwrap(), issued.issuers().into()).unwrap();
        one.names.put("mta-sts.a.example", Arc::new(packed));
        assert!(one.for_name("mta-sts.a.example").is_none());
    }

    #[test]
    fn challenges_are_for_authorities_alone() {
        let certificates = certificates();
        let (name, provider) = ("mta-sts.a.example", certificates.provider());
        let challenges = certificates.challenges();
        challenges.put(name, Method::Http01, "token", "token.thumb", provider).unwrap();
        assert_eq!(challenges.http01(name, "token").as_deref(), Some("token.thumb"));
        assert_eq!(challenges.http01(name, "other"), None);
        assert_eq!(challenges.http01("mta-sts.b.example", "token"), None);
        challenges.put(name, Method::TlsAlpn01, "token", "token.thumb", provider).unwrap();
        assert!(challenges.tls_alpn01(name).is_some());
        assert_eq!(challenges.http01(name, "token"), None, "one challenge at a time");
        assert!(certificates.for_name(name).is_none(), "no challenge is shown to anyone else");
        challenges.remove(name);
        assert!(challenges.tls_alpn01(name).is_none());
    }
}
