//! A sender that looks all the time: the record first, then the policy. It must never get a new id with an old policy.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::world::{DOMAIN, World};

/// Between two looks, so that others get the processor too.
const PAUSE: Duration = Duration::from_millis(1);

/// What one change may show.
#[derive(Default)]
struct Change {
    /// The ids before it; any other is its own.
    before: BTreeSet<String>,
    /// The policy before it, and its own.
    old: String,
    new: String,
    /// Whether there was a record before.
    had_record: bool,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    looks: u64,
    ids: BTreeSet<String>,
    unanswered: u64,
    absent: u64,
    /// What must never be.
    violations: Vec<String>,
}

#[derive(Default)]
struct State {
    change: Change,
    seen: Seen,
}

pub(super) struct Poller {
    dns: u16,
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Poller {
    pub(super) fn start(world: &World) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (dns, http) = (world.dns, world.http);
        let (shared, until) = (Arc::clone(&state), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                // Held over both questions: a change begins between two looks.
                let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let record = ask_record(dns);
                let policy = ask_policy(http);
                state.take(record, policy);
                drop(state);
                std::thread::sleep(PAUSE);
            }
        });
        Self { dns, state, stop, thread: Some(thread) }
    }

    /// From now on the policy changes from `old` to `new`.
    pub(super) fn expect(&self, old: &str, new: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // The id at this moment too, should the last change have come and gone between two looks.
        state.seen.ids.extend(ask_record(self.dns).unwrap_or_default());
        let before = state.seen.ids.clone();
        let had_record = !before.is_empty();
        state.change = Change { before, old: old.to_owned(), new: new.to_owned(), had_record };
    }

    /// The record's id and the policy at this moment.
    pub(super) fn look(world: &World) -> (Option<String>, Option<String>) {
        (ask_record(world.dns).and_then(|ids| ids.first().cloned()), ask_policy(world.http))
    }

    pub(super) fn stop(mut self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner).seen.clone()
    }
}

impl State {
    fn take(&mut self, record: Option<Vec<String>>, policy: Option<String>) {
        let Self { change, seen } = self;
        seen.looks += 1;
        let (Some(ids), Some(policy)) = (record, policy) else {
            // Before the first publication there is nothing to get.
            seen.unanswered += u64::from(change.had_record);
            return;
        };
        let [id] = &ids[..] else {
            // None before the first; never more than one.
            if change.had_record || !ids.is_empty() {
                seen.absent += 1;
                seen.violations.push(format!("{} records", ids.len()));
            }
            return;
        };
        change.had_record = true;
        let is_new = !change.before.contains(id);
        seen.ids.insert(id.clone());
        if policy != change.new && (is_new || policy != change.old) {
            let age = if is_new { "new" } else { "old" };
            seen.violations.push(format!("{age} id {id} with this policy:\n{policy}"));
        }
    }
}

impl Seen {
    pub(super) fn good(&self) -> bool {
        self.violations.is_empty()
            && self.looks > 100
            && self.ids.len() > 2
            && self.unanswered * 100 < self.looks
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a sender that looked {} times got {} ids, no answer {} times, no record {} times, a new id with an old policy {} \
             times",
            self.looks,
            self.ids.len(),
            self.unanswered,
            self.absent,
            self.violations.len() as u64 - self.absent
        )?;
        self.violations.iter().take(3).try_for_each(|violation| write!(f, "\n{violation}"))
    }
}

/// The ids of all records at the name; `None` when no answer came.
fn ask_record(port: u16) -> Option<Vec<String>> {
    let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    // RFC 1035 §4.1: one question, no recursion.
    let mut question = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in format!("_mta-sts.{DOMAIN}").split('.') {
        question.push(u8::try_from(label.len()).ok()?);
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(b"\0\0\x10\0\x01");
    socket.send_to(&question, ("127.0.0.1", port)).ok()?;
    let mut answer = [0; 4096];
    let (length, _) = socket.recv_from(&mut answer).ok()?;
    let text = String::from_utf8_lossy(answer.get(..length)?).into_owned();
    Some(
        text.split("v=STSv1; id=")
            .skip(1)
            .filter_map(|rest| rest.split(';').next())
            .map(str::to_owned)
            .collect(),
    )
}

/// The policy as served, whole; `None` when there is none.
fn ask_policy(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let request = format!("GET /.well-known/mta-sts.txt HTTP/1.0\r\nHost: mta-sts.{DOMAIN}\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
}
