//! The sweep against real and against misbehaving servers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use outside::{Batch, Clock, Sweep, SweepError, SweepFailure, SweepSettings, Swept};
use protocol::Domain;
use protocol::observed::Octets;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc;

use super::dns::{Dns, cname, sockets, txt};

fn settings(resolvers: &[SocketAddr]) -> SweepSettings {
    SweepSettings {
        resolvers: resolvers.to_vec(),
        timeout: Duration::from_millis(200),
        ..SweepSettings::default()
    }
}

fn domain(name: impl AsRef<str>) -> Domain {
    Domain::parse(name.as_ref()).unwrap()
}

/// Sweeps these batches, and checks that each comes back once with as many answers as names.
async fn sweep(settings: SweepSettings, batches: Vec<Vec<Domain>>) -> Vec<Vec<Swept>> {
    let (names, taken) = mpsc::channel(1);
    let (given, mut answers) = mpsc::channel(1);
    let sweeping = tokio::spawn(Sweep::new(settings, Clock::system()).run(taken, given));
    let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
    let sending = tokio::spawn(async move {
        for (ticket, names_of_batch) in (0..).zip(batches) {
            names.send(Batch { ticket, names: names_of_batch.into() }).await.unwrap();
        }
    });
    let mut all = HashMap::new();
    while let Some(batch) = answers.recv().await {
        assert!(all.insert(batch.ticket, batch.answers).is_none(), "given back twice");
    }
    sending.await.unwrap();
    sweeping.await.unwrap().unwrap();
    let all: Vec<_> = (0..).map_while(|ticket| all.remove(&ticket)).collect();
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    all
}

fn records(answer: &Swept) -> Vec<String> {
    match answer {
        Swept::Records(records) => records.iter().map(Octets::lossy).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_real_server_is_read_right() {
    let long: Vec<_> =
        (0..3).map(|at| ("_mta-sts.long.lab.test.", txt(&format!("{at}{}", "x".repeat(253))))).collect();
    let wide: Vec<_> = (0..40).map(|at| ("_mta-sts.wide.lab.test.", txt(&format!("{at:0>200}")))).collect();
    let few = [
        ("_mta-sts.lab.test.", txt("v=STSv1; id=1;")),
        ("_mta-sts.alias.lab.test.", cname("_mta-sts.lab.test.")),
        ("_mta-sts.wide.lab.test.", txt("v=STSv1; id=2;")),
        ("_mta-sts.below.empty.lab.test.", txt("v=STSv1; id=3;")),
    ];
    let dns = Dns::start(few.into_iter().chain(long).chain(wide).collect(), Vec::new()).await;
    let longest = domain(format!("{}.lab.test", ["a"; 120].join(".")));
    let names = [
        "lab.test",
        "alias.lab.test",
        "long.lab.test",
        "wide.lab.test",
        "none.lab.test",
        "empty.lab.test",
        "elsewhere.test",
    ];
    let names: Vec<Domain> = names.iter().map(domain).chain([longest]).collect();
    let all = sweep(settings(&[dns.address]), vec![names, Vec::new()]).await;
    let [found, nothing] = &all[..] else { panic!("{all:?}") };
    assert!(nothing.is_empty());
    assert_eq!(records(&found[0]), ["v=STSv1; id=1;"]);
    assert_eq!(records(&found[1]), ["v=STSv1; id=1;"]);
    assert_eq!(records(&found[2]).len(), 3);
    // 41 records of 200 octets come over TCP alone; the one that matters is kept.
    assert!(found[3].is_hit() && records(&found[3]).len() == 16, "{:?}", found[3]);
    assert_eq!(found[4], Swept::NxDomain);
    assert_eq!(found[6], Swept::Failed(SweepFailure::Refused));
    assert_eq!(found[7], Swept::Failed(SweepFailure::Unsent));
}

/// What a server does with a question.
#[derive(Clone, Copy)]
enum Manner {
    /// Answers.
    Right,
    /// First with a wrong id, then with another question, then with a wrong case, then right.
    Guesses,
    /// Says that it has no room, and answers over TCP.
    Cut,
    /// Loses so many questions of each name.
    Loses(usize),
    /// Has no answer, by this code.
    Code(u8),
    /// Says nothing.
    Mute,
    /// Sends anything but an answer.
    Noise,
}

/// A server that answers every name with one record that holds the name, in its manner.
async fn server(manner: impl Fn(&str) -> Manner + Send + Sync + 'static) -> SocketAddr {
    let (udp, tcp) = sockets().await;
    let address = udp.local_addr().unwrap();
    tokio::spawn(over_tcp(tcp));
    tokio::spawn(async move {
        let (mut buffer, mut seen) = ([0; 1500], HashMap::<String, usize>::new());
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            let question = &buffer[..length];
            let name = asked(question);
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            let right = reply(question, 0, false);
            let replies = match manner(&name) {
                Manner::Right => vec![right],
                Manner::Guesses => {
                    let (mut id, mut other, mut case) = (right.clone(), right.clone(), right.clone());
                    id[0] ^= 0x55;
                    other[14] ^= 1;
                    case[13] ^= 0x20;
                    vec![id, other, case.clone(), case[..7].to_vec(), Vec::new(), right]
                }
                Manner::Cut => vec![reply(question, 0, true)],
                Manner::Loses(lost) if *count <= lost => Vec::new(),
                Manner::Loses(_) => vec![right],
                Manner::Code(code) => vec![reply(question, code, false)],
                Manner::Mute => Vec::new(),
                Manner::Noise => vec![vec![0xff; 40], question.to_vec()],
            };
            for reply in replies {
                udp.send_to(&reply, from).await.unwrap();
            }
        }
    });
    address
}

async fn over_tcp(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut question = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut question).await.unwrap();
            let reply = reply(&question, 0, false);
            stream.write_u16(u16::try_from(reply.len()).unwrap()).await.unwrap();
            stream.write_all(&reply).await.unwrap();
        });
    }
}

