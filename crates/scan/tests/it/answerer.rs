//! A name server that answers by what is in the name, and counts how often each name was asked for.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// One name server; it ends when dropped.
pub(crate) struct Answerer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<BTreeMap<String, u64>>>,
    /// While this is set it says SERVFAIL to everything.
    pub(crate) broken: Arc<AtomicBool>,
    /// While this is set it fails for no name.
    pub(crate) mended: Arc<AtomicBool>,
    serving: JoinHandle<()>,
}

impl Answerer {
    /// On a port of its own.
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let address = socket.local_addr().expect("bound");
        let (asked, broken) = (Arc::new(Mutex::new(BTreeMap::new())), Arc::new(AtomicBool::new(false)));
        let mended = Arc::new(AtomicBool::new(false));
        let (counts, is_broken, is_mended) = (Arc::clone(&asked), Arc::clone(&broken), Arc::clone(&mended));
        let serving = tokio::spawn(async move {
            let mut packet = [0; 512];
            loop {
                let Ok((length, from)) = socket.recv_from(&mut packet).await else { continue };
                let question = &packet[..length];
                let name = name(question);
                let fails = is_broken.load(Ordering::SeqCst)
                    || name.contains("fail") && !is_mended.load(Ordering::SeqCst);
                let answer = answer(question, &name, fails);
                *counts.lock().unwrap().entry(name).or_default() += 1;
                let _ = socket.send_to(&answer, from).await;
            }
        });
        Self { address, asked, broken, mended, serving }
    }

    /// How often each name that begins so was asked for.
    pub(crate) fn asked(&self, start: &str) -> BTreeMap<String, u64> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(name, _)| name.starts_with(start)).map(|(n, c)| (n.clone(), *c)).collect()
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The name asked for, without `_mta-sts.`, in lower case. RFC 1035 §4.1.2.
fn name(question: &[u8]) -> String {
    let (mut labels, mut at) = (Vec::new(), 12);
    while let Some(length) = question.get(at).map(|length| usize::from(*length)).filter(|length| *length > 0)
    {
        labels.push(String::from_utf8_lossy(&question[at + 1..at + 1 + length]).to_ascii_lowercase());
        at += length + 1;
    }
    let name = labels.join(".");
    name.strip_prefix("_mta-sts.").unwrap_or(&name).to_owned()
}

/// Names with `hit` have a record, with `empty` none of that type, with `fail` a server that fails; others do not exist.
fn answer(question: &[u8], name: &str, fails: bool) -> Vec<u8> {
    // The question ends 5 octets behind the last label: a zero, type and class.
    let end = 12 + question[12..].iter().position(|octet| *octet == 0).expect("a name") + 5;
    let (code, count) = match name {
        _ if fails => (2, 0),
        _ if name.contains("hit") => (0, 1),
        _ if name.contains("empty") => (0, 0),
        _ => (3, 0),
    };
    let mut answer = question[..end].to_vec();
    // QR, RD, RA; one question, and the counts.
    answer[2..12].copy_from_slice(&[0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    if count > 0 {
        let text = b"v=STSv1; id=1;";
        // A pointer to the name, TXT, IN, a time to live, and one string.
        answer.extend_from_slice(&[
            0xc0,
            12,
            0,
            16,
            0,
            1,
            0,
            0,
            1,
            44,
            0,
            text.len() as u8 + 1,
            text.len() as u8,
        ]);
        answer.extend_from_slice(text);
    }
    answer
}
