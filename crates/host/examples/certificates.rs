//! How long it takes until a node shows its certificates, and what memory that needs: `cargo run --release -p mta-sts-host
//! --example certificates -- 200000 FILE.sqlite` fills a database the first time, and measures every time.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a tool of the developers"
)]

use std::sync::Arc;
use std::time::Instant;

use database::{Database, Durability, Options, Place};
use host::certificates::{Certificates, Sealer, SealingKey, Store};
use jiff::Timestamp;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let count: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(10_000);
    let file = words.next().unwrap_or_else(|| "certificates.sqlite".to_owned());
    let sealer = Arc::new(Sealer::new(&SealingKey::read(KEY).unwrap(), &[]).unwrap());
    let options = Options { durability: Durability::Normal, ..Options::default() };
    let database = Database::open(&Place::File(file.into()), &options).await.unwrap();
    let store = Store::open(database, Arc::clone(&sealer)).await.unwrap();
    let certificates = Certificates::new(sealer);
    let now = Timestamp::now();
    let last = name(count - 1);
    if store.certificate(&last).await.unwrap().is_none() {
        let authority = store.local_authority(now).await.unwrap();
        for number in 0..count {
            let name = name(number);
            let issued = authority.issue(&name, now, certificates.provider()).unwrap();
            store.keep(&name, &issued).await.unwrap();
        }
        println!("{count} certificates made; measure again for figures without the making of them");
    }
    let before = resident();
    let start = Instant::now();
    certificates.follow(&store).await.unwrap();
    let loaded = start.elapsed();
    let start = Instant::now();
    assert!(certificates.for_name(&last).is_some());
    let first = start.elapsed();
    let start = Instant::now();
    assert!(certificates.for_name(&last).is_some());
    println!(
        "{} names in {loaded:?}; {before} KB before, {} KB after; one name: {first:?}, again {:?}",
        certificates.len(),
        resident(),
        start.elapsed(),
    );
}

fn name(number: usize) -> String {
    format!("mta-sts.customer-{number:06}.example")
}

/// In KB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
