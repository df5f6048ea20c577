//! `mta-sts doctor`.

use outside::Watcher;
use protocol::Domain;
use protocol::observed::{Evidence, Outcome, SecurityStatus, Tested};

use super::Context;
use super::scenario::named;
use super::site::Site;
use crate::cli::{DoctorArgs, LookArgs, ProfileWord};
use crate::exit::ExitStatus;
use crate::render::{hung, visible};
use crate::settings::Look;

/// Says what this machine can check. It asks the resolver for one name that everyone has, and tries port 25 only with
/// the mail hosts of a domain that was named.
pub(crate) async fn doctor(args: &DoctorArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let named_domains = named(args.domain.as_slice(), false)?;
    // RFC 2606 §3: example.com is always there.
    let domain = named_domains.first().cloned().map_or_else(|| Domain::parse("example.com"), Ok)?;
    let profile = if named_domains.is_empty() { ProfileWord::Basic } else { ProfileWord::Full };
    let look = Look::resolve(&LookArgs { profile: Some(profile), ..args.look.clone() }, &context.layers)?;
    let site = Site::internet(&look, None)?;
    let evidence = site.look(&domain, &Watcher::none()).await.evidence;
    let network = &evidence.vantage.network;
    let line = |name: &str, tested: &Tested<()>| match tested {
        Tested::Seen(()) => format!("✓ {name}: works\n"),
        Tested::NotTested(why) => {
            format!("– {name}: not tested, because {}\n  {}\n", visible(&why.text), mend(name))
        }
    };
    let text = [
        line("resolver", &network.resolver),
        dnssec(&evidence),
        line("IPv4", &network.ipv4),
        line("IPv6", &network.ipv6),
        if named_domains.is_empty() { PORT25_NOT_TRIED.to_owned() } else { line("port 25", &network.port25) },
        format!("  roots: {}\n", visible(&evidence.vantage.roots)),
        format!("  name given in EHLO: {}\n", visible(&evidence.vantage.helo)),
    ];
    let lines: Vec<String> = text.concat().lines().map(|line| hung(line, "", "  ") + "\n").collect();
    context.printer.put(None, &lines.concat())?;
    let dnssec_works = match evidence.record.security.status {
        SecurityStatus::Secure | SecurityStatus::Unchecked => true,
        // Only of the name that everyone has we know that it is signed.
        SecurityStatus::Insecure => !named_domains.is_empty(),
        SecurityStatus::Bogus | SecurityStatus::Indeterminate => false,
    };
    let works = network.resolver == Tested::Seen(())
        && dnssec_works
        && (named_domains.is_empty() || network.port25 == Tested::Seen(()));
    Ok(if works { ExitStatus::Good } else { ExitStatus::CouldNotCheck })
}

/// What is said of port 25 when there is nobody to try it with.
const PORT25_NOT_TRIED: &str = "– port 25: not tested, because only mail hosts of others can tell\n  \
                                Name a domain that receives mail: mta-sts doctor DOMAIN.\n";

/// What helps when our own network lacks a thing.
const fn mend(name: &str) -> &'static str {
    match name.as_bytes() {
        b"resolver" => "Name one that answers: --resolver 192.0.2.53, tls://HOST or https://HOST/dns-query.",
        b"port 25" => {
            "Checks then leave the sessions with mail hosts not tested: look from a network that lets port 25 out."
        }
        b"IPv6" => {
            "Checks then leave IPv6 addresses not tested: look from a network that has IPv6, or use -4."
        }
        _ => "Checks then leave IPv4 addresses not tested: look from a network that has IPv4, or use -6.",
    }
}

fn dnssec(evidence: &Evidence) -> String {
    let domain = visible(evidence.domain.as_str());
    let security = &evidence.record.security;
    let reason = security.reason.as_deref().map(|why| format!(" ({})", visible(why))).unwrap_or_default();
    let anchor = visible(&evidence.vantage.trust_anchor);
    let failed = matches!(evidence.record.outcome, Outcome::Failed(_) | Outcome::NotTested(_));
    match security.status {
        SecurityStatus::Secure => {
            format!("✓ DNSSEC: validated here for {domain}, trust anchor {anchor}\n")
        }
        SecurityStatus::Bogus => format!(
            "✗ DNSSEC: the answer for {domain} does not validate{reason}\n  \
             Set this machine's clock right, or name another --resolver or --trust-anchor.\n"
        ),
        _ if failed => format!("– DNSSEC: not tested, because there is no answer for {domain}\n"),
        SecurityStatus::Insecure if domain != "example.com" => {
            format!("– DNSSEC: not tested, because {domain} is not signed{reason}\n")
        }
        SecurityStatus::Insecure => format!(
            "✗ DNSSEC: example.com seems to be unsigned{reason}, which it is not\n  \
             Name a resolver that passes signatures on: --resolver tls://HOST or https://HOST/dns-query.\n"
        ),
        SecurityStatus::Indeterminate => format!(
            "– DNSSEC: not tested, because no chain of trust to {domain} was found{reason}\n  \
             Name a resolver that passes signatures on, or another --trust-anchor.\n"
        ),
        SecurityStatus::Unchecked => "– DNSSEC: not tested, because validation is switched off\n  \
             Leave out --trust-anchor off to switch it on.\n"
            .to_owned(),
    }
}
