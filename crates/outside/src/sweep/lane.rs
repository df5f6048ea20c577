//! One resolver: its sockets, what is open there, how fast it may be asked, whether it speaks at all.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::UdpSocket;

use super::SweepSettings;
use super::question::Question;
use super::random::Numbers;
use super::settings::SweepError;

/// Sockets for each resolver: each has a port that the system chose and ids of its own.
const DOORS: usize = 4;
/// Questions lost in a row before a resolver is doubted. Names that no server answers for come in families, but
/// seldom so many without any other between them.
const DOUBT_AFTER: u32 = 32;
/// How often a silent resolver is asked the control question.
const CONTROL_PAUSE: Duration = Duration::from_secs(1);
/// Questions sent at once when the rate has room for them: what the coarse timer of the sweep needs to keep the rate.
const BURST: f64 = 0.05;
/// Ids tried until a free one is found. Half of them at most are taken, so 64 in a row never are.
const MAX_DRAWS: usize = 64;

/// Questions sent at first, before anything is heard: more than a server's socket holds must not come at once.
const FIRST_WINDOW: usize = 32;

/// No flight has this id.
const FREE: u32 = u32::MAX;
/// The control question has it.
const CONTROL: u32 = u32::MAX - 1;

/// One resolver.
pub(super) struct Lane {
    pub(super) address: SocketAddr,
    doors: Vec<Door>,
    /// Flights whose last question went here and is not answered.
    pub(super) open: usize,
    pub(super) state: State,
    /// When anything was last heard from it.
    pub(super) heard: Duration,
    /// When it last spoke again after a silence.
    pub(super) recovered: Duration,
    lost_in_row: u32,
    /// Questions that may be open by now: few at first, one more for each answer.
    window: usize,
    control: Option<Control>,
    control_due: Duration,
    allowance: Option<Allowance>,
    blocked: Option<usize>,
}

struct Door {
    socket: UdpSocket,
    /// The flight that has each id.
    ids: Vec<u32>,
}

/// Whether a resolver speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It does, or has not been asked.
    Well,
    /// Much was lost; it gets the control question and nothing else until that is settled.
    Doubted,
    /// Not even the control question was answered.
    Silent,
}

#[derive(Clone, Copy)]
struct Control {
    door: usize,
    id: u16,
    sent: Duration,
}

struct Allowance {
    per_second: f64,
    left: f64,
    counted: Duration,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It left by this door with this id.
    Away { door: usize, id: u16 },
    /// The system takes no more at the moment.
    Blocked,
}

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Flight(u32),
    Control,
    Nobody,
}

impl Lane {
    pub(super) async fn open(address: SocketAddr, settings: &SweepSettings) -> Result<Self, SweepError> {
        let any: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let source = settings.source_ip.filter(|source| source.is_ipv4() == any.is_ipv4()).unwrap_or(any);
        let mut doors = Vec::with_capacity(DOORS);
        for _ in 0..DOORS {
            let failed = |error| SweepError::Socket { resolver: address, error };
            let socket = UdpSocket::bind(SocketAddr::new(source, 0)).await.map_err(failed)?;
            // Connected: the kernel drops what comes from elsewhere, and tells when nobody listens.
            socket.connect(address).await.map_err(failed)?;
            doors.push(Door { socket, ids: vec![FREE; 1 << 16] });
        }
        let allowance = settings.rate.map(|rate| Allowance {
            per_second: f64::from(rate.get()),
            left: 1.0,
            counted: Duration::ZERO,
        });
        Ok(Self {
            address,
            doors,
            open: 0,
            state: State::Well,
            heard: Duration::ZERO,
            recovered: Duration::ZERO,
            lost_in_row: 0,
            window: FIRST_WINDOW,
            control: None,
            control_due: Duration::ZERO,
            allowance,
            blocked: None,
        })
    }

    /// Whether one more question may go here now.
    pub(super) fn has_room(&mut self, in_flight: usize, now: Duration) -> bool {
        self.state == State::Well
            && self.open < in_flight.min(self.window)
            && self.blocked.is_none()
            && self.allowance.as_mut().is_none_or(|allowance| allowance.has_room(now))
    }

    /// Sends a question, written by `write` with the id that it is given, for a flight.
    pub(super) fn send(
        &mut self,
        flight: u32,
        question: &mut Question,
        numbers: &mut Numbers,
        write: impl FnMut(&mut Question, u16),
    ) -> Sent {
        let sent = self.send_as(flight, question, numbers, write);
        if let Sent::Away { .. } = sent
            && let Some(allowance) = &mut self.allowance
        {
            allowance.left -= 1.0;
        }
        sent
    }

