//! A name server with many hosted domains, alone: for the bench beside other name servers, and for trying it out.
//!
//! `zone ADDRESS APEX LABELS [KEY]` answers for `<label>.s.APEX` and `<label>.r.APEX`, the labels being `t000000` and so
//! on, signed if a file with a secret key is given. It writes a line when it is ready; each line that it reads, a label and
//! an id, changes that id, and is answered with a line when that is done.

#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use std::error::Error;
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::sync::Arc;

use host::zone::{DnsServer, DnsSettings, Hosted, LimitSettings, NameServer, Zone, ZoneKey, ZoneSettings};
use outside::Clock;
use protocol::{Domain, sts, tlsrpt};

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word =
        |what: &str| words.next().ok_or_else(|| format!("usage: zone ADDRESS APEX LABELS [KEY]: no {what}"));
    let address: SocketAddr = word("ADDRESS")?.parse()?;
    let apex = Domain::parse(&word("APEX")?)?;
    let count: u32 = word("LABELS")?.parse()?;
    let server = NameServer { name: apex.with_label("ns1")?, addresses: vec![address.ip()] };
    let mut settings = ZoneSettings::new(apex.clone(), vec![server], vec![address.ip()]);
    if let Ok(file) = word("KEY") {
        settings.keys.push(ZoneKey::read(&std::fs::read_to_string(file)?, None)?);
    }
    let zone = Arc::new(Zone::new(settings)?);
    let hosted = |number: u32| -> Result<(Box<str>, Hosted), Box<dyn Error>> {
        let reports = format!("v=TLSRPTv1; rua=mailto:t{number:06}@rpt.{}", apex.as_str());
        let hosted = Hosted::default()
            .with_announced(&record(&format!("20261122T{number:06}")))
            .with_reports(&tlsrpt::read_records(&[reports])?);
        Ok((format!("t{number:06}").into(), hosted))
    };
    zone.fill((0..count).map(hosted).collect::<Result<Vec<_>, _>>()?)?;
    let settings = DnsSettings {
        listen: vec![address],
        threads: std::num::NonZeroUsize::new(1),
        limits: LimitSettings::NONE,
    };
    let server = DnsServer::start(&settings, Arc::clone(&zone), Clock::system())?;
    println!("ready on {}, {} domains", server.addresses()[0], zone.len());
    zone.ds(apex.as_str()).iter().for_each(|record| println!("{record}"));
    let changing = tokio::task::spawn_blocking(move || {
        for line in std::io::stdin().lock().lines() {
            let line = line.unwrap_or_default();
            let Some((label, id)) = line.split_once(' ') else { continue };
            if zone.put(label, Hosted::default().with_announced(&record(id))).is_ok() {
                println!("{label} {id}");
            }
        }
    });
    changing.await?;
    server.drain().await;
    Ok(())
}

fn record(id: &str) -> sts::Record {
    sts::Record { id: id.to_owned(), extensions: Vec::new() }
}
