//! Who fetched which policy: what a domain owner needs to know who still holds an old one.

mod privacy;
mod writer;

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use hyper::header::USER_AGENT;
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};
use outside::Clock;

pub use privacy::Privacy;

use self::privacy::Concealment;
use self::writer::{Line, Message};
use super::Posted;

/// Lines that wait to be written: some seconds of a busy host.
const WAITING: usize = 8192;
/// Octets of a client's description of itself that are kept.
const AGENT: usize = 120;

/// A record of the visits to policy hosts, as lines of JSON at the end of a file. A clone writes to the same file.
///
/// Writing is done by a thread of its own. Answers never wait for it: when the disk is full or slow, lines are lost and
/// counted.
#[derive(Clone, Default)]
pub struct AccessLog(Option<Arc<Open>>);

struct Open {
    to_writer: SyncSender<Message>,
    concealment: Concealment,
    clock: Clock,
}

impl AccessLog {
    /// Nothing is noted.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Visits are noted at the end of this file, with so much of the visitor's address.
    ///
    /// # Errors
    /// When the file cannot be opened or made.
    pub fn open(path: PathBuf, privacy: Privacy, clock: Clock) -> io::Result<Self> {
        let (to_writer, messages) = sync_channel(WAITING);
        writer::start(path, messages)?;
        Ok(Self(Some(Arc::new(Open { to_writer, concealment: Concealment::new(privacy), clock }))))
    }

    /// Waits until everything noted so far has been handed to the system. For the end of a process and for tests: it
    /// blocks the thread.
    pub fn flush(&self) {
        self.tell(Message::Flush);
    }

    /// Opens the file anew under its name, after it was moved away by whoever rotates logs. Blocks the thread.
    pub fn reopen(&self) {
        self.tell(Message::Reopen);
    }

    fn tell(&self, message: impl FnOnce(SyncSender<()>) -> Message) {
        let (done, wait) = sync_channel(1);
        if let Some(open) = &self.0
            && open.to_writer.send(message(done)).is_ok()
        {
            // The writer answers, or is gone: then there is nothing to wait for.
            let _ = wait.recv();
        }
    }

    /// Notes one request; false when it could not be noted.
    pub(super) fn note(
        &self,
        from: IpAddr,
        host: &str,
        head: &Parts,
        status: StatusCode,
        posted: Option<&Posted>,
    ) -> bool {
        let Some(open) = &self.0 else { return true };
        let at = open.clock.now();
        let agent = head.headers.get(USER_AGENT).map(|agent| {
            let text = String::from_utf8_lossy(agent.as_bytes());
            text.chars().take(AGENT).collect::<String>()
        });
        let line = Line {
            at,
            from: open.concealment.seen(from, at),
            host: host.into(),
            id: posted.map(|posted| posted.id().into()),
            status: status.as_u16(),
            method: head.method.as_str().into(),
            http: match head.version {
                Version::HTTP_2 => "2",
                Version::HTTP_10 => "1.0",
                _ => "1.1",
            },
            agent,
        };
        open.to_writer.try_send(Message::Line(Box::new(line))).is_ok()
    }
}

impl std::fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AccessLog").field(&self.0.as_ref().map(|open| &open.concealment)).finish()
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn request(agent: &str) -> Parts {
        let request = Request::builder().uri("/.well-known/mta-sts.txt").header(USER_AGENT, agent.as_bytes());
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_line_for_each_visit_also_after_the_file_was_moved() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("access.jsonl");
        let clock = Clock::fixed("2026-04-29T12:00:00Z".parse().expect("a time"));
        let log = AccessLog::open(path.clone(), Privacy::Network, clock).expect("a log");
        let from = IpAddr::from([192, 0, 2, 77]);
        let posted = Posted::new("20260429", b"");
        assert!(log.note(from, "mta-sts.example.com", &request("Sender/1"), StatusCode::OK, Some(&posted)));
        let hostile = "a\"\r\n\u{1b}".to_owned();
        // A header field cannot hold these; whatever else gets in, a line stays one line.
        let (mut head, agent) = (request("x"), hyper::header::HeaderValue::from_bytes(b"a\"\xff\tb"));
        head.headers.insert(USER_AGENT, agent.expect("a value"));
        assert!(hyper::header::HeaderValue::from_str(&hostile).is_err());
        assert!(log.note(from, "mta-sts.example.com", &head, StatusCode::NOT_FOUND, None));
        log.flush();

        let moved = folder.path().join("access.1");
        std::fs::rename(&path, &moved).expect("moved");
        assert!(log.note(from, "mta-sts.example.com", &request(&"x".repeat(500)), StatusCode::OK, None));
        log.flush();
        log.reopen();
        assert!(log.note(from, "mta-sts.example.net", &request("Sender/2"), StatusCode::OK, None));
        log.flush();

        let read = |path| std::fs::read_to_string(path).expect("a file");
        let first = read(moved);
        let first: Vec<&str> = first.lines().collect();
        assert_eq!(
            first[0],
            r#"{"at":"2026-04-29T12:00:00Z","from":"192.0.2.0/24","host":"mta-sts.example.com","id":"20260429","status":200,"method":"GET","http":"1.1","agent":"Sender/1"}"#
        );
        assert!(first[1].ends_with(r#""status":404,"method":"GET","http":"1.1","agent":"a\"\ufffd\tb"}"#.replace(r"\ufffd", "\u{fffd}").as_str()), "{}", first[1]);
        assert!(first[2].ends_with(&format!(r#""agent":"{}"}}"#, "x".repeat(AGENT))), "{}", first[2]);
        assert_eq!(first.len(), 3);
        let second = read(path);
        assert!(second.contains("mta-sts.example.net") && second.lines().count() == 1, "{second}");
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("none").join("access.jsonl");
        let error = AccessLog::open(path, Privacy::Full, Clock::system()).expect_err("no folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
