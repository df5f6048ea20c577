//! One name's result as one flat record. The columns are declared here, once for all outputs.

use std::borrow::Cow;

use jiff::Timestamp;

/// The version of the columns. They only ever grow at the end; it changes when one is taken away or means something else.
pub const FLAT_VERSION: u32 = 1;

/// What stands between the entries of a list in one cell.
const BETWEEN: &str = ";";

/// One name's result, flat. Text is for people and programs alike: whoever fills it in has made it harmless.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flat {
    /// The name's place in the list, from 0.
    pub position: u64,
    /// The name.
    pub domain: String,
    /// What the first stage saw.
    pub first_stage: &'static str,
    /// Whether there is a record that begins as MTA-STS records do.
    pub hit: bool,
    /// Whether the deep survey was made.
    pub surveyed: bool,
    /// When.
    pub taken_at: Option<Timestamp>,
    /// The verdict.
    pub verdict: Option<String>,
    /// The worst severity of the findings.
    pub worst_severity: Option<String>,
    /// The worst consequence of the findings.
    pub worst_consequence: Option<String>,
    /// The id of the record.
    pub id: Option<String>,
    /// The policy's mode.
    pub mode: Option<String>,
    /// The policy's max_age, in seconds.
    pub max_age: Option<u64>,
    /// Whether the record's answer is validated by DNSSEC.
    pub record_secure: Option<bool>,
    /// Where a CNAME leads from the record's name.
    pub record_delegation: Option<String>,
    /// Where a CNAME leads from the policy host.
    pub policy_host_delegation: Option<String>,
    /// Who runs the policy host, by that.
    pub policy_host_provider: Option<String>,
    /// How many MX records there are.
    pub mx_count: Option<u64>,
    /// Who runs the MX hosts.
    pub mx_providers: Vec<String>,
    /// Whether there is a TLSRPT record.
    pub tlsrpt: Option<bool>,
    /// How many of the MX hosts have usable DANE: `all`, `some`, `none`.
    pub dane: Option<&'static str>,
    /// Classes of misconfiguration.
    pub classes: Vec<&'static str>,
    /// Codes of the findings, with their details.
    pub findings: Vec<String>,
}

/// One name's result with what belongs to it, for outputs that have more than one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The name's record.
    pub flat: Flat,
    /// Its findings.
    pub findings: Vec<FlatFinding>,
    /// Its MX hosts.
    pub hosts: Vec<FlatHost>,
}

/// One finding, flat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlatFinding {
    /// The stable code.
    pub code: String,
    /// The detail under it.
    pub detail: Option<String>,
    /// How soon to act.
    pub severity: String,
    /// What is lost.
    pub consequence: String,
    /// The layer.
    pub layer: String,
    /// What it is about.
    pub subject: String,
    /// What was seen.
    pub fact: String,
    /// The clause.
    pub clause: String,
}

/// One MX host of a domain, flat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlatHost {
    /// Its name.
    pub host: String,
    /// Its preference.
    pub preference: u16,
    /// Who runs it.
    pub provider: String,
    /// What protects mail to it.
    pub mechanism: Option<String>,
    /// Whether a sender that honours what is published can deliver to it.
    pub deliverable: Option<bool>,
}

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Several texts in one, separated by semicolons.
    List,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A point in time: in text RFC 3339, in Parquet milliseconds since 1970.
    Time,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Not known, or there is none.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A point in time.
    Time(Timestamp),
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its stable name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be empty.
    pub may_be_null: bool,
    /// What it says.
    pub what: &'static str,
    /// Its value in a record.
    pub cell: fn(&Flat) -> Cell<'_>,
}

impl Column {
    const fn new(
        name: &'static str,
        kind: Kind,
        may_be_null: bool,
        what: &'static str,
        cell: fn(&Flat) -> Cell<'_>,
    ) -> Self {
        Self { name, kind, may_be_null, what, cell }
    }
}

