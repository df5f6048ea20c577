//! Layer 2, continued: how the policy is served: media type, charset, encoding, age, size, speed.

use protocol::sts::MediaType;

use super::wording::NO_POLICY;
use crate::Consequence;
use crate::case::{Case, FetchView};
use crate::draft::{Draft, listed, quoted};

/// The findings on the HTTP answers.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    [content_type(case), charset(case), encoding(case), age(case), too_large(case), slow(case)]
        .into_iter()
        .flatten()
        .collect()
}

/// The answers with status 200.
fn served<'a, 'b>(case: &'a Case<'b>) -> impl Iterator<Item = &'a FetchView<'b>> {
    case.fetches.iter().filter(|view| view.body().is_some())
}

/// Addresses as a clause, when they are not all of them.
fn at<T>(case: &Case<'_>, views: &[(&FetchView<'_>, T)]) -> String {
    if views.len() == case.fetches.len() {
        return String::new();
    }
    let addresses: Vec<_> = views.iter().map(|(view, _)| view.fetch.address.to_string()).collect();
    format!(" (at {})", listed(&addresses))
}

fn content_type(case: &Case<'_>) -> Option<Draft> {
    // RFC 8461 §3.2: senders SHOULD look at the media type (rule 32); some do, and refuse others.
    let wrong: Vec<_> = served(case)
        .filter_map(|view| match view.media_type.as_ref()? {
            MediaType::TextPlain { .. } => None,
            MediaType::Other(other) => Some((view, format!("with the media type `{other}`"))),
            MediaType::Missing => Some((view, "without a media type".to_owned())),
        })
        .collect();
    let (_, how) = wrong.first()?;
    let host = quoted(&case.evidence.policy_host.name);
    Some(
        Draft::new("policy_http_content_type", case.policy_url())
            .fact(format!("The policy is served {how}{}.", at(case, &wrong)))
            .meaning(format!("Some senders, Postfix with postfix-tlspol among them, then find no policy. {NO_POLICY}"))
            .remedy("Serve the policy as text/plain.")
            .paste(format!(
                "location = /.well-known/mta-sts.txt {{\n    default_type text/plain;\n    alias /var/www/mta-sts/{host}.txt;\n}}"
            )),
    )
}

fn charset(case: &Case<'_>) -> Option<Draft> {
    let odd: Vec<_> = served(case)
        .filter_map(|view| match view.media_type.as_ref()? {
            MediaType::TextPlain { charset: Some(charset) }
                if view.media_type.as_ref()?.has_odd_charset() =>
            {
                Some((view, charset.clone()))
            }
            _ => None,
        })
        .collect();
    let (_, charset) = odd.first()?;
    Some(
        Draft::new("policy_http_charset", case.policy_url())
            .fact(format!("The policy is served with the charset {}{}.", quoted(charset), at(case, &odd)))
            .meaning("A sender that converts by it could misread the text; a policy is ASCII or UTF-8.")
            .remedy("Serve the policy with charset utf-8 or without a charset.")
            .paste("charset utf-8;"),
    )
}

fn encoding(case: &Case<'_>) -> Option<Draft> {
    let packed: Vec<_> = served(case).filter_map(|view| Some((view, view.encoding()?))).collect();
    let (_, name) = packed.first()?;
    let mut draft = Draft::new("policy_http_encoding", case.policy_url())
        .fact(format!(
            "The policy is served with content-encoding {name}, which nobody asked for{}.",
            at(case, &packed)
        ))
        .meaning("Senders that do not unpack it cannot read the policy.")
        .remedy(match is_charset(name) {
            true => "Remove the header Content-Encoding: this is a charset, which belongs into Content-Type.",
            false => "Switch compression off for the policy's path.",
        })
        .paste(if is_charset(name) { "proxy_hide_header Content-Encoding;" } else { "gzip off;" });
    if case.policy.packed {
        draft = draft.costs(Consequence::ProtectionLost);
    }
    Some(draft)
}

/// Whether what stands as a content-encoding is the name of a charset.
fn is_charset(name: impl AsRef<str>) -> bool {
    let name = name.as_ref().to_ascii_lowercase();
    name.starts_with("utf") || name.starts_with("iso-8859") || name == "us-ascii" || name == "ascii"
}

fn age(case: &Case<'_>) -> Option<Draft> {
    let old: Vec<_> = served(case)
        .filter_map(|view| {
            let value = view.response()?.header("age")?;
            let age: u64 = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
            (age > 0).then_some((view, age))
        })
        .collect();
    let (_, age) = old.iter().max_by_key(|(_, age)| *age)?;
    Some(
        Draft::new("policy_http_age", case.policy_url())
            .fact(format!(
                "The policy comes from a cache that has held it for {age} seconds{}.",
                at(case, &old)
            ))
            .meaning(
                "After a change, senders that come at once could still get the old text with the new id.",
            )
            .remedy("Keep the policy out of the cache, or purge the cache before you publish a new id.")
            .paste("Cache-Control: no-store"),
    )
}

fn too_large(case: &Case<'_>) -> Option<Draft> {
    let large: Vec<_> = with_fault(case, "policy_http_too_large");
    (!large.is_empty() && !case.policy.is_obtained()).then(|| {
        Draft::new("policy_http_too_large", case.policy_url())
            .fact(format!("The answer is larger than 64 KiB{}.", at(case, &large)))
            .meaning(format!("Senders stop reading there. {NO_POLICY}"))
            .remedy("Serve the policy alone; a usual one has under 1 KiB.")
    })
}

fn slow(case: &Case<'_>) -> Option<Draft> {
    let slow: Vec<_> = with_fault(case, "policy_http_slow");
    (!slow.is_empty() && !case.policy.is_obtained()).then(|| {
        Draft::new("policy_http_slow", case.policy_url())
            .fact(format!("The policy does not arrive within the time allowed{}.", at(case, &slow)))
            .meaning(format!("Senders give up, most of them after a minute or less. {NO_POLICY}"))
            .remedy("Serve the policy as a small file straight from a web server.")
    })
}

fn with_fault<'a, 'b>(case: &'a Case<'b>, detail: &str) -> Vec<(&'a FetchView<'b>, ())> {
    let meets = |view: &&FetchView<'_>| view.faults.first().is_some_and(|fault| fault.detail == detail);
    case.fetches.iter().filter(meets).map(|view| (view, ())).collect()
}