/// The name asked for, without its first label; empty for the root.
fn asked(question: &[u8]) -> String {
    let mut labels = Vec::new();
    let mut rest = &question[12..];
    while let [length @ 1..=63, tail @ ..] = rest {
        let (label, after) = tail.split_at(usize::from(*length));
        labels.push(String::from_utf8_lossy(label).into_owned());
        rest = after;
    }
    labels.into_iter().skip(1).collect::<Vec<_>>().join(".")
}

/// An answer with a TXT record that holds the name, or without any.
fn reply(question: &[u8], code: u8, cut: bool) -> Vec<u8> {
    let end = 12 + question[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
    let text = asked(question);
    let holds = code == 0 && !cut;
    let mut reply = question[..2].to_vec();
    reply.extend([0x81 | u8::from(cut) << 1, 0x80 | code, 0, 1, 0, u8::from(holds), 0, 0, 0, 0]);
    reply.extend(&question[12..end]);
    if holds {
        let length = u8::try_from(text.len()).unwrap();
        reply.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, length + 1, length]);
        reply.extend(text.as_bytes());
    }
    reply
}

fn many(count: usize) -> Vec<Vec<Domain>> {
    let names: Vec<Domain> = (0..count).map(|at| domain(format!("n{at}.test"))).collect();
    names.chunks(97).map(<[Domain]>::to_vec).collect()
}

#[tokio::test]
async fn every_answer_is_that_of_its_name_whatever_is_lost_cut_or_forged() {
    let manners = |name: &str| match name.bytes().fold(0, |sum, octet| sum + usize::from(octet)) % 8 {
        0 => Manner::Guesses,
        1 => Manner::Cut,
        2 => Manner::Loses(1),
        3 => Manner::Loses(2),
        _ => Manner::Right,
    };
    let address = server(manners).await;
    let batches = many(2_000);
    let all = sweep(settings(&[address]), batches.clone()).await;
    for (names, answers) in batches.iter().zip(&all) {
        for (name, answer) in names.iter().zip(answers) {
            assert_eq!(records(answer), [name.as_str()]);
        }
    }
}

#[tokio::test]
async fn the_kinds_of_failure_are_told_apart() {
    let manners = |name: &str| match name {
        "servfail.test" => Manner::Code(2),
        "refused.test" => Manner::Code(5),
        "notimp.test" => Manner::Code(4),
        "nx.test" => Manner::Code(3),
        "mute.test" => Manner::Mute,
        "noise.test" => Manner::Noise,
        _ => Manner::Right,
    };
    let address = server(manners).await;
    let names =
        ["servfail.test", "refused.test", "notimp.test", "nx.test", "mute.test", "noise.test", "ok.test"];
    let all = sweep(settings(&[address]), vec![names.iter().map(domain).collect()]).await;
    assert_eq!(
        all[0][..6],
        [
            Swept::Failed(SweepFailure::ServFail),
            Swept::Failed(SweepFailure::Refused),
            Swept::Failed(SweepFailure::Malformed),
            Swept::NxDomain,
            Swept::Failed(SweepFailure::Timeout),
            Swept::Failed(SweepFailure::Timeout),
        ]
    );
    assert_eq!(records(&all[0][6]), ["ok.test"]);
}