impl Flat {
    /// The columns, in order.
    pub const COLUMNS: [Column; 22] = [
        Column::new("position", Kind::Integer, false, "place in the list, from 0", |f| number(f.position)),
        Column::new("domain", Kind::Text, false, "the name", |f| text(&f.domain)),
        Column::new(
            "first_stage",
            Kind::Text,
            false,
            "the question for TXT at `_mta-sts.`: `records`, `no_data`, `nx_domain`, `excluded` (not asked), or why there was \
             no answer: `timeout`, `serv_fail`, `refused`, `malformed`, `unsent`",
            |f| text(f.first_stage),
        ),
        Column::new("hit", Kind::Boolean, false, "whether a record begins as MTA-STS records do", |f| {
            Cell::Boolean(f.hit)
        }),
        Column::new("surveyed", Kind::Boolean, false, "whether the deep survey was made", |f| {
            Cell::Boolean(f.surveyed)
        }),
        Column::new("taken_at", Kind::Time, true, "when the deep survey began", |f| {
            f.taken_at.map_or(Cell::Null, Cell::Time)
        }),
        Column::new(
            "verdict",
            Kind::Text,
            true,
            "the verdict, as `check` gives it; `not-deployed` also where the first stage found no record; empty when unknown",
            |f| maybe(&f.verdict),
        ),
        Column::new(
            "worst_severity",
            Kind::Text,
            true,
            "of the findings: `INFO`, `LOW`, `MEDIUM`, `HIGH`",
            |f| maybe(&f.worst_severity),
        ),
        Column::new(
            "worst_consequence",
            Kind::Text,
            true,
            "of the findings: `none`, `reporting-lost`, `protection-lost`, `delivery-degraded`, `delivery-lost`",
            |f| maybe(&f.worst_consequence),
        ),
        Column::new("id", Kind::Text, true, "the id of the one valid record", |f| maybe(&f.id)),
        Column::new("mode", Kind::Text, true, "the policy's mode: `enforce`, `testing`, `none`", |f| {
            maybe(&f.mode)
        }),
        Column::new("max_age", Kind::Integer, true, "the policy's max_age in seconds", |f| {
            f.max_age.map_or(Cell::Null, number)
        }),
        Column::new("record_secure", Kind::Boolean, true, "whether DNSSEC validates the record", |f| {
            truth(f.record_secure)
        }),
        Column::new("record_delegation", Kind::Text, true, "where a CNAME at `_mta-sts.` leads", |f| {
            maybe(&f.record_delegation)
        }),
        Column::new("policy_host_delegation", Kind::Text, true, "where a CNAME at `mta-sts.` leads", |f| {
            maybe(&f.policy_host_delegation)
        }),
        Column::new(
            "policy_host_provider",
            Kind::Text,
            true,
            "who runs the policy host by that CNAME: a known service, or a registrable domain",
            |f| maybe(&f.policy_host_provider),
        ),
        Column::new("mx_count", Kind::Integer, true, "MX records with a host", |f| {
            f.mx_count.map_or(Cell::Null, number)
        }),
        Column::new(
            "mx_providers",
            Kind::List,
            true,
            "who runs the MX hosts by their names: a known service, `own name`, or a registrable domain",
            |f| list(&f.mx_providers),
        ),
        Column::new("tlsrpt", Kind::Boolean, true, "whether there is a TLSRPT record", |f| truth(f.tlsrpt)),
        Column::new("dane", Kind::Text, true, "MX hosts with usable DANE: `all`, `some`, `none`", |f| {
            f.dane.map_or(Cell::Null, text)
        }),
        Column::new("classes", Kind::List, true, "classes of misconfiguration", |f| list(&f.classes)),
        Column::new("findings", Kind::List, true, "codes of the findings, `code` or `code:detail`", |f| {
            list(&f.findings)
        }),
    ];
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

fn maybe(value: &Option<String>) -> Cell<'_> {
    value.as_deref().map_or(Cell::Null, text)
}

fn number(number: u64) -> Cell<'static> {
    // What is larger than any number a policy or list can have.
    Cell::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn truth(value: Option<bool>) -> Cell<'static> {
    value.map_or(Cell::Null, Cell::Boolean)
}

fn list<T: AsRef<str>>(entries: &[T]) -> Cell<'_> {
    if entries.is_empty() {
        return Cell::Null;
    }
    let entries: Vec<&str> = entries.iter().map(AsRef::as_ref).collect();
    Cell::Text(Cow::Owned(entries.join(BETWEEN)))
}

impl Cell<'_> {
    /// As text; nothing for what is not known.
    pub(super) fn shown(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(Cow::Borrowed(text.as_ref())),
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            Self::Boolean(true) => Some(Cow::Borrowed("true")),
            Self::Boolean(false) => Some(Cow::Borrowed("false")),
            Self::Time(time) => Some(Cow::Owned(time.to_string())),
        }
    }

    /// As JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Integer(number) => (*number).into(),
            Self::Boolean(truth) => (*truth).into(),
            Self::Text(text) => text.as_ref().into(),
            Self::Time(time) => time.to_string().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_what_they_say() {
        let full = Flat {
            first_stage: "records",
            taken_at: Some(Timestamp::UNIX_EPOCH),
            verdict: Some(String::new()),
            worst_severity: Some(String::new()),
            worst_consequence: Some(String::new()),
            id: Some(String::new()),
            mode: Some(String::new()),
            max_age: Some(u64::MAX),
            record_secure: Some(true),
            record_delegation: Some(String::new()),
            policy_host_delegation: Some(String::new()),
            policy_host_provider: Some(String::new()),
            mx_count: Some(1),
            mx_providers: vec!["a".to_owned(), "b".to_owned()],
            tlsrpt: Some(false),
            dane: Some("all"),
            classes: vec!["record"],
            findings: vec!["c".to_owned()],
            ..Flat::default()
        };
        let empty = Flat::default();
        for column in Flat::COLUMNS {
            let fits = match (column.cell)(&full) {
                Cell::Null => false,
                Cell::Text(_) => matches!(column.kind, Kind::Text | Kind::List),
                Cell::Integer(_) => column.kind == Kind::Integer,
                Cell::Boolean(_) => column.kind == Kind::Boolean,
                Cell::Time(_) => column.kind == Kind::Time,
            };
            assert!(fits, "{}", column.name);
            assert_eq!((column.cell)(&empty) == Cell::Null, column.may_be_null, "{}", column.name);
            assert_eq!(Flat::COLUMNS.iter().filter(|other| other.name == column.name).count(), 1);
        }
    }
}
