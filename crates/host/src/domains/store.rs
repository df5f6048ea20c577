//! Hosted domains and their versions, in the database.

use database::{Database, Transaction, Value};
use jiff::{SignedDuration, Timestamp};
use protocol::Domain;
use protocol::sts::PolicyText;

use super::hosted::HostedDomain;
use super::identifier;
use super::kept::{self, Kept, hosted_columns, millis, number, number_or_null, or_null, version_columns};
use super::label::Label;
use super::owner::Owner;
use super::refused::DomainsError;
use super::retirement;
use super::state::DomainState;
use super::tables::MIGRATIONS;
use super::version::PolicyVersion;

/// How long a domain is kept for an owner who has not shown to be the owner, when somebody else asks for it.
const CLAIM: SignedDuration = SignedDuration::from_hours(72);
/// The most versions read at once; far above what people make of one policy.
const MAX_VERSIONS: u32 = 10_000;

/// Hosted domains and their versions. Cheap to clone; what one node writes, the others read.
#[derive(Debug, Clone)]
pub struct Domains {
    pub(super) database: Database,
}

/// Who changes something, and why; kept with the version.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who, as the face that they came through knows them.
    pub author: &'a str,
    /// Why, in their words; may be empty.
    pub reason: &'a str,
}

/// A domain to be taken in.
#[derive(Debug, Clone)]
pub struct NewDomain {
    /// Its name.
    pub domain: Domain,
    /// Whom it belongs to.
    pub owner: Owner,
    /// Its first policy, if it is known already.
    pub policy: Option<PolicyText>,
    /// Its TLSRPT record, if we shall answer for that too.
    pub tlsrpt: Option<String>,
    /// How many domains the owner may have (R72); `None`: any number.
    pub quota: Option<u32>,
}

/// Which domains to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this owner alone.
    pub owner: Option<Owner>,
    /// In this state alone.
    pub state: Option<DomainState>,
    /// Only those behind this one, in the order of their names: the last one of the page before.
    pub after: Option<Domain>,
    /// At most this many.
    pub limit: u32,
}

/// A policy to take the place of the one that is served.
#[derive(Debug, Clone)]
pub struct Change {
    /// The policy.
    pub body: PolicyText,
    /// The version that the author looked at, if they did.
    pub expected: Option<u32>,
    /// The version that it repeats, when it is a rollback.
    pub back_to: Option<u32>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The version before.
    pub before: Option<PolicyVersion>,
    /// The version that is served now: the same as before when the policy is the same.
    pub now: PolicyVersion,
}

impl Domains {
    /// Opens the tables, and makes them if they are not there.
    ///
    /// # Errors
    /// [`DomainsError::Database`].
    pub async fn open(database: Database) -> Result<Self, DomainsError> {
        MIGRATIONS.run(&database).await?;
        Ok(Self { database })
    }

    /// Takes a domain in.
    ///
    /// # Errors
    /// [`DomainsError::Exists`] and [`DomainsError::Quota`], and what the database says.
    pub async fn add(
        &self,
        new: NewDomain,
        by: By<'_>,
        now: Timestamp,
    ) -> Result<HostedDomain, DomainsError> {
        let mut open = self.database.begin().await?;
        let revision = next_revision(&mut open).await?;
        let there = find(&mut open, &new.domain).await?.map(|kept| kept.hosted);
        if there.as_ref().is_some_and(|there| !is_free(there, &new.owner, now)) {
            return Err(DomainsError::Exists(new.domain));
        }
        if let Some(allowed) = new.quota {
            let count =
                "SELECT COUNT(*) FROM host_domains WHERE owner = $1 AND state <> 'retired' AND domain <> $2";
            let values = [new.owner.as_str().into(), new.domain.as_str().into()];
            let has = open.fetch(count, &values).await?.first().map_or(Ok(0), |row| row.count(0))?;
            if has >= allowed.into() {
                return Err(DomainsError::Quota { owner: new.owner.to_string(), allowed });
            }
        }
        let (label, token) = (Label::fresh()?, Label::fresh()?);
        if let Some(there) = &there {
            let ended = "UPDATE host_labels SET ended = $1 WHERE label = $2";
            open.execute(ended, &[millis(now).into(), there.label.as_str().into()]).await?;
        }
        let insert = "INSERT INTO host_labels (label, domain, owner, since) VALUES ($1, $2, $3, $4)";
        let values = [
            label.as_str().into(),
            new.domain.as_str().into(),
            new.owner.as_str().into(),
            millis(now).into(),
        ];
        open.execute(insert, &values).await?;
        let current = match &new.policy {
            Some(body) => Some(add_version(&mut open, &new.domain, body, None, by, now).await?.number),
            None => there.as_ref().and_then(|there| there.current),
        };
        let hosted = HostedDomain {
            state: match (new.owner.is_operator(), current) {
                (false, _) => DomainState::OwnershipPending,
                (true, None) => DomainState::Draft,
                (true, Some(_)) => DomainState::DnsPending,
            },
            domain: new.domain,
            owner: new.owner,
            label,
            token,
            since: now,
            added: now,
            verified: None,
            live: None,
            served_until: None,
            current,
            announced: None,
            tlsrpt: new.tlsrpt,
            wake: now,
            because: Vec::new(),
        };
        put(&mut open, &hosted, revision).await?;
        open.commit().await?;
        Ok(hosted)
    }

