//! Which mechanism protects each MX host, and against which attack.

use protocol::dane::Outcome as DaneOutcome;
use protocol::sts::{DaneState, Mode};

use crate::case::{Case, HostView, PathState, RecordState};
use crate::draft::quoted;
use crate::layer::{fetch, transport};
use crate::{Attack, Mechanism, MxProtection, Protects};

/// One row for each MX host, best preference first.
pub(crate) fn of(case: &Case<'_>) -> Vec<MxProtection> {
    let enforced = case.enforced() && case.policy.is_plain();
    case.hosts.iter().map(|host| row(case, host, enforced)).collect()
}

fn row(case: &Case<'_>, view: &HostView<'_>, enforced: bool) -> MxProtection {
    let dane = view.dane.state == DaneState::Usable;
    let mechanism = match (enforced, dane) {
        (false, false) => Mechanism::None,
        (true, false) => Mechanism::MtaSts,
        (false, true) => Mechanism::Dane,
        (true, true) => Mechanism::Both,
    };
    let seen = Seen::of(case, view);
    MxProtection {
        host: quoted(&view.host.name),
        preference: view.host.preference,
        mechanism,
        deliverable: deliverable(view, enforced, dane, &seen),
        protects: protects(view, enforced, dane, &seen),
        because: because(case, view, enforced, &seen),
    }
}

/// What the sessions with a host showed.
struct Seen {
    tested: bool,
    tls: bool,
    good: bool,
    reached: bool,
    matched: bool,
}

impl Seen {
    fn of(case: &Case<'_>, view: &HostView<'_>) -> Self {
        let any = |test: &dyn Fn(&crate::case::PathView<'_>) -> bool| view.paths.iter().any(test);
        Self {
            tested: any(&|path| transport::untested(case, path).is_none()),
            tls: any(&|path| path.session.tls.is_some()),
            good: any(&|path| path.state == PathState::Good),
            reached: any(&|path| matches!(path.state, PathState::Good | PathState::Bad)),
            matched: any(&|path| matches!(path.dane, Some(DaneOutcome::Matched { .. }))),
        }
    }
}

/// Whether a sender that honours what is published can deliver.
fn deliverable(view: &HostView<'_>, enforced: bool, dane: bool, seen: &Seen) -> Option<bool> {
    // RFC 8461 §4.1: a host that the policy does not name gets no mail, whatever it shows.
    if enforced && view.covered == Some(false) || view.dane.state == DaneState::LookupFailed {
        return Some(false);
    }
    if !seen.tested {
        return None;
    }
    Some(match (enforced, dane) {
        (true, true) => seen.good && seen.matched,
        (true, false) => seen.good,
        (false, true) => seen.matched,
        (false, false) => seen.reached,
    })
}

fn protects(view: &HostView<'_>, enforced: bool, dane: bool, seen: &Seen) -> Vec<Protects> {
    let by = match (enforced, dane) {
        (true, true) => "MTA-STS and DANE demand",
        (true, false) => "MTA-STS demands",
        _ => "DANE demands",
    };
    let any = enforced || dane;
    // RFC 7672 §2.2: records that are signed and unusable still demand TLS, with any certificate (rule 95).
    let encrypted = !any && view.dane.state == DaneState::Unusable;
    let how = |stopped: String, not: &str| if any { stopped } else { not.to_owned() };
    let passive = match (any || encrypted, seen.tls) {
        (true, _) => format!("{by} TLS"),
        (false, true) => "TLS is used when nobody interferes".to_owned(),
        (false, false) => "no TLS was seen".to_owned(),
    };
    let forgery = match (enforced, dane) {
        // Each kind of sender has its own reason: the signature stops forgery for those that use DANE only.
        (true, true) if view.covered == Some(false) => {
            "for senders that use DANE the MX records are signed; others do not deliver to a host that the policy does \
             not name"
                .to_owned()
        }
        (_, true) => "the MX records are signed".to_owned(),
        (true, false) if view.covered == Some(false) => {
            "the policy names the MX hosts, and this one is not among them".to_owned()
        }
        (true, false) => "the policy names the MX hosts".to_owned(),
        (false, false) => "nothing ties the domain to its MX hosts".to_owned(),
    };
    let first = match (enforced, dane) {
        (_, true) => "DNSSEC proves that TLSA records exist",
        // C20: trust on first use.
        (true, false) => "a sender that has never seen the policy can be kept from it",
        (false, false) => "there is nothing to learn",
    };
    let row = |attack, stopped, how| Protects { attack, stopped, how };
    vec![
        row(Attack::PassiveListening, any || encrypted || seen.tls, passive),
        row(
            Attack::StarttlsStripping,
            any || encrypted,
            if encrypted {
                "senders that use DANE demand TLS, because there are signed TLSA records, although none is usable"
                    .to_owned()
            } else {
                how(format!("{by} TLS"), "senders deliver in the clear")
            },
        ),
        row(
            Attack::Impersonation,
            any,
            how(format!("{by} the right certificate"), "senders accept any certificate"),
        ),
        row(Attack::MxForgery, any, forgery),
        row(Attack::FirstContact, dane, first.to_owned()),
    ]
}

fn because(case: &Case<'_>, view: &HostView<'_>, enforced: bool, seen: &Seen) -> String {
    let dane = view.dane.state == DaneState::Usable;
    let mode = case.used_policy().map(|policy| policy.mode);
    let sts = match (enforced, mode, view.covered) {
        (true, _, Some(false)) => "the policy is in mode enforce and does not name this host",
        (true, ..) => "the policy is in mode enforce",
        (false, Some(Mode::Enforce), _) => "the policy is in mode enforce for some senders only",
        (false, Some(Mode::Testing), _) => "the policy is in mode testing",
        (false, Some(Mode::None), _) => "the policy is in mode none",
        (false, None, _) if is_unseen(case) => "the policy was not tested",
        (false, None, _) => "senders find no policy",
    };
    let tlsa = match (dane, view.dane.state, view.dane.tested) {
        (true, ..) => "signed TLSA records are usable",
        (_, _, false) => "DANE was not looked at",
        _ if case.is_unvalidated() => "DANE was not tested, because validation was switched off",
        (_, DaneState::LookupFailed, _) => "the TLSA lookup fails",
        (_, DaneState::Unusable, _) => "no TLSA record is usable",
        _ => "there are no signed TLSA records",
    };
    // RFC 8461 §2: a sender that does both goes by DANE.
    let apart = match (enforced && dane, seen.matched, seen.good && view.covered != Some(false)) {
        (true, true, false) => " Senders that use DANE deliver; those that know MTA-STS only do not.",
        (true, false, true) if seen.tls => {
            " Senders that know MTA-STS only deliver; those that use DANE do not."
        }
        _ => "",
    };
    format!("{}; {tlsa}.{apart}", capital(sts))
}

/// Whether our own trouble hides record or policy, so that nothing is known of it.
fn is_unseen(case: &Case<'_>) -> bool {
    match &case.record {
        RecordState::NotTested(_) => true,
        RecordState::Valid { .. } => !case.policy.is_obtained() && fetch::not_tested(case).is_some(),
        _ => false,
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
