//! Layer 3: the policy's text.

use protocol::sts::{MAX_AGE_LIMIT, Mode, PolicyError, mend_policy};
use protocol::{Oddity, Weight};

use super::history::{days_since, testing_since};
use super::wording::{self, NO_POLICY, THEN_NEW_ID};
use crate::case::{Case, RecordState};
use crate::certificate::date;
use crate::draft::{Draft, listed, quoted};
use crate::{MaxAgeAdvice, MaxAgeProfile, is_too_wide};

/// The findings on the policy. Where there is certainly no record, the policy is judged only by its syntax elsewhere.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    if matches!(case.record, RecordState::Absent) || case.policy.text.is_none() || case.policy.packed {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(max_age_too_large(case));
    found.extend(syntax_or_disputed(case));
    found.extend(fields(case));
    found.extend(mode(case));
    found.extend(max_age(case));
    found.extend(too_wide(case));
    found
}

/// Oddities about `max_age` alone have a code of their own.
fn is_max_age_limit(oddity: &Oddity) -> bool {
    oddity.code == "max_age_too_large"
}

fn syntax_or_disputed(case: &Case<'_>) -> Option<Draft> {
    let error = case.policy.strict.as_ref()?.as_ref().err();
    let relevant: Vec<_> = case
        .policy
        .oddities
        .iter()
        .filter(|oddity| oddity.weight != Weight::Noted && !is_max_age_limit(oddity))
        .filter(|oddity| {
            oddity.weight == Weight::Breaks
                || field_code(oddity.code).is_none()
                || is_bad_duplicate(case, oddity)
        })
        .collect();
    let broken = relevant.iter().copied().find(|oddity| oddity.weight == Weight::Breaks);
    let disputed = relevant.first().copied();
    match (broken, disputed, error) {
        (Some(oddity), ..) => Some(syntax(case, Some(oddity), error, &relevant)),
        // What a careful sender uses all the same is disputed, not broken.
        (None, Some(oddity), _) => Some(disputed_policy(case, oddity, &relevant)),
        (None, None, Some(error)) if case.policy.tolerant().is_none() => {
            Some(syntax(case, None, Some(error), &relevant))
        }
        (None, None, _) => None,
    }
}

fn syntax(case: &Case<'_>, oddity: Option<&Oddity>, error: Option<&PolicyError>, all: &[&Oddity]) -> Draft {
    let (detail, what, at) = match (oddity, error) {
        (Some(oddity), _) => (oddity.code.to_owned(), oddity.text.clone(), Some(oddity.start)),
        (None, Some(error)) => (error.defect.code().to_owned(), error.defect.to_string(), Some(error.offset)),
        (None, None) => ("unreadable".to_owned(), "it cannot be read".to_owned(), None),
    };
    let place = at.map(|at| place(case, at)).unwrap_or_default();
    let draft = Draft::new("mta_sts_policy_syntax", case.policy_url())
        .detail(detail)
        .fact(format!("The policy breaks the grammar{place}: {}", super::record::sentence(&quoted(&what))))
        .meaning(NO_POLICY)
        .remedy(format!("Serve this text instead. {THEN_NEW_ID}"))
        .paste(mended(case));
    with_oddities(case, draft, all)
}

fn disputed_policy(case: &Case<'_>, oddity: &Oddity, all: &[&Oddity]) -> Draft {
    let draft = Draft::new("mta_sts_policy_disputed", case.policy_url())
        .detail(oddity.code)
        .fact(format!(
            "Some senders refuse the policy{}: {}",
            place(case, oddity.start),
            super::record::sentence(&quoted(&oddity.text))
        ))
        .meaning("Those senders deliver as if there were no policy; the others use it.")
        .remedy(format!("Serve the plain form that every sender reads. {THEN_NEW_ID}"))
        .paste(mended(case));
    with_oddities(case, draft, all)
}

fn with_oddities(case: &Case<'_>, mut draft: Draft, all: &[&Oddity]) -> Draft {
    for oddity in all {
        draft = draft
            .evidence(oddity.code, format!("{}: {}", place(case, oddity.start).trim_start(), oddity.text));
    }
    match &case.policy.text {
        Some(text) => draft.evidence("policy", String::from_utf8_lossy(text)),
        None => draft,
    }
}

