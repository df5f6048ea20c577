//! How long a check of a healthy domain takes, against the longest chain of dependent round trips that the lab finds
//! in its own log while it delays every answer. A bench, not a test: it prints figures and asserts none.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench measures and prints")]

use std::time::{Duration, Instant};

use lab::{Lab, Options, View, longest_chain};
use outside::{
    Clock, ConnectRule, Families, Limits, Outside, ResolverChoice, Roots, Settings, TrustAnchor, Watcher,
};
use protocol::Domain;
use protocol::observed::Profile;

const SCENARIO: &str = "healthy";
const DELAY: Duration = Duration::from_millis(50);
const ROUNDS: usize = 5;
/// What the check may take, in units of the chain.
const BOUND: f64 = 1.2;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::start(Options { only: vec![SCENARIO.to_owned()], delay: DELAY }).await?;
    let domain = lab.scenarios().first().map(|scenario| scenario.domain.clone()).unwrap_or_default();
    let domain = Domain::parse(&domain)?;
    for profile in [Profile::Basic, Profile::Extended, Profile::Full] {
        for round in 0..ROUNDS {
            let outside = Outside::new(settings(&lab, profile)?, Clock::system())?;
            look(&lab, &outside, &domain, &format!("{profile:?} cold"), round).await;
            look(&lab, &outside, &domain, &format!("{profile:?} warm"), round).await;
        }
    }
    Ok(())
}

async fn look(lab: &Lab, outside: &Outside, domain: &Domain, name: &str, round: usize) {
    let earlier = lab.visits().len();
    let start = Instant::now();
    let evidence = outside.survey(domain, &Watcher::none()).await;
    let took = start.elapsed();
    let visits: Vec<_> = lab.visits().into_iter().skip(earlier).collect();
    let chain = longest_chain(&visits, domain.as_str());
    let least = DELAY * chain.rounds;
    let ratio = took.as_secs_f64() / least.as_secs_f64().max(f64::EPSILON);
    println!(
        "{name:14} {took:>8.1?}  chain {:2} x {DELAY:?} = {least:?}  ratio {ratio:.3} (bound {BOUND})  {} visits, {} hosts",
        chain.rounds,
        visits.len(),
        evidence.hosts.len()
    );
    if round == 0 {
        for step in &chain.steps {
            println!("      {step}");
        }
    }
}

fn settings(lab: &Lab, profile: Profile) -> Result<Settings, Box<dyn std::error::Error>> {
    let connect_to = lab.connect_map().into_iter().map(|(from, to)| ConnectRule {
        host: Some(from.ip().to_string()),
        port: Some(from.port()),
        to_address: Some(to.ip()),
        to_port: Some(to.port()),
    });
    let allow_targets = lab.allowed().iter().map(|network| network.parse()).collect::<Result<_, _>>()?;
    Ok(Settings {
        tool: "bench".to_owned(),
        vantage: "bench".to_owned(),
        profile,
        resolver: ResolverChoice::Plain(lab.resolver(View::Now)),
        trust_anchor: TrustAnchor::Text(lab.trust_anchor()),
        roots: Roots::Pem { name: "lab".to_owned(), text: lab.ca_pem() },
        connect_to: connect_to.collect(),
        allow_targets,
        exclusion: outside::Exclusion::default(),
        helo: "checker.test".to_owned(),
        source_ip: None,
        families: Families::Both,
        limits: Limits::default(),
    })
}