    fn send_as(
        &mut self,
        flight: u32,
        question: &mut Question,
        numbers: &mut Numbers,
        mut write: impl FnMut(&mut Question, u16),
    ) -> Sent {
        let Some(number) = numbers.next() else { return Sent::Blocked };
        let at = usize::from(number) % self.doors.len().max(1);
        let Some(door) = self.doors.get_mut(at) else { return Sent::Blocked };
        let free = (0..MAX_DRAWS).find_map(|_| {
            let id = numbers.next()?;
            (door.ids.get(usize::from(id)) == Some(&FREE)).then_some(id)
        });
        let Some(id) = free else { return Sent::Blocked };
        write(question, id);
        match door.socket.try_send(question.octets()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked = Some(at);
                return Sent::Blocked;
            }
            // The word of an earlier question: nobody listens. This one counts as lost in its time.
            Err(_) => self.doubt(),
            Ok(_) => {}
        }
        if let Some(slot) = self.doors.get_mut(at).and_then(|door| door.ids.get_mut(usize::from(id))) {
            *slot = flight;
        }
        Sent::Away { door: at, id }
    }

    /// Frees an id, late answers to which are then nobody's.
    pub(super) fn free(&mut self, door: usize, id: u16) {
        if let Some(slot) = self.doors.get_mut(door).and_then(|door| door.ids.get_mut(usize::from(id))) {
            *slot = FREE;
        }
    }

    /// The next message that has come in by a door, if there is one: its length in `buffer`, and whom it is for.
    pub(super) fn receive(&mut self, door: usize, buffer: &mut [u8]) -> Option<(usize, For)> {
        let from = self.doors.get(door)?;
        match from.socket.try_recv(buffer) {
            Ok(length) => {
                let id = buffer.get(..length)?.first_chunk().map(|id| usize::from(u16::from_be_bytes(*id)));
                let whose = match id.and_then(|id| from.ids.get(id)) {
                    None | Some(&FREE) => For::Nobody,
                    Some(&CONTROL) => For::Control,
                    Some(&flight) => For::Flight(flight),
                };
                Some((length, whose))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(_) => {
                self.doubt();
                Some((0, For::Nobody))
            }
        }
    }

    pub(super) const fn doors(&self) -> usize {
        self.doors.len()
    }

    /// Something that fits a question came from it.
    pub(super) fn hear(&mut self, now: Duration) {
        self.heard = now;
        self.lost_in_row = 0;
        self.window = self.window.saturating_add(1);
        if self.state == State::Silent {
            self.recovered = now;
            self.window = FIRST_WINDOW;
        }
        if self.state != State::Well {
            self.state = State::Well;
            self.drop_control();
        }
    }

    /// A question was not answered in time.
    pub(super) fn lose(&mut self) {
        self.lost_in_row = self.lost_in_row.saturating_add(1);
        if self.lost_in_row >= DOUBT_AFTER {
            self.doubt();
        }
    }

    pub(super) fn doubt(&mut self) {
        if self.state == State::Well {
            self.state = State::Doubted;
            self.control_due = Duration::ZERO;
        }
    }

    /// Asks a doubted or silent resolver the control question when it is time. True when it has just fallen silent.
    pub(super) fn look_after(
        &mut self,
        question: &mut Question,
        numbers: &mut Numbers,
        timeout: Duration,
        now: Duration,
    ) -> bool {
        if self.state == State::Well {
            return false;
        }
        let mut fell = false;
        if let Some(Control { sent, .. }) = self.control
            && now >= sent + timeout
        {
            fell = self.state == State::Doubted;
            self.state = State::Silent;
            self.drop_control();
            self.control_due = now + CONTROL_PAUSE;
        }
        if self.control.is_none() && now >= self.control_due {
            let write = |question: &mut Question, id| question.write_control(id);
            if let Sent::Away { door, id } = self.send_as(CONTROL, question, numbers, write) {
                self.control = Some(Control { door, id, sent: now });
            }
        }
        fell
    }

    fn drop_control(&mut self) {
        if let Some(Control { door, id, .. }) = self.control.take() {
            self.free(door, id);
        }
    }

    /// Whether something has come in, or a door that was blocked is open again.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut ready = false;
        for door in &self.doors {
            ready |= door.socket.poll_recv_ready(context).is_ready();
        }
        if let Some(door) = self.blocked.and_then(|at| self.doors.get(at))
            && door.socket.poll_send_ready(context).is_ready()
        {
            self.blocked = None;
            ready = true;
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Allowance {
    fn has_room(&mut self, now: Duration) -> bool {
        let since = now.saturating_sub(self.counted);
        self.counted = now;
        let most = (self.per_second * BURST).max(1.0);
        self.left = since.as_secs_f64().mul_add(self.per_second, self.left).min(most);
        self.left >= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_keeps_the_rate() {
        let mut allowance = Allowance { per_second: 100.0, left: 1.0, counted: Duration::ZERO };
        let mut sent = 0;
        for millis in 0..10_000 {
            while allowance.has_room(Duration::from_millis(millis)) {
                allowance.left -= 1.0;
                sent += 1;
            }
        }
        assert!((990..=1_001).contains(&sent), "{sent}");
    }
}
