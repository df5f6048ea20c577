//! What turns names into answers: one task for all questions, without a timer or a socket for any single one.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use super::answer::{self, Said};
use super::desk::Desk;
use super::flights::{Flight, Flights};
use super::lane::{For, Lane, Sent, State};
use super::question::Question;
use super::random::Numbers;
use super::settings::{Batch, SweepError, SweepHealth, SweepSettings, SweptBatch};
use super::{SweepFailure, Swept, stream};
use crate::Stopwatch;

/// Resolvers used of those given.
const MAX_LANES: usize = 64;
/// Questions open at one resolver at most: half of the ids, so that free ones are found quickly and guessing is hard.
const MAX_IN_FLIGHT: usize = 32_768;
/// How often lateness, silence and rates are looked at.
const TICK: Duration = Duration::from_millis(10);
/// How often the state is told.
const TELL: Duration = Duration::from_secs(1);
/// Messages taken from one socket before the others have their turn.
const BURST: usize = 64;
/// Connections for answers that do not fit into a datagram, open at the same time.
const MAX_STREAMS: usize = 16;
/// The shortest wait for an answer: no resolver on earth is further away.
const MIN_WAIT: Duration = Duration::from_millis(100);
/// RFC 1035 §4.2.2: no message is longer.
const MAX_MESSAGE: usize = 65_535;

/// A question on its way over TCP: its flight, and what came back.
type Stream = Pin<Box<dyn Future<Output = (u32, Option<Vec<u8>>)> + Send>>;

/// A sweep at work.
pub(super) struct Pump {
    settings: SweepSettings,
    in_flight: usize,
    watch: Stopwatch,
    health: watch::Sender<SweepHealth>,
    count: SweepHealth,
    told: Duration,
    lanes: Vec<Lane>,
    turn: usize,
    flights: Flights,
    /// How long the answer to each try is waited for.
    waits: Vec<Duration>,
    desk: Desk,
    /// Flights to be asked again.
    again: VecDeque<u32>,
    /// Flights that wait until some resolver speaks.
    parked: Vec<u32>,
    /// Flights whose answer was cut, waiting for a connection.
    cut: VecDeque<u32>,
    streams: FuturesUnordered<Stream>,
    silent_since: Option<Duration>,
    question: Question,
    numbers: Numbers,
    buffer: Vec<u8>,
}

impl Pump {
    pub(super) async fn open(
        settings: SweepSettings,
        watch: Stopwatch,
        health: watch::Sender<SweepHealth>,
    ) -> Result<Self, SweepError> {
        let mut lanes = Vec::new();
        for resolver in settings.resolvers.iter().take(MAX_LANES) {
            lanes.push(Lane::open(*resolver, &settings).await?);
        }
        if lanes.is_empty() {
            return Err(SweepError::NoResolver);
        }
        let settings = SweepSettings { tries: settings.tries.max(1), ..settings };
        let in_flight = settings.in_flight.clamp(1, MAX_IN_FLIGHT);
        Ok(Self {
            flights: Flights::new(in_flight * lanes.len(), usize::from(settings.tries)),
            waits: waits(&settings),
            settings,
            in_flight,
            watch,
            health,
            count: SweepHealth::default(),
            told: Duration::ZERO,
            lanes,
            turn: 0,
            desk: Desk::default(),
            again: VecDeque::new(),
            parked: Vec::new(),
            cut: VecDeque::new(),
            streams: FuturesUnordered::new(),
            silent_since: None,
            question: Question::default(),
            numbers: Numbers::new(),
            buffer: vec![0; MAX_MESSAGE],
        })
    }

