//! What a scan found, counted. Holds counts only, whatever the number of names.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use judge::{Assessment, Consequence, SurveyClass, Verdict, look, operator_of, survey_classes};
use outside::Swept;
use protocol::sts::Mode;
use scan::Row;

use super::flatten::{dane, first_stage, full_code, mx_hosts, policy_host, providers, tlsrpt, verdict_of};
use crate::render::verdict_word;

/// Most different names of providers counted one by one; a list of the whole internet has more registrable domains of MX
/// hosts than memory should hold, and the long tail of one each tells nothing.
const MAX_NAMES: usize = 100_000;
/// How a policy host without a CNAME is called.
const NOT_DELEGATED: &str = "not delegated";

/// What a scan found, counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Names of the list.
    pub(crate) names: u64,
    /// What the first stage saw, by its word.
    pub(crate) first_stage: BTreeMap<&'static str, u64>,
    /// Names with a record that begins as MTA-STS records do.
    pub(crate) hits: u64,
    /// Of these, names that were surveyed.
    pub(crate) surveyed: u64,
    /// The time of the first survey and of the last.
    pub(crate) taken: Option<(Timestamp, Timestamp)>,
    /// Verdicts, by their words.
    pub(crate) verdicts: BTreeMap<String, u64>,
    /// Surveyed names that have MTA-STS, in whatever state: all counts below are of these.
    pub(crate) deployed: u64,
    /// Policies in mode enforce.
    pub(crate) enforce: u64,
    /// Policies in mode testing.
    pub(crate) testing: u64,
    /// Policies in mode none.
    pub(crate) none: u64,
    /// Names without a usable policy.
    pub(crate) no_policy: u64,
    /// Names of each class of misconfiguration.
    pub(crate) classes: BTreeMap<SurveyClass, u64>,
    /// Names of at least one class.
    pub(crate) misconfigured: u64,
    /// Of these, names in mode enforce.
    pub(crate) misconfigured_enforce: u64,
    /// Names whose mail senders that honour the policy cannot deliver.
    pub(crate) delivery_lost: u64,
    /// Names where some of the paths fail.
    pub(crate) delivery_degraded: u64,
    /// Names with a TLSRPT record.
    pub(crate) tlsrpt: u64,
    /// Names whose MX hosts have usable DANE: `all`, `some`, `none`.
    pub(crate) dane: BTreeMap<&'static str, u64>,
    /// Who runs the MX hosts.
    pub(crate) mx_providers: Shares,
    /// Who runs the policy hosts, by where a CNAME leads.
    pub(crate) policy_hosting: Shares,
    /// Findings, by `code` or `code:detail`.
    pub(crate) findings: Shares,
}

/// Names by something that has very many values, a bounded number of them.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    by_name: HashMap<String, Share>,
    /// What came when there was no room for more values.
    pub(crate) others: Share,
}

/// How many names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// Names.
    pub(crate) domains: u64,
    /// Of these, in mode enforce.
    pub(crate) enforce: u64,
    /// Of these, of a class of misconfiguration.
    pub(crate) misconfigured: u64,
}

impl Share {
    fn add(&mut self, more: Self) {
        self.domains += more.domains;
        self.enforce += more.enforce;
        self.misconfigured += more.misconfigured;
    }
}

impl Shares {
    fn add(&mut self, name: String, share: Share) {
        let room = self.by_name.len() < MAX_NAMES;
        match self.by_name.get_mut(&name) {
            Some(known) => known.add(share),
            None if room => {
                self.by_name.insert(name, share);
            }
            None => self.others.add(share),
        }
    }

    /// The largest, and what the others are together.
    pub(crate) fn top(&self, most: usize) -> (Vec<(&str, Share)>, Share) {
        let mut all: Vec<(&str, Share)> =
            self.by_name.iter().map(|(name, share)| (name.as_str(), *share)).collect();
        all.sort_by(|a, b| b.1.domains.cmp(&a.1.domains).then_with(|| a.0.cmp(b.0)));
        let mut others = self.others;
        for (_, share) in all.get(most..).unwrap_or_default() {
            others.add(*share);
        }
        all.truncate(most);
        (all, others)
    }
}

impl Tally {
    /// Counts one row.
    pub(super) fn take(&mut self, row: &Row, assessment: Option<&Assessment>) {
        self.names += 1;
        *self.first_stage.entry(first_stage(&row.swept)).or_default() += 1;
        self.hits += u64::from(row.swept.is_hit());
        if let Some(verdict) = verdict_of(row, assessment) {
            *self.verdicts.entry(verdict_word(verdict)).or_default() += 1;
        }
        let (Some(evidence), Some(assessment)) = (&row.evidence, assessment) else { return };
        self.surveyed += 1;
        let at = evidence.taken_at;
        self.taken = Some(self.taken.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        if matches!(assessment.verdict, Verdict::NotDeployed | Verdict::Unknown) {
            return;
        }
        self.deployed += 1;
        // What is served behind a broken record, say, is in force for nobody.
        let in_force = assessment.verdict != Verdict::Broken;
        let mode = look(evidence).policy.filter(|_| in_force).map(|policy| policy.mode);
        *match mode {
            Some(Mode::Enforce) => &mut self.enforce,
            Some(Mode::Testing) => &mut self.testing,
            Some(Mode::None) => &mut self.none,
            None => &mut self.no_policy,
        } += 1;
        let classes = survey_classes(assessment);
        let share = Share {
            domains: 1,
            enforce: u64::from(mode == Some(Mode::Enforce)),
            misconfigured: u64::from(!classes.is_empty()),
        };
        self.misconfigured += share.misconfigured;
        self.misconfigured_enforce += share.misconfigured.min(share.enforce);
        for class in classes {
            *self.classes.entry(class).or_default() += 1;
        }
        match assessment.findings.iter().map(|finding| finding.consequence).max() {
            Some(Consequence::DeliveryLost) => self.delivery_lost += 1,
            Some(Consequence::DeliveryDegraded) => self.delivery_degraded += 1,
            _ => {}
        }
        self.tlsrpt += u64::from(tlsrpt(evidence) == Some(true));
        if let Some(word) = dane(assessment) {
            *self.dane.entry(word).or_default() += 1;
        }
        for name in providers(row.domain.as_str(), &mx_hosts(evidence)) {
            self.mx_providers.add(name, share);
        }
        let hosting = policy_host(evidence).map_or_else(|| NOT_DELEGATED.to_owned(), operator_of);
        self.policy_hosting.add(hosting, share);
        let mut codes: Vec<String> = assessment.findings.iter().map(full_code).collect();
        codes.sort();
        codes.dedup();
        for code in codes {
            self.findings.add(code, share);
        }
    }

    /// Names without an answer in the first stage.
    pub(crate) fn unanswered(&self) -> u64 {
        let answered = [Swept::Records(Vec::new()), Swept::NoData, Swept::NxDomain, Swept::Excluded];
        let answered =
            answered.iter().filter_map(|swept| self.first_stage.get(first_stage(swept))).sum::<u64>();
        self.names - answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_values_is_bounded_and_nothing_is_lost() {
        let mut shares = Shares::default();
        let one = Share { domains: 1, enforce: 1, misconfigured: 0 };
        for number in 0..MAX_NAMES + 50 {
            shares.add(format!("{number}.example"), one);
        }
        shares.add("7.example".to_owned(), one);
        let (top, others) = shares.top(1);
        assert_eq!((top[0].0, top[0].1.domains), ("7.example", 2));
        assert_eq!(others.domains, MAX_NAMES as u64 + 49);
        assert_eq!(shares.by_name.len(), MAX_NAMES);
    }
}
