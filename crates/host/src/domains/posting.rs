//! What the nodes serve, as it changes.

use jiff::Timestamp;
use protocol::Domain;

use super::kept::{self, millis};
use super::label::Label;
use super::refused::DomainsError;
use super::state::DomainState;
use super::store::Domains;

/// What is to be served for one domain from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The policy domain.
    pub domain: Domain,
    /// Its label below the service's name.
    pub label: Label,
    /// The policy and its id; `None`: nothing is served for it any more.
    pub policy: Option<(String, Vec<u8>)>,
    /// With [`DomainState::Retired`]: until when.
    pub until: Option<Timestamp>,
    /// The id that our DNS answers.
    pub announced: Option<String>,
    /// The TLSRPT record that our DNS answers.
    pub tlsrpt: Option<String>,
    /// The number of the change: those after it come with the next call.
    pub revision: i64,
}

impl Domains {
    /// What changed after `revision` (0: everything there is), in the order of the changes, at most `limit` of them. The
    /// caller goes on from the last one's number.
    ///
    /// # Errors
    /// What the database says.
    pub async fn postings(&self, revision: i64, limit: u32) -> Result<Vec<Posting>, DomainsError> {
        let sql =
            "SELECT d.domain, d.label, d.state, d.served_until, v.id, v.body, a.id, d.tlsrpt, d.revision
                   FROM host_domains d
                   LEFT JOIN host_policy_versions v ON v.domain = d.domain AND v.number = d.current
                   LEFT JOIN host_policy_versions a ON a.domain = d.domain AND a.number = d.announced
                   WHERE d.revision > $1 ORDER BY d.revision LIMIT $2";
        let rows = self.database.fetch(sql, &[revision.into(), limit.into()]).await?;
        let mut postings = Vec::with_capacity(rows.len());
        for row in &rows {
            let name = row.text(0)?;
            let unread = |what: &str| DomainsError::Kept(format!("{what} of {name}"));
            let state: DomainState = row.text(2)?.parse().map_err(|_| unread("the state"))?;
            let policy = match (row.text_or_null(4)?, row.text_or_null(5)?) {
                (Some(id), Some(body)) if state.is_served() => Some((id, body.into_bytes())),
                _ => None,
            };
            postings.push(Posting {
                domain: Domain::parse(&name).map_err(|_| unread("the name"))?,
                label: Label::kept(row.text(1)?),
                announced: row.text_or_null(6)?.filter(|_| policy.is_some()),
                tlsrpt: row.text_or_null(7)?.filter(|_| policy.is_some()),
                policy,
                until: row.integer_or_null(3)?.map(kept::time).filter(|_| state == DomainState::Retired),
                revision: row.integer(8)?,
            });
        }
        Ok(postings)
    }

    /// The labels that a domain had before the one that it has now: nothing is answered for these any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn former_labels(&self, domain: &Domain) -> Result<Vec<Label>, DomainsError> {
        let sql = "SELECT l.label FROM host_labels l JOIN host_domains d ON d.domain = l.domain
                   WHERE l.domain = $1 AND l.label <> d.label";
        let rows = self.database.fetch(sql, &[domain.as_str().into()]).await?;
        rows.iter().map(|row| Ok(Label::kept(row.text(0)?))).collect()
    }

    /// Keeps that this node is alive and serves everything up to `revision`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn node_is_at(&self, node: &str, revision: i64, now: Timestamp) -> Result<(), DomainsError> {
        let mut open = self.database.begin().await?;
        let sql = "INSERT INTO host_nodes (node, seen, revision) VALUES ($1, $2, $3)
                   ON CONFLICT (node) DO UPDATE SET seen = excluded.seen, revision = excluded.revision";
        open.execute(sql, &[node.into(), millis(now).into(), revision.into()]).await?;
        Ok(open.commit().await?)
    }

    /// Whether every node that was alive after `since` serves everything up to the present change of `domain`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn is_everywhere(&self, domain: &Domain, since: Timestamp) -> Result<bool, DomainsError> {
        let sql = "SELECT COUNT(*) FROM host_nodes n, host_domains d
                   WHERE d.domain = $1 AND n.seen > $2 AND n.revision < d.revision";
        let row = self.database.fetch_optional(sql, &[domain.as_str().into(), millis(since).into()]).await?;
        Ok(row.map_or(Ok(0), |row| row.count(0))? == 0)
    }
}
