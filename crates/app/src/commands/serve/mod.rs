//! `mta-sts serve`.

mod following;
mod keys;
mod looking;
mod naming;
mod numbers;
mod signals;
mod snapshot;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use database::Lease;
use host::certificates::{Certificates, Issuer, IssuerSettings, Method, OwnFiles, Proofs, Store};
use host::door::{AccessLog, Door, DoorSettings, Interior, Policies, Privacy, Service};
use host::{DnsServer, Management};
use outside::{Clock, Outside};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Context;
use super::hosting::{Hosting, of_domains};
use super::verifying;
use crate::cli::{PrivacyWord, ServeArgs};
use crate::exit::{ExitStatus, Stop};
use crate::settings::Serving;
use following::Following;
use looking::Looking;
use numbers::Condition;
use signals::{Signal, Signals};
use snapshot::Snapshot;

/// How long those who are inside may take when the service ends; a fetch takes a second.
const GRACE: Duration = Duration::from_secs(20);
/// Orders at the same time.
const ORDERS: usize = 16;

/// Serves until told to end.
pub(crate) async fn serve(args: &ServeArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let mut signals = Signals::new()?;
    let serving = Serving::resolve(args, &context.layers)?;
    let hosting = Arc::new(Hosting::open(&args.hosting, &context.layers, true).await?);
    let outside = verifying::outside(&args.look, &hosting, context)?;
    Lease::prepare(&hosting.database).await.map_err(could_not)?;
    let keys = keys::open(serving.sealing_key.as_deref(), &beside(&hosting, "key"))?;
    let store = Store::open(hosting.database.clone(), Arc::clone(&keys)).await.map_err(could_not)?;
    let certificates = Arc::new(Certificates::new(keys));
    certificates.bring(OwnFiles::read(&serving.own, certificates.provider()).map_err(could_not)?);

    let clock = hosting.clock.clone();
    let local = match serving.acme.is_none() && serving.own.is_empty() {
        true => Some(store.local_authority(clock.now()).await.map_err(could_not)?),
        false => None,
    };
    let root = local.as_ref().map(|authority| (beside(&hosting, "root.pem"), authority.root_pem()));
    if let Some((path, pem)) = &root {
        std::fs::write(path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let policies = Arc::new(Policies::default());
    let zone = naming::zone(&serving, &hosting.names)?;
    let mut snapshot = Snapshot::new(Arc::clone(&policies), Arc::clone(&certificates), zone.clone(), local);
    snapshot.follow(&hosting.domains, clock.now()).await.map_err(of_domains)?;
    certificates.follow(&store).await.map_err(could_not)?;

    let log = access_log(&serving, &clock)?;
    let door = Arc::new(open(&serving, &certificates, &policies, log.clone())?);
    let dns = zone.as_ref().map(|zone| naming::server(&serving, zone, &clock)).transpose()?;
    let condition = Arc::new(Condition::default());
    let node = serving.node.clone().map_or_else(made_up_name, Ok)?;
    let numbers = numbers::pages(&clock, &door, &policies, &certificates, &condition);
    let management = Management::open(serving.management, numbers)
        .await
        .map_err(|error| could_not(format!("cannot listen at {}: {error}", serving.management)))?;
    say(
        context,
        &door,
        dns.as_ref().map_or(&[], DnsServer::addresses),
        management.address(),
        policies.len(),
        root.as_ref().map(|(path, _)| path.as_path()),
        &serving,
    )?;

    let stop = CancellationToken::new();
    let jobs = TaskTracker::new();
    let following = Following {
        snapshot,
        hosting: Arc::clone(&hosting),
        store: store.clone(),
        certificates: Arc::clone(&certificates),
        node: node.clone(),
        condition,
    };
    jobs.spawn(following.run(stop.clone()));
    let orders = serving.acme.is_some().then(|| store.clone());
    let looking = Looking::new(Arc::clone(&hosting), outside.clone(), orders, node.clone());
    let mut looking = pin!(looking.run(stop.clone()));
    if let Some(issuer) = issuer(&serving, &store, &certificates, &outside, node, &clock) {
        jobs.spawn(issuer.run(stop.clone()));
    }
    jobs.close();

    loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::Reload => reload(&serving, &certificates, &log, context),
                Signal::End => break,
            },
            () = &mut looking => anyhow::bail!("the looks at domains ended, which they do only when told to"),
        }
    }
    context.printer.talk("ending: those who are inside may finish");
    stop.cancel();
    drop(management);
    let drained = async {
        if let Some(dns) = dns {
            dns.drain().await;
        }
        if let Some(door) = Arc::into_inner(door) {
            door.drain(GRACE).await;
        }
    };
    let (_, ended, ()) = tokio::join!(drained, tokio::time::timeout(GRACE, jobs.wait()), looking);
    if ended.is_err() {
        tracing::warn!("some work did not end in time; it goes on where it stopped at the next start");
    }
    log.flush();
    hosting.database.close().await;
    Ok(ExitStatus::Good)
}

