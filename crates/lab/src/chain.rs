//! The longest chain of round trips that depend on each other, found in the log of visits.
//!
//! What a visitor knows from the start: the domain, its ancestors, and the well-known names under it. Every other
//! name or address must first have been told by an answer; and on one connection each turn waits for the one before.

use std::collections::HashMap;

use crate::visits::{Visit, VisitKind};

/// Labels under the domain that RFC 8461 and RFC 8460 fix, or that a checker may think of by itself.
const WELL_KNOWN: [&str; 2] = ["mta-sts", "www"];

/// The longest chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// How many round trips it has. Each costs the lab's delay once.
    pub rounds: u32,
    /// Its steps, in order.
    pub steps: Vec<String>,
}

/// Finds the longest chain of dependent round trips among the visits of one look at one domain.
///
/// The farewell after QUIT is left out: nothing that a visitor wants to know depends on it.
///
/// A DNS question for a name that no answer had told is taken as known from the start, so the chain is never
/// longer than what the visitor really had to wait for.
#[must_use]
pub fn longest_chain(visits: &[Visit], domain: &str) -> Chain {
    let mut rounds: Vec<(u32, Option<usize>)> = Vec::with_capacity(visits.len());
    let mut last_on: HashMap<u64, usize> = HashMap::new();
    for (index, visit) in visits.iter().enumerate() {
        if visit.kind == VisitKind::Smtp && visit.what.eq_ignore_ascii_case("QUIT") {
            rounds.push((0, None));
            continue;
        }
        let before = match visit.connection {
            Some(connection) => {
                last_on.insert(connection, index).or_else(|| teller(visits, index, &address(visit)))
            }
            None if visit.kind == VisitKind::Dns => {
                let name = name(visit);
                if known(&name, domain) { None } else { teller(visits, index, &name) }
            }
            None => None,
        };
        let depth = before.and_then(|earlier| rounds.get(earlier)).map_or(0, |(depth, _)| *depth);
        rounds.push((depth + 1, before));
    }
    let Some((end, (depth, _))) = rounds.iter().enumerate().max_by_key(|(_, (depth, _))| *depth) else {
        return Chain { rounds: 0, steps: Vec::new() };
    };
    let mut steps = Vec::new();
    let mut at = Some(end);
    while let Some(index) = at {
        if let Some(visit) = visits.get(index) {
            steps.push(format!("{:?} {} {}", visit.kind, visit.peer, visit.what));
        }
        at = rounds.get(index).and_then(|(_, before)| *before);
    }
    steps.reverse();
    Chain { rounds: *depth, steps }
}

/// The first answer before this visit that gave the name or address away.
fn teller(visits: &[Visit], before: usize, wanted: &str) -> Option<usize> {
    let earlier = visits.iter().take(before).enumerate();
    earlier.filter(|(_, visit)| visit.kind == VisitKind::Dns).find_map(|(index, visit)| {
        let words = |text: &String| {
            text.split([' ', '@', '/', ':', ';', ',', '"'])
                .any(|word| ends_with_name(word.trim_end_matches('.'), wanted))
        };
        let addresses = |text: &String| text == wanted;
        visit.told.iter().any(|text| addresses(text) || words(text)).then_some(index)
    })
}

fn ends_with_name(text: &str, name: &str) -> bool {
    text == name || text.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
}

/// The name asked for, without the labels that a service puts in front.
fn name(visit: &Visit) -> String {
    let asked = visit.what.split(' ').next().unwrap_or_default();
    let asked = asked.trim_end_matches('.').to_ascii_lowercase();
    let mut rest = asked.as_str();
    while let Some((label, after)) = rest.split_once('.') {
        if !label.starts_with('_') {
            break;
        }
        rest = after;
    }
    rest.to_owned()
}

/// The documentation address, which ends the peer's name in the log.
fn address(visit: &Visit) -> String {
    visit.peer.rsplit(' ').next().unwrap_or_default().to_owned()
}

fn known(name: &str, domain: &str) -> bool {
    ends_with_name(domain, name)
        || name.is_empty()
        || name
            .strip_suffix(domain)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|label| WELL_KNOWN.contains(&label))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn visit(kind: VisitKind, peer: &str, what: &str, connection: Option<u64>, told: &[&str]) -> Visit {
        let told = told.iter().map(|text| (*text).to_owned()).collect();
        Visit { at: Duration::ZERO, kind, peer: peer.to_owned(), what: what.to_owned(), connection, told }
    }

    #[test]
    fn a_session_waits_for_the_addresses_and_these_for_the_mx_records() {
        let visits = [
            visit(VisitKind::Dns, "resolver", "_mta-sts.good.test. TXT", None, &["v=STSv1; id=1;"]),
            visit(VisitKind::Dns, "resolver", "good.test. MX", None, &["10 mx.good.test."]),
            visit(VisitKind::Dns, "resolver", "test. DNSKEY", None, &[]),
            visit(VisitKind::Dns, "resolver", "mx.good.test. A", None, &["192.0.2.7"]),
            visit(VisitKind::Dns, "resolver", "_25._tcp.mx.good.test. TLSA", None, &[]),
            visit(VisitKind::Tcp, "mx.good.test 192.0.2.7", "connection", Some(1), &[]),
            visit(VisitKind::Smtp, "mx.good.test 192.0.2.7", "greeting", Some(1), &[]),
            visit(VisitKind::Smtp, "mx.good.test 192.0.2.7", "QUIT", Some(1), &[]),
        ];
        let chain = longest_chain(&visits, "good.test");
        assert_eq!(chain.rounds, 4, "{chain:?}");
        assert!(chain.steps.first().is_some_and(|step| step.contains("MX")), "{chain:?}");
        assert!(chain.steps.last().is_some_and(|step| step.contains("greeting")), "{chain:?}");
    }

    #[test]
    fn what_nobody_told_was_known_from_the_start() {
        let visits = [visit(VisitKind::Dns, "resolver", "mta-sts.good.test. A", None, &["192.0.2.8"])];
        assert_eq!(longest_chain(&visits, "good.test").rounds, 1);
        assert_eq!(longest_chain(&[], "good.test").rounds, 0);
    }
}
