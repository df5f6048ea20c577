//! Rows as domains and versions.

use database::{Row, Value};
use jiff::Timestamp;
use protocol::Domain;
use protocol::sts::PolicyText;

use super::hosted::HostedDomain;
use super::label::Label;
use super::refused::DomainsError;
use super::version::PolicyVersion;

/// The columns that [`hosted`] reads, in their order.
macro_rules! hosted_columns {
    () => {
        "domain, owner, label, token, state, since, added, verified, live, served_until, current, announced, tlsrpt, \
         wake, because, revision"
    };
}
pub(super) use hosted_columns;

/// The columns that [`version`] reads, in their order.
macro_rules! version_columns {
    () => {
        "number, id, body, at, author, reason, back_to, announced"
    };
}
pub(super) use version_columns;

/// A domain, and the number of its last change that mattered.
pub(super) struct Kept {
    pub(super) hosted: HostedDomain,
    pub(super) revision: i64,
}

pub(super) fn hosted(row: &Row) -> Result<Kept, DomainsError> {
    let name = row.text(0)?;
    let unread = |what: &str| DomainsError::Kept(format!("{what} of {name}"));
    let hosted = HostedDomain {
        domain: Domain::parse(&name).map_err(|_| unread("the name"))?,
        owner: row.text(1)?.parse().map_err(|_| unread("the owner"))?,
        label: Label::kept(row.text(2)?),
        token: Label::kept(row.text(3)?),
        state: row.text(4)?.parse().map_err(|_| unread("the state"))?,
        since: time(row.integer(5)?),
        added: time(row.integer(6)?),
        verified: row.integer_or_null(7)?.map(time),
        live: row.integer_or_null(8)?.map(time),
        served_until: row.integer_or_null(9)?.map(time),
        current: row.integer_or_null(10)?.map(number),
        announced: row.integer_or_null(11)?.map(number),
        tlsrpt: row.text_or_null(12)?,
        wake: time(row.integer(13)?),
        because: serde_json::from_str(&row.text(14)?).map_err(|_| unread("what stands in the way"))?,
    };
    Ok(Kept { hosted, revision: row.integer(15)? })
}

pub(super) fn version(row: &Row) -> Result<PolicyVersion, DomainsError> {
    let id = row.text(1)?;
    let body = row.text(2)?;
    Ok(PolicyVersion {
        number: number(row.integer(0)?),
        body: body_of(&id, &body)?,
        id,
        at: time(row.integer(3)?),
        author: row.text(4)?,
        reason: row.text(5)?,
        back_to: row.integer_or_null(6)?.map(number),
        announced: row.integer_or_null(7)?.map(time),
    })
}

pub(super) fn body_of(id: &str, text: &str) -> Result<PolicyText, DomainsError> {
    PolicyText::read(text.as_bytes())
        .map_err(|error| DomainsError::Kept(format!("the policy with the id {id}: {error}")))
}

/// A time as it is kept.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(super) fn time(millis: i64) -> Timestamp {
    // What is beyond the times that there are is the last one, or the first one.
    let bound = if millis < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(millis).unwrap_or(bound)
}

pub(super) fn number(kept: i64) -> u32 {
    u32::try_from(kept).unwrap_or_default()
}

pub(super) fn or_null(at: Option<Timestamp>) -> Value {
    Value::Integer(at.map(millis))
}

pub(super) fn number_or_null(number: Option<u32>) -> Value {
    Value::Integer(number.map(i64::from))
}
