//! Our own name server with real parts: unbound validates what it signs, through an alias in a zone that Knot signs, as a
//! domain's owner would have it; delv validates each kind of answer; dig asks what is refused.

mod world;

use std::time::{Duration, Instant};

use crate::Outcome;
use world::World;

/// Programs that it needs; all are Debian packages.
const PROGRAMS: [&str; 6] = ["unbound", "knotd", "keymgr", "dig", "delv", "dnssec-keygen"];
/// How long a resolver may take to see a change: it keeps answers for one second here.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(100);

/// The first program that is missing.
pub(crate) fn missing() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| !world::is_there(program))
}

pub(crate) fn test() -> Outcome {
    let mut world = World::up()?;
    let mut good = true;
    let mut says = |what: &str, holds: bool, seen: &str| {
        if !holds {
            println!("{what}: {seen}");
        }
        good &= holds;
    };
    for (name, rtype, data) in [
        ("_mta-sts.customer.test", "TXT", "\"v=STSv1; id=20261122T000001;\""),
        ("_smtp._tls.customer.test", "TXT", "\"v=TLSRPTv1; rua=mailto:t000001@rpt.host.test;\""),
        ("mta-sts.customer.test", "A", "127.0.0.1"),
    ] {
        let seen = world.through_unbound(name, rtype)?;
        says(&format!("{name} {rtype} through unbound"), authentic(&seen) && seen.contains(data), &seen);
    }
    for (name, rtype) in
        [("none.s.host.test", "TXT"), ("t000001.s.host.test", "AAAA"), ("s.host.test", "TXT")]
    {
        let seen = world.through_unbound(name, rtype)?;
        let nothing = authentic(&seen) && seen.contains("ANSWER: 0");
        says(&format!("no {rtype} at {name} through unbound"), nothing, &seen);
    }
    for (name, rtype, words) in [
        ("t000001.s.host.test", "TXT", "; fully validated"),
        ("t000001.p.host.test", "A", "; fully validated"),
        ("host.test", "SOA", "; fully validated"),
        ("host.test", "DNSKEY", "; fully validated"),
        ("host.test", "CDS", "; fully validated"),
        ("host.test", "CDNSKEY", "; fully validated"),
        ("t000001.s.host.test", "MX", "; negative response, fully validated"),
        ("a.b.c.host.test", "TXT", "; negative response, fully validated"),
    ] {
        let seen = world.delv(name, rtype)?;
        says(&format!("{name} {rtype} by delv"), seen.contains(words), &seen);
    }
    for (words, wanted) in [
        (["host.test", "AXFR"].as_slice(), "Transfer failed"),
        (&["+edns=1", "host.test", "SOA"], "BADVERS"),
        (&["CH", "TXT", "version.bind"], "REFUSED"),
        (&["+tcp", "customer.test", "SOA"], "REFUSED"),
        (&["+opcode=notify", "host.test", "SOA"], "NOTIMP"),
        (&["+tcp", "t000002.s.host.test", "TXT"], "id=20261122T000002;"),
        (&["none.s.host.test", "TXT"], "NXDOMAIN"),
    ] {
        let seen = world.dig(words)?;
        says(&format!("dig {}", words.join(" ")), seen.contains(wanted), &seen);
    }
    world.announce("t000001", "new1")?;
    let seen = world.dig(&["t000001.s.host.test", "TXT"])?;
    says("a new id in our own server, at once", seen.contains("id=new1;"), &seen);
    let start = Instant::now();
    loop {
        let seen = world.through_unbound("_mta-sts.customer.test", "TXT")?;
        if authentic(&seen) && seen.contains("id=new1;") {
            break;
        }
        if start.elapsed() > PATIENCE {
            says("a new id through unbound", false, &seen);
            break;
        }
        std::thread::sleep(POLL);
    }
    Ok(good)
}

/// Whether the resolver says that it validated the answer.
fn authentic(seen: &str) -> bool {
    let flags = seen.lines().find_map(|line| line.strip_prefix(";; flags:"));
    let flags = flags.and_then(|rest| rest.split(';').next()).unwrap_or_default();
    flags.split_whitespace().any(|flag| flag == "ad") && !seen.contains("status: SERVFAIL")
}
