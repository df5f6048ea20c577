//! One version of a domain's policy, and what changed between two.

use jiff::Timestamp;
use protocol::sts::PolicyText;

/// One version of a domain's policy. Versions are only ever added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Counted from 1 for each domain.
    pub number: u32,
    /// The id of its record: never that of another version of the domain.
    pub id: String,
    /// Its octets.
    pub body: PolicyText,
    /// When it was made, and when the one before it was no longer served.
    pub at: Timestamp,
    /// Who made it.
    pub author: String,
    /// Why, in the author's words.
    pub reason: String,
    /// The version that it repeats, when it is a rollback.
    pub back_to: Option<u32>,
    /// When its id was first answered or seen in the record.
    pub announced: Option<Timestamp>,
}

/// A line that two versions do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Only the later one has it.
    Added(String),
    /// Only the earlier one has it.
    Removed(String),
}

/// The lines that `earlier` and `later` do not share, in the order of the texts: for each place first what went, then what
/// came.
///
/// Fields of a policy stand in any order (RFC 8461 §3.2), so that a line that only moved is no difference.
#[must_use]
pub fn differences(earlier: &str, later: &str) -> Vec<Difference> {
    let field = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let removed: Vec<&str> =
        earlier.lines().filter(|line| !later.lines().any(|other| other == *line)).collect();
    let mut added: Vec<&str> =
        later.lines().filter(|line| !earlier.lines().any(|other| other == *line)).collect();
    let mut all = Vec::new();
    for (at, line) in removed.iter().enumerate() {
        all.push(Difference::Removed((*line).to_owned()));
        // What took the place of a field comes after the last line of it that went.
        let is_last = removed.get(at + 1).is_none_or(|next| field(next) != field(line));
        if is_last {
            let (of_field, others): (Vec<&str>, Vec<&str>) =
                added.into_iter().partition(|other| field(other) == field(line));
            all.extend(of_field.into_iter().map(|line| Difference::Added(line.to_owned())));
            added = others;
        }
    }
    all.extend(added.into_iter().map(|line| Difference::Added(line.to_owned())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed() {
        let shown = |earlier: &str, later: &str| -> Vec<String> {
            let line = |one: Difference| match one {
                Difference::Added(line) => format!("+{line}"),
                Difference::Removed(line) => format!("-{line}"),
            };
            differences(earlier, later).into_iter().map(line).collect()
        };
        let policy = "version: STSv1\nmode: testing\nmx: a\nmx: b\nmax_age: 1\n";
        assert_eq!(shown(policy, policy), [""; 0]);
        assert_eq!(
            shown(policy, &policy.replace("testing", "enforce")),
            ["-mode: testing", "+mode: enforce"]
        );
        assert_eq!(
            shown(policy, &policy.replace("mx: a\n", "mx: c\nmx: d\n")),
            ["-mx: a", "+mx: c", "+mx: d"]
        );
        assert_eq!(shown(policy, "version: STSv1\nmax_age: 1\nmx: b\nmx: a\nmode: testing\n"), [""; 0]);
        assert_eq!(shown("", "mx: a\n"), ["+mx: a"]);
    }
}
