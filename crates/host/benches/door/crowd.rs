//! Connections that do nothing, and a request beside them.

use std::net::SocketAddr;
use std::time::Instant;

use serde_json::json;

use super::certificates::name;
use super::client::{Client, get};
use super::words::Words;
use super::{Outcome, process};

/// Connections made at the same time.
const AT_ONCE: usize = 64;

pub(super) fn run(words: &mut Words) -> Outcome {
    let address: SocketAddr = words.needed("address")?;
    let idle: usize = words.needed("idle")?;
    let server: Option<String> = words.optional("server")?;
    let memory = || server.as_deref().map(process::memory).transpose();
    let client = Client::new(address)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let before = memory()?;
        let name = name(0);
        let mut kept = Vec::with_capacity(idle);
        let mut refused = 0;
        for first in (0..idle).step_by(AT_ONCE) {
            let some = (first..idle.min(first + AT_ONCE)).map(|number| client.connect(number, &name));
            for connected in futures_util::future::join_all(some).await {
                match connected {
                    Ok(stream) => kept.push(stream),
                    Err(_) => refused += 1,
                }
            }
        }
        let start = Instant::now();
        let mut stream = client.connect(idle, &name).await?;
        get(&mut stream, &name, true).await?;
        let took = start.elapsed();
        let grown = memory()?.zip(before).map(|(after, before)| after.saturating_sub(before));
        println!(
            "{}",
            json!({
                "idle": kept.len(),
                "refused": refused,
                "millis": took.as_secs_f64() * 1e3,
                "octets_each": grown.map(|grown| grown as f64 / kept.len().max(1) as f64),
            })
        );
        Ok(())
    })
}