    /// One domain; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`DomainsError::Unknown`], and what the database says.
    pub async fn get(&self, domain: &Domain, owner: Option<&Owner>) -> Result<HostedDomain, DomainsError> {
        const SQL: &str = concat!("SELECT ", hosted_columns!(), " FROM host_domains WHERE domain = $1");
        let row = self.database.fetch_optional(SQL, &[domain.as_str().into()]).await?;
        let kept = row.as_ref().map(kept::hosted).transpose()?;
        theirs(kept, domain, owner).map(|kept| kept.hosted)
    }

    /// Domains by name, a page of them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<HostedDomain>, DomainsError> {
        const SQL: &str = concat!(
            "SELECT ",
            hosted_columns!(),
            " FROM host_domains WHERE domain > $1 AND ($2 = '' OR owner = $2) AND ($3 = '' OR state = $3)
             ORDER BY domain LIMIT $4"
        );
        let values = [
            filter.after.as_ref().map_or("", Domain::as_str).into(),
            filter.owner.as_ref().map_or("", Owner::as_str).into(),
            filter.state.map_or("", DomainState::as_str).into(),
            filter.limit.into(),
        ];
        let rows = self.database.fetch(SQL, &values).await?;
        rows.iter().map(|row| kept::hosted(row).map(|kept| kept.hosted)).collect()
    }

    /// How many domains there are in each state.
    ///
    /// # Errors
    /// What the database says.
    pub async fn counts(&self) -> Result<Vec<(DomainState, u64)>, DomainsError> {
        let rows =
            self.database.fetch("SELECT state, COUNT(*) FROM host_domains GROUP BY state", &[]).await?;
        let mut counts = Vec::new();
        for row in rows {
            let state = row.text(0)?;
            let read = state.parse().map_err(|_| DomainsError::Kept(format!("the state {state}")))?;
            counts.push((read, row.count(1)?));
        }
        counts.sort();
        Ok(counts)
    }

    /// All versions of a domain, the first one first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn history(&self, domain: &Domain) -> Result<Vec<PolicyVersion>, DomainsError> {
        const SQL: &str = concat!(
            "SELECT ",
            version_columns!(),
            " FROM host_policy_versions WHERE domain = $1 ORDER BY number LIMIT $2"
        );
        let rows = self.database.fetch(SQL, &[domain.as_str().into(), MAX_VERSIONS.into()]).await?;
        rows.iter().map(kept::version).collect()
    }

    /// One version of a domain.
    ///
    /// # Errors
    /// [`DomainsError::NoVersion`] says which there are; and what the database says.
    pub async fn version(&self, domain: &Domain, number: u32) -> Result<PolicyVersion, DomainsError> {
        let mut history = self.history(domain).await?;
        match history.iter().position(|version| version.number == number) {
            Some(at) => Ok(history.swap_remove(at)),
            None => {
                let known = match (history.first(), history.last()) {
                    (Some(first), Some(last)) if first.number == last.number => first.number.to_string(),
                    (Some(first), Some(last)) => format!("{} to {}", first.number, last.number),
                    _ => "none".to_owned(),
                };
                Err(DomainsError::NoVersion { domain: domain.clone(), number, known })
            }
        }
    }

    /// Puts a policy in the place of the one that is served. The same octets again are no change.
    ///
    /// # Errors
    /// [`DomainsError::Unknown`], [`DomainsError::Retired`] and [`DomainsError::Changed`], and what the database says.
    pub async fn change(
        &self,
        domain: &Domain,
        owner: Option<&Owner>,
        change: &Change,
        by: By<'_>,
        now: Timestamp,
    ) -> Result<Changed, DomainsError> {
        let mut open = self.database.begin().await?;
        let revision = next_revision(&mut open).await?;
        let mut hosted = theirs(find(&mut open, domain).await?, domain, owner)?.hosted;
        if hosted.state == DomainState::Retired {
            return Err(DomainsError::Retired(domain.clone()));
        }
        let before = last_version(&mut open, domain, hosted.current).await?;
        let found = hosted.current.unwrap_or_default();
        if let Some(expected) = change.expected.filter(|expected| *expected != found) {
            return Err(DomainsError::Changed { domain: domain.clone(), expected, found });
        }
        if let Some(same) = before.as_ref().filter(|before| before.body == change.body) {
            return Ok(Changed { now: same.clone(), before });
        }
        let made = add_version(&mut open, domain, &change.body, change.back_to, by, now).await?;
        hosted.current = Some(made.number);
        hosted.wake = now;
        if hosted.state == DomainState::Draft {
            hosted.state = DomainState::DnsPending;
            hosted.since = now;
        }
        put(&mut open, &hosted, revision).await?;
        open.commit().await?;
        Ok(Changed { before, now: made })
    }

    /// Says whether we answer for the domain's TLSRPT record, and with which text.
    ///
    /// # Errors
    /// [`DomainsError::Unknown`], and what the database says.
    pub async fn set_tlsrpt(
        &self,
        domain: &Domain,
        owner: Option<&Owner>,
        text: Option<String>,
    ) -> Result<(), DomainsError> {
        let mut open = self.database.begin().await?;
        let revision = next_revision(&mut open).await?;
        let mut hosted = theirs(find(&mut open, domain).await?, domain, owner)?.hosted;
        hosted.tlsrpt = text;
        put(&mut open, &hosted, revision).await?;
        Ok(open.commit().await?)
    }

    /// Ends a domain: mode none takes the place of its policy, and is served until nobody can hold an older one (RFC 8461
    /// §8.3). Gives back until when that is. Again changes nothing.
    ///
    /// # Errors
    /// [`DomainsError::Unknown`], and what the database says.
    pub async fn retire(
        &self,
        domain: &Domain,
        owner: Option<&Owner>,
        by: By<'_>,
        now: Timestamp,
    ) -> Result<HostedDomain, DomainsError> {
        let history = self.history(domain).await?;
        let mut open = self.database.begin().await?;
        let revision = next_revision(&mut open).await?;
        let mut hosted = theirs(find(&mut open, domain).await?, domain, owner)?.hosted;
        if hosted.state == DomainState::Retired {
            return Ok(hosted);
        }
        if hosted.current != history.last().map(|last| last.number) {
            let (expected, found) = (history.len(), hosted.current.unwrap_or_default());
            let expected = u32::try_from(expected).unwrap_or(u32::MAX);
            return Err(DomainsError::Changed { domain: domain.clone(), expected, found });
        }
        let was_served = hosted.is_served(now);
        if let Some(last) = history.last().filter(|_| was_served) {
            let body = retirement::last_policy(last.body.policy()).to_string();
            let body = kept::body_of(&last.id, &body)?;
            if body != last.body {
                hosted.current = Some(add_version(&mut open, domain, &body, None, by, now).await?.number);
            }
        }
        // Nobody got a policy from us while nothing was served.
        hosted.served_until = Some(if was_served { retirement::served_until(&history, now) } else { now });
        hosted.state = DomainState::Retired;
        hosted.since = now;
        hosted.wake = now;
        hosted.because = Vec::new();
        put(&mut open, &hosted, revision).await?;
        let ended = "UPDATE host_labels SET ended = $1 WHERE label = $2";
        open.execute(ended, &[millis(now).into(), hosted.label.as_str().into()]).await?;
        open.commit().await?;
        Ok(hosted)
    }
}