    pub(super) async fn run(
        mut self,
        mut names: mpsc::Receiver<Batch>,
        answers: mpsc::Sender<SweptBatch>,
    ) -> Result<(), SweepError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut ended = false;
        loop {
            let now = self.watch.elapsed();
            self.receive(now);
            self.expire(now);
            self.look_after(now)?;
            self.release(now);
            self.connect();
            let mut more = true;
            while more {
                more = false;
                if !ended && self.desk.has_room() {
                    match names.try_recv() {
                        Ok(batch) => {
                            self.desk.put(batch);
                            more = true;
                        }
                        Err(mpsc::error::TryRecvError::Empty) => {}
                        Err(mpsc::error::TryRecvError::Disconnected) => ended = true,
                    }
                }
                more &= self.send(now);
            }
            while let Some(batch) = self.desk.done.pop_front() {
                match answers.try_send(batch) {
                    Ok(()) => {}
                    Err(mpsc::error::TrySendError::Full(batch)) => {
                        self.desk.done.push_front(batch);
                        break;
                    }
                    Err(mpsc::error::TrySendError::Closed(_)) => return Err(SweepError::Abandoned),
                }
            }
            if ended && self.desk.is_empty() {
                self.tell();
                return Ok(());
            }
            let (wants, gives) = (!ended && self.desk.has_room(), !self.desk.done.is_empty());
            let lanes = &mut self.lanes;
            let ready = poll_fn(|context| {
                let ready = lanes.iter_mut().fold(false, |ready, lane| lane.poll(context).is_ready() | ready);
                if ready { Poll::Ready(()) } else { Poll::Pending }
            });
            tokio::select! {
                biased;
                () = ready => {}
                Some((flight, message)) = self.streams.next(), if !self.streams.is_empty() => {
                    let now = self.watch.elapsed();
                    self.hear_stream(flight, message.as_deref(), now);
                }
                batch = names.recv(), if wants => match batch {
                    Some(batch) => self.desk.put(batch),
                    None => ended = true,
                },
                permit = answers.reserve(), if gives => match (permit, self.desk.done.pop_front()) {
                    (Ok(permit), Some(batch)) => permit.send(batch),
                    (Err(_), _) => return Err(SweepError::Abandoned),
                    (Ok(_), None) => {}
                },
                _ = tick.tick() => {}
            }
        }
    }

    /// Takes what has come in.
    fn receive(&mut self, now: Duration) {
        let mut buffer = std::mem::take(&mut self.buffer);
        for at in 0..self.lanes.len() {
            let doors = self.lanes.get(at).map_or(0, Lane::doors);
            for door in 0..doors {
                for _ in 0..BURST {
                    let Some((length, whose)) =
                        self.lanes.get_mut(at).and_then(|lane| lane.receive(door, &mut buffer))
                    else {
                        break;
                    };
                    let message = buffer.get(..length).unwrap_or_default();
                    match whose {
                        For::Flight(flight) => self.hear(flight, message, now),
                        For::Control => self.hear_control(at, message, now),
                        For::Nobody => {}
                    }
                }
            }
        }
        self.buffer = buffer;
    }

    /// Takes a datagram for a flight.
    fn hear(&mut self, key: u32, message: &[u8], now: Duration) {
        let Some(flight) = self.flights.get(key) else { return };
        let name = self.desk.name(flight.batch, flight.index);
        self.question.write(flight.id, name);
        let said = answer::read(message, self.question.asked(), name);
        if said == Said::Foreign {
            return;
        }
        let (at, door, id) = (flight.lane, flight.door, flight.id);
        self.flights.step_out(key);
        self.count.answers += 1;
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.hear(now);
            lane.free(door, id);
            if said != Said::Truncated {
                lane.open = lane.open.saturating_sub(1);
            }
        }
        match said {
            Said::Answer(swept) => self.finish(key, swept),
            Said::Truncated => {
                self.count.truncated += 1;
                self.cut.push_back(key);
            }
            Said::Failed(failure) => self.fail(key, failure),
            Said::Foreign => {}
        }
    }

    fn hear_control(&mut self, at: usize, message: &[u8], now: Duration) {
        self.question.write_control(0);
        if answer::read(message, self.question.asked(), "") != Said::Foreign
            && let Some(lane) = self.lanes.get_mut(at)
        {
            self.count.answers += 1;
            lane.hear(now);
        }
    }

    /// Takes what came over TCP.
    fn hear_stream(&mut self, key: u32, message: Option<&[u8]>, now: Duration) {
        let Some(flight) = self.flights.get(key) else { return };
        let name = self.desk.name(flight.batch, flight.index);
        self.question.write(flight.id, name);
        let of_ours = |message: &&[u8]| message.starts_with(&flight.id.to_be_bytes());
        let said = message
            .filter(of_ours)
            .map_or(Said::Failed(SweepFailure::Timeout), |m| answer::read(m, self.question.asked(), name));
        if let Some(lane) = self.lanes.get_mut(flight.lane) {
            lane.open = lane.open.saturating_sub(1);
            if message.is_some() {
                lane.hear(now);
            }
        }
        match said {
            Said::Answer(swept) => self.finish(key, swept),
            Said::Failed(failure) => self.fail(key, failure),
            Said::Truncated | Said::Foreign => self.fail(key, SweepFailure::Malformed),
        }
    }

    /// A resolver said that it has no answer: another may, but the same one would only repeat itself.
    fn fail(&mut self, key: u32, failure: SweepFailure) {
        let Some(flight) = self.flights.get(key) else { return };
        if flight.tries < self.settings.tries && usize::from(flight.tries) < self.lanes.len() {
            self.again.push_back(key);
        } else {
            self.finish(key, Swept::Failed(failure));
        }
    }

    fn finish(&mut self, key: u32, swept: Swept) {
        if let Some(flight) = self.flights.end(key) {
            self.desk.answer(flight.batch, flight.index, swept);
        }
    }

    /// Gives up questions whose time is over.
    fn expire(&mut self, now: Duration) {
        while let Some((key, flight)) = self.late(now) {
            let (at, door, id, sent, tries) =
                (flight.lane, flight.door, flight.id, flight.sent, flight.tries);
            self.flights.step_out(key);
            self.count.lost += 1;
            let mut has_spoken = true;
            if let Some(lane) = self.lanes.get_mut(at) {
                lane.free(door, id);
                lane.open = lane.open.saturating_sub(1);
                lane.lose();
                has_spoken = lane.heard > sent;
                if !has_spoken && tries >= self.settings.tries {
                    lane.doubt();
                }
            }
            if tries < self.settings.tries {
                self.again.push_back(key);
            } else if has_spoken {
                self.finish(key, Swept::Failed(SweepFailure::Timeout));
            } else {
                // It may be the resolver rather than the name.
                self.parked.push(key);
            }
        }
    }

    /// A flight whose time is over.
    fn late(&self, now: Duration) -> Option<(u32, &Flight)> {
        let mut waits = self.waits.iter().enumerate();
        waits.find_map(|(line, wait)| {
            self.flights.oldest(line).filter(|(_, flight)| now >= flight.sent + *wait)
        })
    }

    /// Asks silent resolvers whether they are back, and tells how things are.
    fn look_after(&mut self, now: Duration) -> Result<(), SweepError> {
        let mut changed = false;
        for lane in &mut self.lanes {
            let timeout = self.settings.timeout;
            changed |= lane.look_after(&mut self.question, &mut self.numbers, timeout, now);
        }
        let paused = self.lanes.iter().all(|lane| lane.state == State::Silent);
        changed |= paused != self.count.paused;
        self.count.paused = paused;
        if changed || now >= self.told + TELL {
            self.told = now;
            self.tell();
        }
        if !paused {
            self.silent_since = None;
            return Ok(());
        }
        let silence = now.saturating_sub(*self.silent_since.get_or_insert(now));
        match self.settings.patience {
            Some(patience) if silence >= patience => {
                self.tell();
                let resolvers: Vec<String> = self.lanes.iter().map(|lane| lane.address.to_string()).collect();
                Err(SweepError::Silence { silence, resolvers: resolvers.join(", ") })
            }
            _ => Ok(()),
        }
    }

    fn tell(&mut self) {
        let silent = self.lanes.iter().filter(|lane| lane.state == State::Silent);
        self.count.silent = silent.map(|lane| lane.address).collect();
        self.health.send_replace(self.count.clone());
    }

    /// Decides about flights whose resolver was doubted, once that is settled.
    fn release(&mut self, now: Duration) {
        if self.parked.is_empty() || !self.some_lane_is_well() {
            return;
        }
        for key in std::mem::take(&mut self.parked) {
            let Some(flight) = self.flights.get_mut(key) else { continue };
            let spoke = self.lanes.get(flight.lane).filter(|lane| lane.heard > flight.sent);
            let was_there_all_the_time = spoke.is_some_and(|lane| lane.recovered <= flight.sent);
            if flight.tries >= self.settings.tries && was_there_all_the_time {
                self.finish(key, Swept::Failed(SweepFailure::Timeout));
            } else {
                // Nobody was there to answer: those tries do not count.
                (flight.tries, flight.sent) = (0, now);
                self.again.push_back(key);
            }
        }
    }

    fn some_lane_is_well(&self) -> bool {
        self.lanes.iter().any(|lane| lane.state == State::Well)
    }

    /// Opens connections for answers that were cut.
    fn connect(&mut self) {
        while self.streams.len() < MAX_STREAMS {
            let Some(key) = self.cut.pop_front() else { return };
            let Some(flight) = self.flights.get_mut(key) else { continue };
            let Some(id) = self.numbers.next() else { return };
            flight.id = id;
            self.question.write(id, self.desk.name(flight.batch, flight.index));
            let Some(lane) = self.lanes.get(flight.lane) else { continue };
            let question = self.question.octets().to_vec();
            let asking = stream::ask(lane.address, self.settings.source_ip, question, self.settings.timeout);
            self.streams.push(Box::pin(async move { (key, asking.await) }));
        }
    }

    /// Sends what may be sent: repeats first, then new names. True when all names at hand are on their way.
    fn send(&mut self, now: Duration) -> bool {
        while let Some(key) = self.again.pop_front() {
            if !self.some_lane_is_well() {
                self.parked.push(key);
            } else if !self.ask(key, now) {
                self.again.push_front(key);
                break;
            }
        }
        let room = self.in_flight * self.lanes.len();
        while self.flights.len() < room && self.any_lane_has_room(now) {
            let Some((batch, index)) = self.desk.take() else { return true };
            if !self.question.write(0, self.desk.name(batch, index)) {
                self.desk.answer(batch, index, Swept::Failed(SweepFailure::Unsent));
                continue;
            }
            let key = self.flights.begin(batch, index);
            if !self.ask(key, now) {
                self.again.push_back(key);
                return false;
            }
        }
        false
    }

    fn any_lane_has_room(&mut self, now: Duration) -> bool {
        self.lanes.iter_mut().any(|lane| lane.has_room(self.in_flight, now))
    }

    /// Sends a flight's next question: a new one to whoever has room, a repeat to the next resolver that speaks.
    fn ask(&mut self, key: u32, now: Duration) -> bool {
        let Some(flight) = self.flights.get_mut(key) else { return true };
        let count = self.lanes.len();
        let is_new = flight.tries == 0;
        let first = if is_new { self.turn } else { flight.lane + 1 };
        for step in 0..count {
            let at = (first + step) % count;
            let Some(lane) = self.lanes.get_mut(at) else { continue };
            if !lane.has_room(self.in_flight, now) {
                // A repeat is for another resolver than the last one, which is worth waiting for.
                if !is_new && lane.state == State::Well {
                    return false;
                }
                continue;
            }
            let name = self.desk.name(flight.batch, flight.index);
            let write = |question: &mut Question, id| {
                question.write(id, name);
            };
            match lane.send(key, &mut self.question, &mut self.numbers, write) {
                Sent::Blocked => return false,
                Sent::Away { door, id } => {
                    lane.open += 1;
                    (flight.lane, flight.door, flight.id) = (at, door, id);
                    flight.sent = now;
                    flight.tries = flight.tries.saturating_add(1);
                    let line = usize::from(flight.tries).saturating_sub(1);
                    self.flights.line_up(key, line);
                    self.count.questions += 1;
                    self.turn = at + 1;
                    return true;
                }
            }
        }
        false
    }
}

/// How long the answer to each try is waited for.
fn waits(settings: &SweepSettings) -> Vec<Duration> {
    let shortest = MIN_WAIT.min(settings.timeout);
    let mut waits: Vec<Duration> = (0..u32::from(settings.tries.max(1)))
        .map(|back| (settings.timeout / (1 << back.min(16))).max(shortest))
        .collect();
    waits.reverse();
    waits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_waits_longer() {
        let of = |tries, timeout| {
            let settings =
                SweepSettings { tries, timeout: Duration::from_millis(timeout), ..Default::default() };
            waits(&settings).iter().map(Duration::as_millis).collect::<Vec<_>>()
        };
        assert_eq!(of(3, 4_000), [1_000, 2_000, 4_000]);
        assert_eq!(of(0, 300), [300]);
        assert_eq!(of(4, 300), [100, 100, 150, 300]);
        assert_eq!(of(2, 50), [50, 50]);
        assert_eq!(of(255, 100).len(), 255);
    }
}
