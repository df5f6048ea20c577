//! The healthy domain that every scenario starts from: everything right, mode enforce.

use std::collections::BTreeMap;

use crate::scenario::{Https, Names, Smtp, State, Txt};

/// Two weeks: long enough that no checker calls it short (RFC 8461 §3.2 speaks of weeks or greater).
const MAX_AGE: u64 = 1_209_600;

/// The template as a state, for the scenario's state to lie over.
pub(crate) fn healthy() -> State {
    let both = || Some(vec!["v4".to_owned(), "v6".to_owned()]);
    let policy_host = Https { addresses: both(), ..Https::default() };
    let tlsa = vec!["3 1 1 leaf".to_owned(), "2 1 1 issuer".to_owned()];
    let mail_host = Smtp { addresses: both(), tlsa: Some(tlsa), ..Smtp::default() };
    State {
        mode: Some("enforce".to_owned()),
        max_age: Some(MAX_AGE),
        patterns: Some(vec!["mx1.{domain}".to_owned()]),
        id: Some("20261104T081523".to_owned()),
        tlsrpt: Some(vec![Txt::Text("v=TLSRPTv1; rua=mailto:tlsrpt@reports.test".to_owned())]),
        mx: Some(vec!["10 mx1".to_owned()]),
        https: BTreeMap::from([("mta-sts".to_owned(), policy_host)]),
        smtp: BTreeMap::from([("mx1".to_owned(), mail_host)]),
        ..State::default()
    }
}

/// The policy as the state describes it.
pub(crate) fn policy(state: &State, names: &Names) -> String {
    if let Some(body) = &state.policy {
        return names.fill(body);
    }
    let mut body = format!("version: STSv1\nmode: {}\n", state.mode.as_deref().unwrap_or("enforce"));
    for pattern in state.patterns.iter().flatten().flat_map(|line| crate::scenario::replicate(line)) {
        body.push_str(&format!("mx: {}\n", names.fill(&pattern)));
    }
    body.push_str(&format!("max_age: {}\n", state.max_age.unwrap_or(MAX_AGE)));
    body
}

/// The TXT records at `_mta-sts`.
pub(crate) fn records(state: &State) -> Vec<Txt> {
    match (&state.sts, &state.id) {
        (Some(records), _) => records.clone(),
        (None, Some(id)) => vec![Txt::Text(format!("v=STSv1; id={id};"))],
        (None, None) => Vec::new(),
    }
}