/// Whether somebody may take a domain that is known already.
fn is_free(there: &HostedDomain, owner: &Owner, now: Timestamp) -> bool {
    match there.state {
        DomainState::Retired => there.owner == *owner || !there.is_served(now),
        // Nobody keeps a domain by only asking for it.
        DomainState::OwnershipPending => {
            there.verified.is_none() && there.owner != *owner && CLAIM <= now.duration_since(there.added)
        }
        _ => false,
    }
}

/// The next number of a change. The row is locked until the transaction ends, so that changes happen one after another.
pub(super) async fn next_revision(open: &mut Transaction) -> Result<i64, DomainsError> {
    let next = "UPDATE host_revision SET number = number + 1 WHERE single = 1 RETURNING number";
    let row = open.fetch_optional(next, &[]).await?;
    row.ok_or_else(|| DomainsError::Kept("no count of changes".to_owned()))?.integer(0).map_err(Into::into)
}

pub(super) async fn find(open: &mut Transaction, domain: &Domain) -> Result<Option<Kept>, DomainsError> {
    const SQL: &str = concat!("SELECT ", hosted_columns!(), " FROM host_domains WHERE domain = $1");
    open.fetch_optional(SQL, &[domain.as_str().into()]).await?.as_ref().map(kept::hosted).transpose()
}

