//! Questions for the ids of hosted domains, a fixed number of them at the same time.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use super::servers::Server;
use crate::command;

/// The processor of the client.
const PROCESSOR: &str = "1";
/// An answer that takes longer is lost.
const LOST: Duration = Duration::from_millis(500);
/// The share of answers that may be lost or wrong.
const MOST_BAD: f64 = 0.001;

/// One measurement.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) domains: usize,
    pub(super) signed: bool,
    pub(super) seconds: u64,
    pub(super) in_flight: usize,
}

impl Load {
    /// Microseconds of the server's processor for each answer.
    pub(super) fn on(&self, server: &dyn Server) -> Result<f64, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut client = Command::new("taskset");
        client.args(["-c", PROCESSOR]).arg(program).args([
            "bench",
            "dns",
            "load",
            &server.address().to_string(),
        ]);
        client
            .args([self.domains, self.in_flight, usize::from(self.signed)].map(|number| number.to_string()));
        client.arg(self.seconds.to_string());
        let before = server.processor()?;
        let (status, out) = command::output(&mut client)?;
        let taken = server.processor()?.saturating_sub(before);
        let text = String::from_utf8_lossy(&out);
        let mut numbers = text.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        match (status.success(), numbers.next(), numbers.next()) {
            (true, Some(answers), Some(bad)) if answers > 0.0 && bad <= answers * MOST_BAD => {
                Ok(taken as f64 / 1e3 / answers)
            }
            _ => Err(format!("the client did not get its answers: {text}")),
        }
    }
}

/// The client's side: writes how many answers were right and how many were not.
pub(super) fn client(words: &[String]) -> crate::Outcome {
    let [address, domains, in_flight, signed, seconds] = words else {
        return Err("load ADDRESS DOMAINS IN-FLIGHT SIGNED SECONDS".to_owned());
    };
    let number = |word: &String| word.parse::<usize>().map_err(|error| format!("{word}: {error}"));
    let (domains, in_flight, signed) = (number(domains)?, number(in_flight)?, number(signed)? != 0);
    let limit = Duration::from_secs(number(seconds)? as u64);
    let socket = connect(address.parse().map_err(|error| format!("{address}: {error}"))?)?;
    let (mut good, mut bad, mut open, mut id) = (0_u64, 0_u64, 0, 0_u16);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut answer = [0; 1500];
    let start = Instant::now();
    while start.elapsed() < limit {
        while open < in_flight {
            let asked = question(id, &format!("t{:06}", random.below(domains)), signed);
            socket.send(&asked).map_err(|error| error.to_string())?;
            id = id.wrapping_add(1);
            open += 1;
        }
        match socket.recv(&mut answer) {
            Ok(length) => {
                open -= 1;
                // One record, or one and its signature, and no error.
                let whole =
                    usize::from(answer[7]) == 1 + usize::from(signed) && answer[3] & 15 == 0 && length > 12;
                *(if whole { &mut good } else { &mut bad }) += 1;
            }
            Err(_) => {
                bad += open as u64;
                open = 0;
            }
        }
    }
    println!("{good} {bad}");
    Ok(true)
}

/// Whether the record of a label holds these words.
pub(super) fn answers(address: SocketAddr, label: &str, words: &str) -> Result<bool, String> {
    let socket = connect(address)?;
    socket.send(&question(1, label, false)).map_err(|error| error.to_string())?;
    let mut answer = [0; 1500];
    let length = socket.recv(&mut answer).unwrap_or_default();
    let answer = answer.get(..length).unwrap_or_default();
    Ok(answer.windows(words.len()).any(|window| window == words.as_bytes()))
}

fn connect(address: SocketAddr) -> Result<UdpSocket, String> {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    socket.connect(address).map_err(|error| error.to_string())?;
    socket.set_read_timeout(Some(LOST)).map_err(|error| error.to_string())?;
    Ok(socket)
}

/// TXT of `<label>.s.host.test`; RFC 1035 §4.1, and RFC 6891 §6.1.2 for who wants signatures.
fn question(id: u16, label: &str, signed: bool) -> Vec<u8> {
    let mut octets = Vec::with_capacity(64);
    octets.extend(id.to_be_bytes());
    octets.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(signed)]);
    for label in [label, "s", "host", "test"] {
        octets.push(label.len() as u8);
        octets.extend_from_slice(label.as_bytes());
    }
    octets.extend([0, 0, 16, 0, 1]);
    if signed {
        octets.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0]);
    }
    octets
}

/// Marsaglia's xorshift: the same questions in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}
