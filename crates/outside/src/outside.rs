//! The window itself.

use std::sync::{Arc, PoisonError, RwLock};

use protocol::Domain;
use protocol::observed::Evidence;

use crate::certificate::RootSet;
use crate::dns::Resolver;
use crate::served::{NotServed, Served};
use crate::survey::Survey;
use crate::tls::Handshake;
use crate::visits::Visits;
use crate::watcher::Watcher;
use crate::{Clock, Exclusion, Settings, SetupError};

/// Looks at domains. Cheap to clone; the clones share the resolver's connections and what is known of DNSSEC keys.
#[derive(Clone)]
pub struct Outside(Arc<Inner>);

struct Inner {
    /// Of the looks that begin from now on.
    settings: RwLock<Arc<Settings>>,
    clock: Clock,
    roots: RootSet,
    resolver: Resolver,
    handshake: Handshake,
}

impl Outside {
    /// Gets ready to look; nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError`] when the settings cannot be used; its message says what, where, and how to mend it.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, SetupError> {
        let roots = RootSet::load(&settings.roots)?;
        let resolver = Resolver::new(&settings, &roots, &clock)?;
        Ok(Self(Arc::new(Inner {
            settings: RwLock::new(Arc::new(settings)),
            clock,
            roots,
            resolver,
            handshake: Handshake::new(),
        })))
    }

    /// Looks at a domain as its profile says, everything in parallel that does not depend on something else. Never
    /// fails and never takes longer than [`Limits::total`](crate::Limits::total): what was not seen is
    /// [`NotTested`](protocol::observed::NotTested), with the reason. Must be called within a tokio runtime.
    #[tracing::instrument(name = "check", skip_all, fields(domain = domain.as_str()))]
    pub async fn survey(&self, domain: &Domain, watcher: &Watcher) -> Evidence {
        let Inner { clock, roots, resolver, handshake, .. } = self.0.as_ref();
        let settings = &self.settings();
        Survey::begin(settings, clock, roots, resolver, handshake, domain, watcher).run().await
    }

    /// Asks every address (A and AAAA) of the domain's policy host for the policy and compares: status 200, a
    /// certificate that senders accept, `text/plain`, and exactly the octets of `body`. With
    /// [`Families::V4`](crate::Families::V4) or `V6` the other family is left out.
    ///
    /// # Errors
    /// [`NotServed`] says what each address lacks. A look that is not complete proves nothing: an address that this
    /// machine cannot reach stands in the way as much as one that serves something else.
    #[tracing::instrument(name = "confirm_served", skip_all, fields(domain = domain.as_str()))]
    pub async fn confirm_served(
        &self,
        domain: &Domain,
        body: &[u8],
        watcher: &Watcher,
    ) -> Result<Served, NotServed> {
        let Inner { clock, roots, resolver, handshake, .. } = self.0.as_ref();
        let settings = &self.settings();
        let survey = Survey::begin(settings, clock, roots, resolver, handshake, domain, watcher);
        Ok(Served::new(domain, body, survey.confirm(body).await?))
    }

    /// The same, as one of many looks that share what they see of mail hosts and take turns at each address. Its time
    /// ([`Limits::total`](crate::Limits::total)) stands still while it waits for a turn, and a visit to an MX host has
    /// a time of its own, as long, from when its turn comes: politeness makes no look poorer, but it makes the whole
    /// take longer.
    #[tracing::instrument(name = "check", skip_all, fields(domain = domain.as_str()))]
    pub async fn survey_sharing(&self, domain: &Domain, watcher: &Watcher, visits: &Visits) -> Evidence {
        let Inner { clock, roots, resolver, handshake, .. } = self.0.as_ref();
        let settings = &self.settings();
        let survey = Survey::begin(settings, clock, roots, resolver, handshake, domain, watcher);
        survey.sharing(visits).run().await
    }

    /// Excludes these from now on, in place of those that were excluded before. A look that has begun goes on as it
    /// began.
    pub fn exclude(&self, exclusion: Exclusion) {
        let mut settings = self.0.settings.write().unwrap_or_else(PoisonError::into_inner);
        *settings = Arc::new(Settings { exclusion, ..Settings::clone(&settings) });
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.settings.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").field("settings", &self.settings()).finish_non_exhaustive()
    }
}