fn theirs(kept: Option<Kept>, domain: &Domain, owner: Option<&Owner>) -> Result<Kept, DomainsError> {
    kept.filter(|kept| owner.is_none_or(|owner| kept.hosted.owner == *owner))
        .ok_or_else(|| DomainsError::Unknown(domain.clone()))
}

async fn last_version(
    open: &mut Transaction,
    domain: &Domain,
    current: Option<u32>,
) -> Result<Option<PolicyVersion>, DomainsError> {
    const SQL: &str = concat!(
        "SELECT ",
        version_columns!(),
        " FROM host_policy_versions WHERE domain = $1 AND number = $2"
    );
    let Some(current) = current else { return Ok(None) };
    open.fetch_optional(SQL, &[domain.as_str().into(), current.into()])
        .await?
        .as_ref()
        .map(kept::version)
        .transpose()
}

async fn add_version(
    open: &mut Transaction,
    domain: &Domain,
    body: &PolicyText,
    back_to: Option<u32>,
    by: By<'_>,
    now: Timestamp,
) -> Result<PolicyVersion, DomainsError> {
    let known = "SELECT id, number, at FROM host_policy_versions WHERE domain = $1";
    let (mut ids, mut last, mut at) = (Vec::new(), 0, now);
    for row in open.fetch(known, &[domain.as_str().into()]).await? {
        ids.push(row.text(0)?);
        last = last.max(number(row.integer(1)?));
        // Versions follow one another, whatever the clock does: retirement counts on it.
        at = at.max(kept::time(row.integer(2)?));
    }
    let id = identifier::unused(now, |id| ids.iter().any(|used| used == id))
        .ok_or_else(|| DomainsError::NoId(domain.clone()))?;
    let made = PolicyVersion {
        number: last + 1,
        id,
        body: body.clone(),
        at,
        author: by.author.to_owned(),
        reason: by.reason.to_owned(),
        back_to,
        announced: None,
    };
    let insert = "INSERT INTO host_policy_versions (domain, number, id, body, at, author, reason, back_to)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values: [Value; 8] = [
        domain.as_str().into(),
        made.number.into(),
        made.id.as_str().into(),
        made.body.as_str().into(),
        millis(made.at).into(),
        made.author.as_str().into(),
        made.reason.as_str().into(),
        number_or_null(back_to),
    ];
    open.execute(insert, &values).await?;
    Ok(made)
}

pub(super) async fn put(
    open: &mut Transaction,
    hosted: &HostedDomain,
    revision: i64,
) -> Result<(), DomainsError> {
    let upsert = "INSERT INTO host_domains (domain, owner, label, token, state, since, added, verified, live,
                      served_until, current, announced, tlsrpt, wake, because, revision)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                  ON CONFLICT (domain) DO UPDATE SET owner = excluded.owner, label = excluded.label,
                      token = excluded.token, state = excluded.state, since = excluded.since, added = excluded.added,
                      verified = excluded.verified, live = excluded.live, served_until = excluded.served_until,
                      current = excluded.current, announced = excluded.announced, tlsrpt = excluded.tlsrpt,
                      wake = excluded.wake, because = excluded.because, revision = excluded.revision";
    let because =
        serde_json::to_string(&hosted.because).map_err(|error| DomainsError::Kept(error.to_string()))?;
    let values: [Value; 16] = [
        hosted.domain.as_str().into(),
        hosted.owner.as_str().into(),
        hosted.label.as_str().into(),
        hosted.token.as_str().into(),
        hosted.state.as_str().into(),
        millis(hosted.since).into(),
        millis(hosted.added).into(),
        or_null(hosted.verified),
        or_null(hosted.live),
        or_null(hosted.served_until),
        number_or_null(hosted.current),
        number_or_null(hosted.announced),
        Value::Text(hosted.tlsrpt.clone()),
        millis(hosted.wake).into(),
        because.into(),
        revision.into(),
    ];
    open.execute(upsert, &values).await?;
    Ok(())
}
