//! `cargo xtask bench dns`: our name server beside Knot, in one run, in turns.
//!
//! Processor time for each answer is the figure that holds: each server has one thread on the first processor, the client
//! is on the second, and whatever else the machine does strikes both.

mod load;
mod servers;

use std::time::{Duration, Instant};

use self::load::Load;
use self::servers::{Knot, Ours, Server};
use crate::Outcome;

/// Hosted domains, each with two names that have a TXT record.
const DOMAINS: usize = 200_000;
/// Rounds of each measurement, and seconds of each.
const ROUNDS: usize = 7;
const SECONDS: u64 = 2;
/// Questions at the same time.
const IN_FLIGHT: usize = 32;
/// What is wanted: µs of processor for an answer; octets of memory for a name; time until a new id is answered.
const WANTED_MICROS: f64 = 8.0;
const WANTED_OCTETS: f64 = 200.0;
const WANTED_LIVE: Duration = Duration::from_millis(10);
/// Few enough domains that all their signatures are kept, asked for before it counts.
const POPULAR: usize = 1_000;
/// Changes of an id.
const CHANGES: usize = 200;

pub(super) fn run(words: &[String]) -> Outcome {
    match words.first().map(String::as_str) {
        // Our own client, on a processor of its own.
        Some("load") => return load::client(words.get(1..).unwrap_or_default()),
        Some(other) => return Err(format!("no part `{other}`")),
        None => {}
    }
    let (empty, ours, knot) = (Ours::start(0, false)?, Ours::start(DOMAINS, false)?, Knot::start(DOMAINS)?);
    let memory = ours.memory()?.saturating_sub(empty.memory()?);
    drop(empty);
    let each = memory as f64 / (2 * DOMAINS) as f64;
    println!(
        "{} names: {:.0} MB, {each:.0} octets a name with all it has (wanted at most {WANTED_OCTETS:.0}); Knot {:.0} MB",
        2 * DOMAINS,
        memory as f64 / 1e6,
        knot.memory()? as f64 / 1e6
    );
    let mut good = each <= WANTED_OCTETS;
    let all = Load { domains: DOMAINS, signed: false, seconds: SECONDS, in_flight: IN_FLIGHT };
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        mine.push(all.on(&ours)?);
        theirs.push(all.on(&knot)?);
    }
    let ratios = mine.iter().zip(&theirs).map(|(mine, theirs)| mine / theirs).collect();
    let (micros, best) = (median(mine.clone()), mine.iter().copied().fold(f64::MAX, f64::min));
    println!(
        "a TXT answer: {micros:.2} µs of processor (best {best:.2}; wanted at most {WANTED_MICROS}), Knot {:.2} µs; ours \
         is {:.2} of it",
        median(theirs),
        median(ratios)
    );
    good &= micros <= WANTED_MICROS;
    good &= live(ours)?;
    drop(knot);
    signed()?;
    Ok(good)
}

/// How soon a new id is answered, from the word to announce it.
fn live(mut ours: Ours) -> Outcome {
    let mut times = Vec::new();
    for number in 0..CHANGES {
        let id = format!("n{number}");
        let start = Instant::now();
        ours.announce("t000007", &id)?;
        while !load::answers(ours.address(), "t000007", &id)? {}
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let worst = times.last().copied().unwrap_or_default();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    println!(
        "a new id is answered after {middle:.1?}, at worst {worst:.1?} of {CHANGES} (wanted: {WANTED_LIVE:.0?})"
    );
    Ok(middle <= WANTED_LIVE)
}

/// What signatures cost: made for the question, or kept from before.
fn signed() -> Result<(), String> {
    let ours = Ours::start(DOMAINS, true)?;
    let kept = Load { domains: POPULAR, signed: true, seconds: SECONDS, in_flight: IN_FLIGHT };
    let made = Load { domains: DOMAINS, ..kept };
    kept.on(&ours)?;
    let (mut of_kept, mut of_made) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_kept.push(kept.on(&ours)?);
        of_made.push(made.on(&ours)?);
    }
    println!(
        "the same signed: {:.2} µs with a signature that is kept; {:.1} µs for any of {DOMAINS} domains",
        median(of_kept),
        median(of_made)
    );
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
