//! What the machine decided, in the database.

use jiff::{SignedDuration, Timestamp};
use outside::Served;
use protocol::Domain;

use super::hosted::HostedDomain;
use super::kept::{self, Kept, hosted_columns, millis};
use super::machine::Step;
use super::refused::DomainsError;
use super::state::DomainState;
use super::store::{Domains, find, next_revision, put};

/// The oldest proof that is taken: see [`Announcer::announce`](crate::Announcer::announce).
const OLDEST_PROOF: SignedDuration = SignedDuration::from_secs(60);

/// A domain whose time has come.
#[derive(Debug, Clone)]
pub struct Due {
    /// As it is in the database.
    pub hosted: HostedDomain,
    revision: i64,
}

impl Domains {
    /// Domains whose time has come, the longest waiting first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Due>, DomainsError> {
        const SQL: &str = concat!(
            "SELECT ",
            hosted_columns!(),
            " FROM host_domains WHERE wake <= $1 ORDER BY wake LIMIT $2"
        );
        let rows = self.database.fetch(SQL, &[millis(now).into(), limit.into()]).await?;
        let due = |Kept { hosted, revision }: Kept| Due { hosted, revision };
        rows.iter().map(|row| kept::hosted(row).map(due)).collect()
    }

    /// One domain, whether its time has come or not.
    ///
    /// # Errors
    /// [`DomainsError::Unknown`], and what the database says.
    pub async fn due_one(&self, domain: &Domain) -> Result<Due, DomainsError> {
        const SQL: &str = concat!("SELECT ", hosted_columns!(), " FROM host_domains WHERE domain = $1");
        let row = self.database.fetch_optional(SQL, &[domain.as_str().into()]).await?;
        let row = row.ok_or_else(|| DomainsError::Unknown(domain.clone()))?;
        kept::hosted(&row).map(|Kept { hosted, revision }| Due { hosted, revision })
    }

    /// Has a domain looked at as soon as possible.
    ///
    /// # Errors
    /// What the database says.
    pub async fn wake(&self, domain: &Domain, now: Timestamp) -> Result<(), DomainsError> {
        let mut open = self.database.begin().await?;
        let sql = "UPDATE host_domains SET wake = $2 WHERE domain = $1 AND wake > $2";
        open.execute(sql, &[domain.as_str().into(), millis(now).into()]).await?;
        Ok(open.commit().await?)
    }

    /// Keeps what was decided about a domain; false when it was changed since it was read, so that it must be decided
    /// anew.
    ///
    /// # Errors
    /// What the database says.
    pub async fn stepped(&self, due: &Due, step: &Step, now: Timestamp) -> Result<bool, DomainsError> {
        let mut hosted = due.hosted.clone();
        let was_served = hosted.state.is_served();
        if hosted.state != step.state {
            hosted.state = step.state;
            hosted.since = now;
        }
        if step.state == DomainState::Live && hosted.live.is_none() {
            hosted.live = Some(now);
        }
        hosted.verified = step.verified;
        hosted.because = step.because.iter().map(ToString::to_string).collect();
        hosted.wake = step.wake;
        let matters = was_served != step.state.is_served();
        let mut open = self.database.begin().await?;
        // First of all, so that nobody changes the domain between the reading and the writing.
        let next = next_revision(&mut open).await?;
        let found = find(&mut open, &hosted.domain).await?;
        if found.is_none_or(|found| found.revision != due.revision) {
            return Ok(false);
        }
        put(&mut open, &hosted, if matters { next } else { due.revision }).await?;
        open.commit().await?;
        Ok(true)
    }

    /// Lets our DNS answer the id of a version, with the proof that its policy is served everywhere. False when the proof
    /// is of another policy or older than a minute, or when another version has taken the place of this one since.
    ///
    /// # Errors
    /// What the database says.
    pub async fn announce(
        &self,
        served: &Served,
        domain: &Domain,
        version: u32,
        now: Timestamp,
    ) -> Result<bool, DomainsError> {
        let body = self.version(domain, version).await?.body;
        let age = served.age(now).abs();
        if served.domain() != domain || *served.body_sha256() != body.body_sha256() || OLDEST_PROOF < age {
            return Ok(false);
        }
        self.mark_announced(domain, version, now, true).await
    }

    /// Keeps that the id of a version was seen in the domain's record.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note_announced(
        &self,
        domain: &Domain,
        version: u32,
        now: Timestamp,
    ) -> Result<bool, DomainsError> {
        self.mark_announced(domain, version, now, false).await
    }

    async fn mark_announced(
        &self,
        domain: &Domain,
        version: u32,
        now: Timestamp,
        by_us: bool,
    ) -> Result<bool, DomainsError> {
        let mut open = self.database.begin().await?;
        let revision = next_revision(&mut open).await?;
        let Some(kept) = find(&mut open, domain).await? else {
            return Err(DomainsError::Unknown(domain.clone()));
        };
        if kept.hosted.current != Some(version) {
            return Ok(false);
        }
        let sql = "UPDATE host_policy_versions SET announced = $3
                   WHERE domain = $1 AND number = $2 AND announced IS NULL";
        let values = [domain.as_str().into(), version.into(), millis(now).into()];
        open.execute(sql, &values).await?;
        if by_us {
            let hosted = HostedDomain { announced: Some(version), ..kept.hosted };
            put(&mut open, &hosted, revision).await?;
        }
        open.commit().await?;
        Ok(true)
    }
}
