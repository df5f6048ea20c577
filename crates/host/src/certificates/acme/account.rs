//! Our account with an authority, and what the authority says of itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use database::Lease;
use hyper::Request;
use instant_acme::{Account, AccountCredentials, BodyWrapper, NewAccount};
use jiff::Timestamp;
use outside::Roots;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::again;
use super::transport::{Said, Transport};
use super::trouble::{Kind, Trouble};
use crate::certificates::{Store, StoreError};

/// Names by which an authority calls itself that are kept. Let's Encrypt has one.
const MAX_IDENTITIES: usize = 16;
/// Octets of one of them.
const MAX_IDENTITY: usize = 255;

/// Which authority, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcmeSettings {
    /// The URL of its directory (RFC 8555 §7.1.1).
    pub directory: String,
    /// Where it may write to us, as `mailto:` URLs. May be empty.
    pub contacts: Vec<String>,
    /// Which roots its own certificate must lead to.
    pub roots: Roots,
    /// The profile of certificates to be ordered, if it has several.
    pub profile: Option<String>,
}

/// An authority that we have an account with.
#[derive(Clone)]
pub struct Authority {
    pub(crate) account: Account,
    said: Arc<Said>,
    /// The names by which it calls itself in CAA records; empty when it does not say.
    identities: Arc<[String]>,
    profile: Option<String>,
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub enum Reached {
    /// The settings cannot be used.
    #[error(transparent)]
    Setup(#[from] outside::SetupError),
    /// It could not be kept or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority does not give one, or does not answer.
    #[error("{0}; see --acme-directory")]
    Authority(#[from] Trouble),
}

/// What of the directory the library does not hand on (RFC 8555 §9.7.6).
#[derive(Default, Deserialize)]
struct Directory {
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default, rename = "caaIdentities")]
    caa_identities: Vec<String>,
}

impl Authority {
    /// Opens the account that is kept, or makes one and keeps it. By making one the operator agrees to the authority's
    /// terms of service.
    ///
    /// # Errors
    /// [`Reached`].
    pub async fn open(
        settings: &AcmeSettings,
        store: &Store,
        now: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<Self, Reached> {
        let transport = Transport::new(settings.roots.verifying_client()?);
        let directory = directory(&transport, &settings.directory).await?;
        let account = match store.account(&settings.directory).await? {
            Some(kept) => restore(&transport, &kept).await?,
            None => {
                let (account, kept) = create(&transport, settings).await?;
                store.keep_account(&settings.directory, &kept, now, lease).await?;
                account
            }
        };
        let mut identities = directory.meta.caa_identities;
        identities.retain(|identity| identity.len() <= MAX_IDENTITY);
        identities.truncate(MAX_IDENTITIES);
        Ok(Self {
            account,
            said: transport.said(),
            identities: identities.into(),
            profile: settings.profile.clone(),
        })
    }

    /// The URL of our account: what `accounturi` in a CAA record names (RFC 8657 §3).
    #[must_use]
    pub fn account_url(&self) -> &str {
        self.account.id()
    }

    /// The names by which it calls itself in CAA records; empty when it does not say.
    #[must_use]
    pub fn identities(&self) -> &[String] {
        &self.identities
    }

    /// How long it last asked us to wait.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.said.wait()
    }

    /// The profile to be ordered.
    pub(super) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }
}

async fn directory(transport: &Transport, url: &str) -> Result<Directory, Trouble> {
    let request = Request::builder().uri(url).body(BodyWrapper::<Bytes>::default());
    let request =
        request.map_err(|error| Trouble::new(Kind::Account, format!("{url:?} is no URL: {error}")))?;
    let mut answer = transport.ask(request).await.map_err(|error| Trouble::of(&error))?;
    let nonsense =
        |why: String| Trouble::new(Kind::Nonsense, format!("{url} is no directory of an authority: {why}"));
    if !answer.parts.status.is_success() {
        return Err(nonsense(format!("HTTP status {}", answer.parts.status)));
    }
    let body = answer.body.into_bytes().await.map_err(|error| nonsense(error.to_string()))?;
    serde_json::from_slice(&body).map_err(|error| nonsense(error.to_string()))
}

async fn restore(transport: &Transport, kept: &[u8]) -> Result<Account, Trouble> {
    let damaged = |_| Trouble::new(Kind::Account, "what is kept of the account cannot be read");
    let credentials: AccountCredentials = serde_json::from_slice(kept).map_err(damaged)?;
    let builder = Account::builder_with_http(Box::new(transport.clone()));
    builder.from_credentials(credentials).await.map_err(|error| Trouble::of(&error))
}

async fn create(
    transport: &Transport,
    settings: &AcmeSettings,
) -> Result<(Account, Zeroizing<Vec<u8>>), Trouble> {
    let contacts: Vec<&str> = settings.contacts.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &contacts, terms_of_service_agreed: true, only_return_existing: false };
    let made = again!(Account::builder_with_http(Box::new(transport.clone())).create(
        &new,
        settings.directory.clone(),
        None
    ));
    let (account, credentials) = made.map_err(|error| Trouble::of(&error))?;
    let kept = serde_json::to_vec(&credentials)
        .map_err(|error| Trouble::new(Kind::Account, format!("the account cannot be kept: {error}")))?;
    Ok((account, Zeroizing::new(kept)))
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("account", &self.account_url()).finish_non_exhaustive()
    }
}
