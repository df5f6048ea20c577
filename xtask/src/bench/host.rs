//! `cargo xtask bench host`: the door beside nginx and Caddy, all in one run, in turns.
//!
//! Processor time for each operation is the figure that holds: each server has one worker on the first processor, the
//! client is on the second, and whatever else the machine does strikes all alike. What counts is the ratio.

mod parts;
mod servers;

use serde_json::Value;

use self::parts::{Parts, number};
use self::servers::{Caddy, Nginx, Ours, Server};
use crate::Outcome;

/// Rounds of each measurement, and seconds of each.
const ROUNDS: usize = 7;
const SECONDS: &str = "2";
/// Requests at the same time.
const IN_FLIGHT: &str = "16";
/// What is wanted of the processor time, as a share of nginx's.
const WANTED_FRESH: f64 = 0.45;
const WANTED_KEPT: f64 = 0.6;
/// Idle connections, and how long a request beside them may take.
const IDLE: usize = 10_000;
const WANTED_BESIDE_MILLIS: f64 = 1000.0;
/// Hellos for names that nobody has, in a second.
const WANTED_STRANGERS: f64 = 10_000.0;

pub(super) fn run(words: &[String]) -> Outcome {
    let known = ["tls", "crowd", "strangers"];
    if let Some(unknown) = words.iter().find(|word| !known.contains(&word.as_str())) {
        return Err(format!("no part `{unknown}`: {}", known.join(", ")));
    }
    let chosen = |word: &str| words.is_empty() || words.iter().any(|one| one == word);
    let parts = Parts::make()?;
    let mut good = true;
    if chosen("tls") {
        good &= tls(&parts)?;
    }
    if chosen("crowd") {
        good &= crowd(&parts)?;
    }
    if chosen("strangers") {
        good &= strangers(&parts)?;
    }
    Ok(good)
}

/// New and kept connections, with one certificate.
fn tls(parts: &Parts) -> Outcome {
    let servers: Vec<Box<dyn Server>> = vec![
        Box::new(Ours::start(parts, &["--names", "1"])?),
        Box::new(Nginx::start(parts)?),
        Box::new(Caddy::start(parts)?),
    ];
    let mut good = true;
    for (how, what, wanted) in [
        ("fresh", "a new TLS 1.3 connection with one GET", WANTED_FRESH),
        ("kept", "a GET over a kept connection", WANTED_KEPT),
    ] {
        let mut taken: Vec<Vec<f64>> = servers.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for (server, taken) in servers.iter().zip(&mut taken) {
                taken.push(load(parts, server.as_ref(), how)?);
            }
        }
        let [ours, rest @ ..] = taken.as_slice() else { return Err("no server".to_owned()) };
        println!("{what}: {:.1} µs of processor", median(ours.clone()));
        for (server, theirs) in servers.iter().skip(1).zip(rest) {
            // Each round by itself, so that a slow minute slows both.
            let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
            let ratio = median(ratios);
            let wanted = (server.name() == "nginx").then_some(wanted);
            let goal = wanted.map_or(String::new(), |wanted| format!(" (wanted at most {wanted})"));
            println!("  {}: {:.1} µs; ours is {ratio:.2} of it{goal}", server.name(), median(theirs.clone()));
            good &= wanted.is_none_or(|wanted| ratio <= wanted);
        }
    }
    Ok(good)
}

/// Microseconds of processor for each request.
fn load(parts: &Parts, server: &dyn Server, how: &str) -> Result<f64, String> {
    let seen = parts.client(&[
        "load",
        "--address",
        server.address(),
        "--how",
        how,
        "--seconds",
        SECONDS,
        "--in-flight",
        IN_FLIGHT,
        "--names",
        "1",
        "--server",
        &server.process(),
    ])?;
    if number(&seen, "failures")? > 0.0 {
        return Err(format!(
            "{}: requests failed: {}",
            server.name(),
            seen.get("why").unwrap_or(&Value::Null)
        ));
    }
    number(&seen, "processor_micros")
}

/// A request beside idle connections.
fn crowd(parts: &Parts) -> Outcome {
    let ours = Ours::start(parts, &["--names", "1"])?;
    let seen = parts.client(&[
        "crowd",
        "--address",
        ours.address(),
        "--idle",
        &IDLE.to_string(),
        "--server",
        &ours.process(),
    ])?;
    let (idle, millis) = (number(&seen, "idle")?, number(&seen, "millis")?);
    println!(
        "beside {idle:.0} idle connections of {:.1} KB each: a request took {millis:.0} ms (wanted at most \
         {WANTED_BESIDE_MILLIS:.0}); {:.0} were refused",
        number(&seen, "octets_each")? / 1e3,
        number(&seen, "refused")?
    );
    Ok(idle >= IDLE as f64 && millis <= WANTED_BESIDE_MILLIS)
}

/// Names that nobody has.
fn strangers(parts: &Parts) -> Outcome {
    let ours = Ours::start(parts, &["--names", "1"])?;
    let seen = parts.client(&[
        "strangers",
        "--address",
        ours.address(),
        "--seconds",
        SECONDS,
        "--server",
        &ours.process(),
    ])?;
    let micros = number(&seen, "processor_micros")?;
    println!(
        "hellos for names that nobody has: {:.0} a second seen, {micros:.1} µs of processor each, which are {:.0} a \
         second and processor (wanted {WANTED_STRANGERS:.0}); {:.0} let in",
        number(&seen, "rate")?,
        1e6 / micros,
        number(&seen, "let_in")?
    );
    Ok(1e6 / micros >= WANTED_STRANGERS && number(&seen, "let_in")? < 1.0)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
