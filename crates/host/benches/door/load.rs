//! Requests, one after another in several lines, over new connections or over kept ones.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::LocalSet;

use super::certificates::name;
use super::client::{Client, get};
use super::words::Words;
use super::{Outcome, process};

/// The share of the time, at most one second, before anything is counted.
const WARM_UP: f64 = 0.15;

#[derive(Default)]
struct Seen {
    micros: Vec<u32>,
    failures: u64,
    why: Option<String>,
}

impl Seen {
    fn note(&mut self, started: Instant, outcome: &Result<(), std::io::Error>) {
        match outcome {
            Ok(()) => self.micros.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX)),
            Err(error) => {
                self.failures += 1;
                self.why.get_or_insert_with(|| error.to_string());
            }
        }
    }

    fn percentile(&self, percent: usize) -> u32 {
        let at = self.micros.len().saturating_sub(1) * percent / 100;
        self.micros.get(at).copied().unwrap_or_default()
    }
}

pub(super) fn run(words: &mut Words) -> Outcome {
    let address: SocketAddr = words.needed("address")?;
    let how: String = words.needed("how")?;
    let seconds: f64 = words.needed("seconds")?;
    let in_flight: usize = words.needed("in-flight")?;
    let names: usize = words.needed("names")?;
    let server: Option<String> = words.optional("server")?;
    let client = Client::new(address)?;
    let taken = || server.as_deref().map(process::processor).transpose();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let seen = Rc::new(RefCell::new(Seen::default()));
    let warm_up = Duration::from_secs_f64((seconds * WARM_UP).min(1.0));
    let lines = LocalSet::new();
    for line in 0..in_flight {
        let (client, seen, how) = (client.clone(), Rc::clone(&seen), how.clone());
        lines.spawn_local(async move {
            match how.as_str() {
                "kept" => kept(client, line, names, &seen).await,
                _ => fresh(client, line, in_flight, names, &seen).await,
            }
        });
    }
    let (elapsed, processor) = lines.block_on(&runtime, async {
        tokio::time::sleep(warm_up).await;
        *seen.borrow_mut() = Seen::default();
        let (before, start) = (taken()?, Instant::now());
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let processor = taken()?.zip(before).map(|(after, before)| after - before);
        Ok::<_, Box<dyn std::error::Error>>((start.elapsed().as_secs_f64(), processor))
    })?;
    let mut seen = seen.take();
    seen.micros.sort_unstable();
    let count = seen.micros.len();
    println!(
        "{}",
        json!({
            "requests": count,
            "failures": seen.failures,
            "why": seen.why,
            "rate": count as f64 / elapsed,
            "micros": { "50": seen.percentile(50), "90": seen.percentile(90), "99": seen.percentile(99) },
            "processor_micros": processor.map(|seconds| seconds * 1e6 / count.max(1) as f64),
            "utilisation": processor.map(|seconds| seconds / elapsed),
        })
    );
    Ok(())
}

/// A connection for each request, for names all over the list.
async fn fresh(client: Client, line: usize, lines: usize, names: usize, seen: &RefCell<Seen>) {
    let mut number = line;
    loop {
        // Strides that meet every name and look like none in particular.
        let name = name(number.wrapping_mul(7919) % names.max(1));
        let started = Instant::now();
        let outcome = async {
            let mut stream = client.connect(number, &name).await?;
            get(&mut stream, &name, true).await.map(drop)
        };
        let outcome = outcome.await;
        seen.borrow_mut().note(started, &outcome);
        number += lines;
    }
}

/// One connection for all requests.
async fn kept(client: Client, line: usize, names: usize, seen: &RefCell<Seen>) {
    let name = name(line % names.max(1));
    loop {
        let mut stream = match client.connect(line, &name).await {
            Ok(stream) => stream,
            Err(error) => {
                seen.borrow_mut().note(Instant::now(), &Err(error));
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            }
        };
        loop {
            let started = Instant::now();
            let outcome = get(&mut stream, &name, false).await.map(drop);
            seen.borrow_mut().note(started, &outcome);
            if outcome.is_err() {
                break;
            }
        }
    }
}
