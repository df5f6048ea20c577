//! The sweep alone, for measuring it: names on standard input, one a line; resolvers as arguments.
//!
//! `cargo run --release -p mta-sts-outside --example sweep -- 127.0.0.1:53 [--in-flight N] < names`

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring tool, run by hand")]

use std::io::BufRead;

use outside::{Batch, Clock, Sweep, SweepSettings, Swept};
use protocol::Domain;
use tokio::sync::mpsc;

/// Names in one batch.
const BATCH: usize = 1000;

#[tokio::main]
async fn main() {
    let mut settings = SweepSettings::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--in-flight" => settings.in_flight = words.next().unwrap().parse().unwrap(),
            "--rate" => settings.rate = Some(words.next().unwrap().parse().unwrap()),
            resolver => settings.resolvers.push(resolver.parse().unwrap()),
        }
    }
    let clock = Clock::system();
    let sweep = Sweep::new(settings, clock.clone());
    let health = sweep.health();
    let (names, taken) = mpsc::channel(4);
    let (given, mut answers) = mpsc::channel(4);
    let reader = tokio::task::spawn_blocking(move || {
        let mut lines = std::io::stdin().lock().lines();
        for ticket in 0.. {
            let names_of_batch: Vec<Domain> =
                lines.by_ref().take(BATCH).map(|line| Domain::parse(&line.unwrap()).unwrap()).collect();
            if names_of_batch.is_empty()
                || names.blocking_send(Batch { ticket, names: names_of_batch.into() }).is_err()
            {
                return;
            }
        }
    });
    let watch = clock.stopwatch();
    let sweeping = tokio::spawn(sweep.run(taken, given));
    let (mut names, mut hits, mut failed) = (0_u64, 0_u64, 0_u64);
    while let Some(batch) = answers.recv().await {
        for answer in &batch.answers {
            names += 1;
            hits += u64::from(answer.is_hit());
            failed += u64::from(matches!(answer, Swept::Failed(_)));
        }
    }
    let seconds = watch.elapsed().as_secs_f64();
    let ended = sweeping.await.unwrap();
    reader.await.unwrap();
    let rate = f64::from(u32::try_from(names).unwrap()) / seconds;
    println!("{names} names, {hits} hits, {failed} failed, {seconds:.2} s, {rate:.0} names/s, {ended:?}");
    println!("{:?}", health.borrow());
}