/// ` in line 3, column 5`.
fn place(case: &Case<'_>, offset: usize) -> String {
    let text = case.policy.text.as_deref().unwrap_or_default();
    let before = text.get(..offset).unwrap_or(text);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    format!(" in line {line}, column {column}")
}

/// The text with every mechanical mend, or a new one for the domain's own MX hosts.
fn mended(case: &Case<'_>) -> String {
    let text = case.policy.text.as_deref().unwrap_or_default();
    mend_policy(text).unwrap_or_else(|| wording::testing_policy(case))
}

/// The finding for an oddity about a field as such, with what it means.
fn field_code(oddity: &str) -> Option<(&'static str, &'static str)> {
    match oddity {
        "field_typo" | "name_case" => Some((
            "mta_sts_policy_field_typo",
            "Senders ignore the field, so that what it should say is not said.",
        )),
        "duplicate_field" => Some((
            "mta_sts_policy_duplicate_field",
            "By the RFC the first one counts; some senders use the last, so that they differ.",
        )),
        "unknown_field" => Some(("mta_sts_policy_unknown_field", "Senders ignore the field.")),
        _ => None,
    }
}

/// Whether a field that stands twice has a faulty value the second time, which some senders refuse (rule 58).
fn is_bad_duplicate(case: &Case<'_>, oddity: &Oddity) -> bool {
    let text = case.policy.text.as_deref().unwrap_or_default();
    let line = String::from_utf8_lossy(text.get(oddity.start..oddity.end).unwrap_or_default()).into_owned();
    let Some((name, value)) = line.split_once(':').filter(|_| oddity.code == "duplicate_field") else {
        return false;
    };
    let value = value.trim();
    match name.trim() {
        "version" => value != "STSv1",
        "mode" => value.parse::<Mode>().is_err(),
        "max_age" => value.parse::<u64>().map_or(true, |seconds| seconds > MAX_AGE_LIMIT),
        _ => false,
    }
}

/// Fields that stand twice, are unknown or misspelt: legal, and worth saying.
fn fields(case: &Case<'_>) -> Vec<Draft> {
    let mut found: Vec<Draft> = Vec::new();
    for oddity in case.policy.oddities.iter().filter(|oddity| oddity.weight != Weight::Breaks) {
        let Some((code, meaning)) = field_code(oddity.code) else { continue };
        if is_bad_duplicate(case, oddity) {
            continue;
        }
        if found.iter().any(|draft| draft.code == code) {
            continue;
        }
        found.push(
            Draft::new(code, case.policy_url())
                .fact(format!(
                    "The policy has a field worth a look{}: {}",
                    place(case, oddity.start),
                    super::record::sentence(&quoted(&oddity.text))
                ))
                .meaning(meaning)
                .remedy("Correct or remove the line."),
        );
    }
    found
}

fn mode(case: &Case<'_>) -> Option<Draft> {
    let policy = case.policy.some_reading()?;
    let enforcing = || {
        let mx: Vec<&str> = policy.mx.iter().map(protocol::MxPattern::as_str).collect();
        let text = wording::policy(
            "enforce",
            &mx,
            policy.max_age.clamp(case.max_age.wanted(Mode::Enforce), MAX_AGE_LIMIT),
        );
        wording::announced(case, &text)
    };
    match policy.mode {
        Mode::Enforce => None,
        Mode::None => Some(
            Draft::new("mta_sts_mode_none", case.policy_url())
                .fact("The policy says `mode: none`.")
                .meaning("Senders act as if there were no policy: nothing is checked and nothing protected.")
                .remedy(
                    "If MTA-STS is being retired, keep serving this policy until the longest max_age ever served has \
                     passed, then remove record and host (RFC 8461 §8.3). Otherwise go to mode testing.",
                ),
        ),
        Mode::Testing => {
            let age = match testing_since(case) {
                Some(since) => {
                    format!(", and has said so since {} at least ({} days)", date(since), days_since(case, since))
                }
                None => String::new(),
            };
            Some(
                Draft::new("mta_sts_mode_testing", case.policy_url())
                    .fact(format!("The policy says `mode: testing`{age}."))
                    .meaning("Senders report what fails and deliver all the same; attackers are not stopped yet.")
                    .remedy(format!(
                        "When `mta-sts ready {}` finds nothing in the way, switch to enforce. {THEN_NEW_ID}",
                        case.evidence.domain
                    ))
                    .paste(enforcing()),
            )
        }
    }
}