fn open(
    serving: &Serving,
    certificates: &Arc<Certificates>,
    policies: &Arc<Policies>,
    log: AccessLog,
) -> anyhow::Result<Door> {
    let settings = DoorSettings::at(serving.https.clone(), serving.http.clone());
    let (known, shown) = (Arc::clone(policies), Arc::clone(certificates));
    let interior = Interior {
        certificates: Arc::clone(certificates) as _,
        router: Arc::new(move |name| known.contains(name).then(|| Service::Policies(Arc::clone(&known)))),
        challenges: Arc::new(move |host, token| shown.challenges().http01(host, token)),
        log,
    };
    Door::open(settings, interior).map_err(could_not)
}

fn issuer(
    serving: &Serving,
    store: &Store,
    certificates: &Arc<Certificates>,
    outside: &Outside,
    node: String,
    clock: &Clock,
) -> Option<Issuer> {
    let (acme, limits) = serving.acme.clone()?;
    // RFC 8737 needs no port 80; with it there is a second way.
    let http = (!serving.http.is_empty()).then_some(Method::Http01);
    let settings = IssuerSettings {
        acme,
        limits,
        proofs: Proofs { methods: [Method::TlsAlpn01].into_iter().chain(http).collect(), dns: None },
        parallel: ORDERS,
        node,
    };
    let (store, certificates) = (store.clone(), Arc::clone(certificates));
    Some(Issuer::new(store, certificates, Some(outside.clone()), settings, clock.clone()))
}

fn access_log(serving: &Serving, clock: &Clock) -> anyhow::Result<AccessLog> {
    let Some(path) = &serving.access_log else { return Ok(AccessLog::off()) };
    let privacy = match serving.privacy {
        PrivacyWord::Full => Privacy::Full,
        PrivacyWord::Network => Privacy::Network,
        PrivacyWord::Pseudonym => Privacy::Pseudonym,
        PrivacyWord::None => Privacy::None,
    };
    AccessLog::open(path.clone(), privacy, clock.clone())
        .map_err(|error| could_not(format!("cannot write the access log {}: {error}", path.display())))
}

/// Reads certificate files anew; what cannot be read stays as it was.
fn reload(serving: &Serving, certificates: &Certificates, log: &AccessLog, context: &Context) {
    log.reopen();
    match OwnFiles::read(&serving.own, certificates.provider()) {
        Ok(own) => {
            certificates.bring(own);
            context.printer.talk("reloaded");
        }
        Err(fault) => {
            context.printer.talk(format!("not reloaded, the certificates stay as they were: {fault}"));
        }
    }
}

/// Says where everything is, and how to look at it.
fn say(
    context: &Context,
    door: &Door,
    dns: &[SocketAddr],
    management: SocketAddr,
    policies: usize,
    root: Option<&Path>,
    serving: &Serving,
) -> anyhow::Result<()> {
    let list =
        |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut text = match policies {
        1 => "serving 1 policy\n".to_owned(),
        number => format!("serving {number} policies\n"),
    };
    text += &format!("  https         {}\n", list(&door.addresses().https));
    if !door.addresses().http.is_empty() {
        text += &format!("  http          {}\n", list(&door.addresses().http));
    }
    if !dns.is_empty() {
        text += &format!("  dns           {}\n", list(dns));
    }
    text += &format!("  management    http://{management}/metrics\n");
    text += &match (root, &serving.acme) {
        (Some(root), _) => format!("  certificates  made here; their root is in {}\n", root.display()),
        (None, Some((acme, _))) => format!("  certificates  from {}\n", acme.directory),
        (None, None) => format!("  certificates  {} of your own\n", serving.own.len()),
    };
    context.printer.put(None, &crate::render::visible_lines(&text))
}

/// A file beside the SQLite file, or in this directory.
fn beside(hosting: &Hosting, what: &str) -> PathBuf {
    let mut name = hosting.file.clone().unwrap_or_else(|| PathBuf::from("mta-sts")).into_os_string();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}

fn made_up_name() -> anyhow::Result<String> {
    let label = host::domains::Label::fresh()?;
    Ok(format!("node-{}", label.as_str().get(..12).unwrap_or(label.as_str())))
}

fn could_not(why: impl std::fmt::Display) -> anyhow::Error {
    Stop { status: ExitStatus::CouldNotCheck, message: why.to_string() }.into()
}
