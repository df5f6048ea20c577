//! What was not tested, and why: never the domain's fault.

use protocol::observed::{FetchOutcome, NotTested, NotTestedReason, Outcome, Tested};

use crate::case::{Case, MAX_MX_NAMES, untested};
use crate::draft::{listed, quoted};
use crate::layer::dane::UNVALIDATED;
use crate::layer::transport::{self, OWN_IPV6};
use crate::{Layer, NotTestedItem};

/// Everything that was not tested; things with the same reason in the same layer are one item.
pub(crate) fn of(case: &Case<'_>) -> Vec<NotTestedItem> {
    let mut list = List::default();
    let evidence = case.evidence;
    for (what, why) in evidence.not_tested() {
        list.push(Layer::Across, &what, &why.text);
    }
    list.outcome(Layer::Record, &format!("TXT at {}", case.record_name()), &evidence.record.outcome);
    if let Tested::NotTested(why) = &evidence.surroundings.servers {
        list.trouble(Layer::Record, "the authoritative name servers", why);
    }
    if let Tested::NotTested(why) = &evidence.surroundings.sibling {
        list.trouble(Layer::Record, "a wildcard at the record's name", why);
    }
    let host = quoted(&evidence.policy_host.name);
    list.outcome(Layer::Fetch, &format!("the IPv4 addresses of {host}"), &evidence.policy_host.a.outcome);
    list.outcome(Layer::Fetch, &format!("the IPv6 addresses of {host}"), &evidence.policy_host.aaaa.outcome);
    for view in &case.fetches {
        let address = format!("{host} ({})", view.fetch.address);
        match &view.fetch.outcome {
            FetchOutcome::NotTested(why) => list.push(Layer::Fetch, &address, &why.text),
            _ if view.is_silent()
                && !view.is_refused()
                && view.fetch.address.is_ipv6()
                && !case.ipv6_proven() =>
            {
                list.push(Layer::Fetch, &address, OWN_IPV6);
            }
            _ => {}
        }
    }
    list.outcome(Layer::Coverage, "the MX records", &evidence.mx.outcome);
    if evidence.mx_hosts_left_out > 0 {
        list.push(
            Layer::Transport,
            &format!("{} more MX hosts", evidence.mx_hosts_left_out),
            "the number of hosts looked at is bounded",
        );
    }
    let beyond = evidence.mx.records().len().saturating_sub(MAX_MX_NAMES);
    if beyond > 0 {
        let subject = format!("whether the policy names {beyond} more MX hosts");
        list.push(Layer::Coverage, &subject, "the number of names compared is bounded");
    }
    for view in &case.hosts {
        let host = quoted(&view.host.name);
        list.outcome(Layer::Transport, &format!("the IPv4 addresses of {host}"), &view.host.a.outcome);
        list.outcome(Layer::Transport, &format!("the IPv6 addresses of {host}"), &view.host.aaaa.outcome);
        list.outcome(
            Layer::Transport,
            &format!("the TLSA records of {host}"),
            &view.host.tlsa.answer.outcome,
        );
        for path in &view.paths {
            let subject = format!("{host} ({})", path.session.address);
            if let Some(why) = transport::untested(case, path) {
                list.push(Layer::Transport, &subject, why);
            } else {
                if let Tested::NotTested(why) = &path.session.without_sni {
                    list.trouble(Layer::Transport, &format!("{subject} without a server name"), why);
                }
                if let Some(Tested::NotTested(why)) = &path.session.at_tlsa_base {
                    let base = quoted(&view.host.tlsa.base);
                    list.trouble(Layer::Transport, &format!("{subject} with the server name {base}"), why);
                }
                if let Tested::NotTested(why) = &path.session.legacy {
                    list.trouble(Layer::Transport, &format!("old TLS versions of {subject}"), why);
                }
            }
        }
    }
    if case.is_unvalidated() {
        list.push(Layer::Transport, "DNSSEC and DANE", UNVALIDATED);
    }
    list.outcome(Layer::Tlsrpt, "the TLSRPT record", &evidence.tlsrpt.outcome);
    for target in &evidence.targets {
        if let Tested::NotTested(why) = &target.look {
            list.push(Layer::Tlsrpt, &quoted(&target.uri), &why.text);
        }
    }
    list.items()
}

#[derive(Default)]
struct List(Vec<(Layer, String, Vec<String>)>);

impl List {
    fn push(&mut self, layer: Layer, subject: &str, because: &str) {
        let because = quoted(because);
        match self.0.iter_mut().find(|(known, why, _)| *known == layer && *why == because) {
            Some((_, _, subjects)) => subjects.push(subject.to_owned()),
            None => self.0.push((layer, because, vec![subject.to_owned()])),
        }
    }

    /// A part of a look: said only when it was meant to be looked at.
    fn trouble(&mut self, layer: Layer, subject: &str, why: &NotTested) {
        if !matches!(why.reason, NotTestedReason::NotAsked | NotTestedReason::Dependency) {
            self.push(layer, subject, &why.text);
        }
    }

    fn outcome<T>(&mut self, layer: Layer, subject: &str, outcome: &Outcome<T>) {
        if let Some(why) = untested(outcome) {
            self.push(layer, subject, &why.text);
        }
    }

    fn items(self) -> Vec<NotTestedItem> {
        let item = |(layer, because, subjects): (Layer, String, Vec<String>)| NotTestedItem {
            subject: listed(&subjects),
            layer,
            because,
        };
        let mut items: Vec<_> = self.0.into_iter().map(item).collect();
        items.sort_by(|a, b| a.layer.cmp(&b.layer).then_with(|| a.subject.cmp(&b.subject)));
        items
    }
}
