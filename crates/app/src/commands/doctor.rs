//! `mta-sts doctor`.

use outside::Watcher;
use protocol::Domain;
use protocol::observed::{Evidence, Outcome, SecurityStatus, Tested};

use super::Context;
use super::site::Site;
use crate::cli::{LookArgs, ProfileWord};
use crate::exit::ExitStatus;
use crate::render::{hung, visible};
use crate::settings::Look;

/// Says what this machine can check. It asks the resolver for one name that everyone has.
pub(crate) async fn doctor(args: &LookArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let basic = LookArgs { profile: Some(ProfileWord::Basic), ..args.clone() };
    let look = Look::resolve(&basic, &context.layers)?;
    let site = Site::internet(&look, None)?;
    // RFC 2606 §3: example.com is always there.
    let domain = Domain::parse("example.com")?;
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
        format!("  roots: {}\n", visible(&evidence.vantage.roots)),
        format!("  name given in EHLO: {}\n", visible(&evidence.vantage.helo)),
    ];
    let lines: Vec<String> = text.concat().lines().map(|line| hung(line, "", "  ") + "\n").collect();
    context.printer.put(None, &lines.concat())?;
    let works = matches!(network.resolver, Tested::Seen(()));
    Ok(if works { ExitStatus::Good } else { ExitStatus::CouldNotCheck })
}

/// What helps when our own network lacks a thing.
const fn mend(name: &str) -> &'static str {
    match name.as_bytes() {
        b"resolver" => "Name one that answers: --resolver 192.0.2.53, tls://HOST or https://HOST/dns-query.",
        b"IPv6" => {
            "Checks then leave IPv6 addresses not tested: look from a network that has IPv6, or use -4."
        }
        _ => "Checks then leave IPv4 addresses not tested: look from a network that has IPv4, or use -6.",
    }
}

fn dnssec(evidence: &Evidence) -> String {
    let security = &evidence.record.security;
    let reason = security.reason.as_deref().map(|why| format!(" ({})", visible(why))).unwrap_or_default();
    let anchor = visible(&evidence.vantage.trust_anchor);
    let failed = matches!(evidence.record.outcome, Outcome::Failed(_) | Outcome::NotTested(_));
    match security.status {
        SecurityStatus::Secure => {
            format!("✓ DNSSEC: validated here for example.com, trust anchor {anchor}\n")
        }
        SecurityStatus::Bogus => format!(
            "✗ DNSSEC: the answer for example.com does not validate{reason}\n  \
             Set this machine's clock right, or name another --resolver or --trust-anchor.\n"
        ),
        _ if failed => "– DNSSEC: not tested, because there is no answer for example.com\n".to_owned(),
        SecurityStatus::Insecure => format!(
            "✗ DNSSEC: example.com seems to be unsigned{reason}, which it is not\n  \
             Name a resolver that passes signatures on: --resolver tls://HOST or https://HOST/dns-query.\n"
        ),
        SecurityStatus::Indeterminate => format!(
            "– DNSSEC: not tested, because no chain of trust to example.com was found{reason}\n  \
             Name a resolver that passes signatures on, or another --trust-anchor.\n"
        ),
        SecurityStatus::Unchecked => "– DNSSEC: not tested, because validation is switched off\n  \
             Leave out --trust-anchor off to switch it on.\n"
            .to_owned(),
    }
}