#[tokio::test]
async fn what_one_resolver_does_not_answer_another_may() {
    let bad = server(|name| if name.ends_with("1.test") { Manner::Code(2) } else { Manner::Mute }).await;
    let good = server(|_| Manner::Right).await;
    let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let all = sweep(settings(&[bad, nobody.local_addr().unwrap(), good]), many(500)).await;
    assert!(all.iter().flatten().all(|answer| matches!(answer, Swept::Records(_))));
}

#[tokio::test]
async fn the_last_name_alone_may_go_unanswered() {
    // Nothing else is asked that could show that the resolver is there.
    let address = server(|name| if name.is_empty() { Manner::Right } else { Manner::Mute }).await;
    let all = sweep(settings(&[address]), vec![vec![domain("mute.test")]]).await;
    assert_eq!(all, [[Swept::Failed(SweepFailure::Timeout)]]);
}

#[tokio::test]
async fn a_resolver_that_dies_pauses_the_sweep_and_costs_no_name() {
    let (dead, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (is_dead, count) = (Arc::clone(&dead), Arc::clone(&asked));
    let address = server(move |_| {
        if count.fetch_add(1, Ordering::Relaxed) == 700 {
            is_dead.store(true, Ordering::Relaxed);
        }
        if is_dead.load(Ordering::Relaxed) { Manner::Mute } else { Manner::Right }
    })
    .await;
    let sweep_of_all = Sweep::new(settings(&[address]), Clock::system());
    let mut health = sweep_of_all.health();
    let (names, taken) = mpsc::channel(64);
    let (given, mut answers) = mpsc::channel(64);
    for (ticket, batch) in (0..).zip(many(3_000)) {
        names.send(Batch { ticket, names: batch.into() }).await.unwrap();
    }
    drop(names);
    let sweeping = tokio::spawn(sweep_of_all.run(taken, given));
    assert_eq!(health.wait_for(|health| health.paused).await.unwrap().silent, [address]);
    dead.store(false, Ordering::Relaxed);
    asked.store(1_000, Ordering::Relaxed);
    health.wait_for(|health| !health.paused).await.unwrap();
    let mut count = 0;
    while let Some(batch) = answers.recv().await {
        count += batch.answers.len();
        assert!(batch.answers.iter().all(|answer| matches!(answer, Swept::Records(_))), "{batch:?}");
    }
    assert_eq!(count, 3_000);
    sweeping.await.unwrap().unwrap();
}

#[tokio::test]
async fn patience_ends_with_a_word_and_no_answer() {
    let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    for (resolver, keep) in [(address, Some(nobody)), (SocketAddr::from(([127, 0, 0, 1], 1)), None)] {
        let mut settings = settings(&[resolver]);
        settings.patience = Some(Duration::from_millis(300));
        let (names, taken) = mpsc::channel(1);
        let (given, mut answers) = mpsc::channel(1);
        names.send(Batch { ticket: 1, names: [domain("a.test")].into() }).await.unwrap();
        let ended = Sweep::new(settings, Clock::system()).run(taken, given).await;
        assert!(matches!(&ended, Err(SweepError::Silence { .. })), "{ended:?}");
        assert_eq!(answers.recv().await, None);
        drop(keep);
    }
    let (_, taken) = mpsc::channel(1);
    let (given, _) = mpsc::channel(1);
    let ended = Sweep::new(settings(&[]), Clock::system()).run(taken, given).await;
    assert!(matches!(ended, Err(SweepError::NoResolver)));
}

#[tokio::test]
async fn nobody_who_takes_the_answers_ends_it() {
    let address = server(|_| Manner::Right).await;
    let (names, taken) = mpsc::channel(1);
    let (given, answers) = mpsc::channel(1);
    drop(answers);
    names.send(Batch { ticket: 1, names: [domain("a.test")].into() }).await.unwrap();
    let ended = Sweep::new(settings(&[address]), Clock::system()).run(taken, given).await;
    assert!(matches!(ended, Err(SweepError::Abandoned)));
}

#[tokio::test]
async fn no_more_is_open_than_allowed() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let address = socket.local_addr().unwrap();
    let (now_open, most_open) = (Arc::clone(&open), Arc::clone(&most));
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let reply = reply(&buffer[..length], 0, false);
            let (socket, open) = (Arc::clone(&socket), Arc::clone(&now_open));
            most_open.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::spawn(async move {
                tokio::task::yield_now().await;
                open.fetch_sub(1, Ordering::SeqCst);
                socket.send_to(&reply, from).await.unwrap();
            });
        }
    });
    let mut settings = settings(&[address]);
    settings.in_flight = 7;
    settings.timeout = Duration::from_secs(60);
    sweep(settings, many(500)).await;
    assert!(most.load(Ordering::SeqCst) <= 7);
}
