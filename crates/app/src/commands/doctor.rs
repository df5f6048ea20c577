//! `mta-sts doctor`.

use outside::Watcher;
use protocol::Domain;
use protocol::observed::{Evidence, Outcome, Tested};

use super::Context;
use super::site::Site;
use crate::cli::{LookArgs, ProfileWord};
use crate::exit::ExitStatus;
use crate::render::visible;
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
        Tested::NotTested(why) => format!("– {name}: not tested, because {}\n", visible(&why.text)),
    };
    let text = [
        line("resolver", &network.resolver),
        dnssec(&evidence),
        line("IPv4", &network.ipv4),
        line("IPv6", &network.ipv6),
        format!("  roots: {}\n", visible(&evidence.vantage.roots)),
        format!("  name given in EHLO: {}\n", visible(&evidence.vantage.helo)),
    ];
    context.printer.put(None, &text.concat())?;
    let works = matches!(network.resolver, Tested::Seen(()));
    Ok(if works { ExitStatus::Good } else { ExitStatus::CouldNotCheck })
}

fn dnssec(evidence: &Evidence) -> String {
    match &evidence.record.outcome {
        Outcome::Failed(_) | Outcome::NotTested(_) => {
            "– DNSSEC: not tested, because there is no answer\n".to_owned()
        }
        _ => format!(
            "  DNSSEC: anchor {}, example.com is {:?}\n",
            visible(&evidence.vantage.trust_anchor),
            evidence.record.security.status
        ),
    }
}
