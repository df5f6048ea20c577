//! A name server on loopback.

use std::net::UdpSocket;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A name server on loopback that lives as long as the process: names with `hit` have a record, with `fail` a server that
/// fails, others do not exist.
pub(crate) struct Answerer {
    pub(crate) address: String,
    pub(crate) answers: Arc<AtomicUsize>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Everything fails.
    broken: AtomicBool,
    /// Nothing fails.
    mended: AtomicBool,
    /// The questions, as they came.
    asked: Mutex<Vec<Vec<u8>>>,
}

impl Answerer {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = socket.local_addr().expect("bound").to_string();
        let (answers, state) = (Arc::new(AtomicUsize::new(0)), Arc::new(State::default()));
        let (count, known) = (Arc::clone(&answers), Arc::clone(&state));
        std::thread::spawn(move || {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                let question = &packet[..length];
                known.asked.lock().expect("nobody panics").push(question.to_vec());
                if socket.send_to(&answer(question, &known), from).is_ok() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Self { address, answers, state }
    }

    /// From now on everything fails, or what is to fail.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.state.broken.store(broken, Ordering::SeqCst);
    }

    /// From now on nothing fails.
    pub(crate) fn set_mended(&self) {
        self.state.mended.store(true, Ordering::SeqCst);
    }

    /// How many questions had this in their name.
    pub(crate) fn asked(&self, word: &str) -> usize {
        let asked = self.state.asked.lock().expect("nobody panics");
        asked.iter().filter(|question| holds(question, word.as_bytes())).count()
    }

    pub(crate) fn wait_for(&self, answers: usize, child: &mut Child) {
        while self.answers.load(Ordering::SeqCst) < answers && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn holds(question: &[u8], word: &[u8]) -> bool {
    question.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// RFC 1035 §4.1: the question again, and perhaps one TXT record.
fn answer(question: &[u8], state: &State) -> Vec<u8> {
    let end = 12 + question[12..].iter().position(|octet| *octet == 0).expect("a name") + 5;
    let fails = holds(question, b"fail") && !state.mended.load(Ordering::SeqCst);
    let (code, count) = if fails || state.broken.load(Ordering::SeqCst) {
        (2, 0)
    } else if holds(question, b"hit") {
        (0, 1)
    } else {
        (3, 0)
    };
    let mut answer = question[..end].to_vec();
    answer[2..12].copy_from_slice(&[0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    if count > 0 {
        answer.extend_from_slice(&[0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 44, 0, 15, 14]);
        answer.extend_from_slice(b"v=STSv1; id=1;");
    }
    answer
}
