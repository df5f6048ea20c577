//! Hellos for names that nobody has.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::LocalSet;

use super::client::Client;
use super::words::Words;
use super::{Outcome, process};

/// Lines of hellos, one after another in each.
const LINES: usize = 16;

pub(super) fn run(words: &mut Words) -> Outcome {
    let address: SocketAddr = words.needed("address")?;
    let seconds: f64 = words.needed("seconds")?;
    let server: Option<String> = words.optional("server")?;
    let taken = || server.as_deref().map(process::processor).transpose();
    let client = Client::new(address)?;
    let (refused, let_in) = (Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(0_u64)));
    let lines = LocalSet::new();
    for line in 0..LINES {
        let (client, refused, let_in) = (client.clone(), Rc::clone(&refused), Rc::clone(&let_in));
        lines.spawn_local(async move {
            let mut number = line;
            loop {
                let name = format!("mta-sts.s{number:x}.invalid");
                let count = if client.connect(number, &name).await.is_err() { &refused } else { &let_in };
                count.set(count.get() + 1);
                number += LINES;
            }
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    lines.block_on(&runtime, async {
        let (before, start) = (taken()?, Instant::now());
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let processor = taken()?.zip(before).map(|(after, before)| after - before);
        let count = refused.get() as f64;
        println!(
            "{}",
            json!({
                "refused": refused.get(),
                "let_in": let_in.get(),
                "rate": count / start.elapsed().as_secs_f64(),
                "processor_micros": processor.map(|seconds| seconds * 1e6 / count.max(1.0)),
            })
        );
        Ok(())
    })
}
