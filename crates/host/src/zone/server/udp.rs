//! Questions by UDP.
//!
//! On threads of their own that wait in the system for the next one: two calls of the system for each question, where an
//! asynchronous socket with little to do needs four.

use std::io;
use std::net::UdpSocket;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Office, Transport};
use crate::zone::Desk;
use crate::zone::bucket::ticks;
use crate::zone::limit::Verdict;

/// How often a thread with nothing to do looks up whether it is to end.
pub(super) const LOOK_UP: Duration = Duration::from_millis(250);
/// Questions are short; what is longer is cut off and not understood.
const MAX_QUESTION: usize = 2_048;
/// After an error of the socket that waiting may cure, such as no memory.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) fn serve(socket: &UdpSocket, office: &Office) {
    let mut desk = Desk::default();
    let mut asked = [0; MAX_QUESTION];
    while !office.stop.load(Ordering::Relaxed) {
        let (length, from) = match socket.recv_from(&mut asked) {
            Ok(received) => received,
            Err(error) => {
                let idle = matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                );
                if !idle {
                    std::thread::sleep(PAUSE);
                }
                continue;
            }
        };
        let asked = asked.get(..length).unwrap_or_default();
        let now = office.clock.now();
        // Answers to port 0 go nowhere.
        let answer = match from.port() {
            0 => None,
            _ => office.zone.answer(&mut desk, asked, Transport::Udp, now).map(|answer| answer.kind),
        };
        office.counters.count(Transport::Udp, answer);
        let Some(kind) = answer else { continue };
        let verdict = office.limiter.judge(from.ip(), kind, &desk.question, ticks(now));
        if verdict != Verdict::Send {
            office.counters.limited();
        }
        let octets = match verdict {
            Verdict::Send => desk.reply.as_slice(),
            Verdict::Shorten => desk.shorten(),
            Verdict::Drop => continue,
        };
        // An answer that cannot be sent is lost as any datagram may be: the asker asks again.
        drop(socket.send_to(octets, from));
    }
}