fn max_age_too_large(case: &Case<'_>) -> Option<Draft> {
    let max_age = case.policy.excessive_max_age()?;
    Some(
        Draft::new("mta_sts_max_age_too_large", case.policy_url())
            .fact(format!("max_age is {max_age}; the limit is {MAX_AGE_LIMIT}."))
            .meaning(
                "Some senders refuse the policy and deliver as if there were none; others cap the value.",
            )
            .remedy(format!(
                "Use a value up to the limit; {} to 2419200 is usual. {THEN_NEW_ID}",
                case.max_age.wanted(Mode::Enforce)
            ))
            .paste("max_age: 2419200"),
    )
}

fn max_age(case: &Case<'_>) -> Option<Draft> {
    let policy = case.policy.some_reading().filter(|_| case.policy.excessive_max_age().is_none())?;
    let seconds = policy.max_age;
    match case.max_age.advice(policy.mode, seconds)? {
        MaxAgeAdvice::VeryLong => Some(
            Draft::new("mta_sts_max_age_very_long", case.policy_url())
                .fact(format!("max_age is {seconds} seconds, {} days.", seconds / 86_400))
                .meaning("Senders that look only at max_age keep an old policy that long after a change.")
                .remedy("Fine for hosts that never change; before a move of MX hosts, plan for that time."),
        ),
        MaxAgeAdvice::Short { is_mild, wanted } => {
            let asked = match case.max_age {
                MaxAgeProfile::Seed => String::new(),
                other => format!("; the profile `{other}` asks for {wanted} in mode {}", policy.mode),
            };
            let settled = case.max_age.wanted(Mode::Enforce);
            Some(
                Draft::new("mta_sts_max_age_short", case.policy_url())
                    .milder(is_mild)
                    .fact(format!("max_age is {seconds} seconds{asked}."))
                    .meaning(
                        "Senders forget the policy soon; an attacker who hides record or policy for that long gets past it \
                         (RFC 8461 §10.2).",
                    )
                    .remedy(format!("Use {settled} or more when the policy is settled. {THEN_NEW_ID}"))
                    .paste(format!("max_age: {settled}")),
            )
        }
    }
}

fn too_wide(case: &Case<'_>) -> Option<Draft> {
    let policy = case.policy.some_reading()?;
    let wide: Vec<&str> =
        policy.mx.iter().filter(|pattern| is_too_wide(pattern)).map(protocol::MxPattern::as_str).collect();
    (!wide.is_empty()).then(|| {
        let hosts: Vec<String> = wording::mx_names(case).iter().map(|name| format!("mx: {name}")).collect();
        Draft::new("mta_sts_mx_pattern_too_wide", case.policy_url())
            .fact(format!("The policy allows {}, where strangers can have hosts of their own.", listed(&wide)))
            .meaning("Somebody who can forge your MX records can send your mail to a host with a valid certificate there.")
            .remedy(format!("Name the MX hosts themselves. {THEN_NEW_ID}"))
            .paste(wording::announced(case, &hosts.join("\n")))
    })
}

/// One line on the layer.
pub(crate) fn summary(case: &Case<'_>) -> String {
    match (case.policy.some_reading(), &case.policy.text) {
        (Some(policy), _) if policy.mode == Mode::None => {
            format!("mode none, max_age {}", policy.max_age)
        }
        (Some(policy), _) => {
            let names = policy.mx.len();
            let plural = if names == 1 { "" } else { "s" };
            format!("mode {}, {names} mx line{plural}, max_age {}", policy.mode, policy.max_age)
        }
        (None, Some(_)) if case.policy.packed => {
            "packed by a content-encoding that nobody asked for".to_owned()
        }
        (None, Some(_)) => "the text breaks the grammar".to_owned(),
        (None, None) => "no policy to read".to_owned(),
    }
}
