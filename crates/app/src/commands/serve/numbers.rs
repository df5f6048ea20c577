//! The management port: is this node well, and in numbers.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use host::certificates::{Certificates, WantedState};
use host::domains::DomainState;
use host::door::{Door, Policies};
use host::{Page, Pages};
use jiff::Timestamp;
use outside::Clock;

/// What is known of this node.
#[derive(Debug, Default)]
pub(super) struct Condition {
    /// Whether everything was read once.
    ready: AtomicBool,
    /// When the database was last followed, in milliseconds since 1970.
    followed: AtomicI64,
    /// Up to which change.
    revision: AtomicI64,
    counted: Mutex<Counted>,
}

/// What is counted in the database, now and then.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    /// Domains in each state.
    pub(super) domains: Vec<(DomainState, u64)>,
    /// Names that are to have certificates.
    pub(super) wanted: WantedState,
}

impl Condition {
    /// Everything was read up to this change.
    pub(super) fn followed(&self, revision: i64, now: Timestamp) {
        self.revision.store(revision, Ordering::Relaxed);
        self.followed.store(now.as_millisecond(), Ordering::Relaxed);
        self.ready.store(true, Ordering::Release);
    }

    /// What the database was found to have.
    pub(super) fn counted(&self, counted: Counted) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = counted;
    }
}

/// What the numbers are read from.
struct Sources {
    clock: Clock,
    door: Weak<Door>,
    policies: Arc<Policies>,
    certificates: Arc<Certificates>,
    condition: Arc<Condition>,
}

/// What the management port answers.
pub(super) fn pages(
    clock: &Clock,
    door: &Arc<Door>,
    policies: &Arc<Policies>,
    certificates: &Arc<Certificates>,
    condition: &Arc<Condition>,
) -> Pages {
    let sources = Sources {
        clock: clock.clone(),
        // The door ends when whoever opened it lets go of it.
        door: Arc::downgrade(door),
        policies: Arc::clone(policies),
        certificates: Arc::clone(certificates),
        condition: Arc::clone(condition),
    };
    Arc::new(move |path| match path {
        "/healthz" => Some(Page { well: true, text: "well\n".to_owned() }),
        // Without a database it goes on serving: that is no reason to send nobody here any more.
        "/readyz" => Some(match sources.condition.ready.load(Ordering::Acquire) {
            true => Page { well: true, text: "ready\n".to_owned() },
            false => Page { well: false, text: "reading what is to be served\n".to_owned() },
        }),
        "/metrics" => Some(Page { well: true, text: metrics(&sources) }),
        _ => None,
    })
}

/// In the text format of Prometheus.
fn metrics(sources: &Sources) -> String {
    let condition = &sources.condition;
    let counted = condition.counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let followed = condition.followed.load(Ordering::Relaxed);
    let age = sources.clock.now().as_millisecond().saturating_sub(followed).max(0) / 1000;
    let mut text = String::new();
    // Writing to a text does not fail.
    let mut one = |name: &str, kind: &str, help: &str, rows: &[(String, u64)]| {
        let _ = writeln!(text, "# HELP mta_sts_{name} {help}\n# TYPE mta_sts_{name} {kind}");
        for (labels, number) in rows {
            let _ = writeln!(text, "mta_sts_{name}{labels} {number}");
        }
    };
    let alone = |number: u64| [(String::new(), number)];
    let size = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let states: Vec<(String, u64)> = DomainState::ALL
        .iter()
        .map(|state| {
            let found = counted.domains.iter().find(|(known, _)| known == state);
            (format!("{{state=\"{state}\"}}"), found.map_or(0, |(_, number)| *number))
        })
        .collect();
    one("domains", "gauge", "Hosted domains by state.", &states);
    one("policies", "gauge", "Policies that this node serves.", &alone(size(sources.policies.len())));
    one(
        "certificates",
        "gauge",
        "Certificates that this node shows.",
        &alone(size(sources.certificates.len())),
    );
    one("certificates_wanted", "gauge", "Names that are to have certificates.", &alone(counted.wanted.names));
    one("certificates_failing", "gauge", "Names whose last order failed.", &alone(counted.wanted.failing));
    one("certificates_due", "gauge", "Names for which an order is due.", &alone(counted.wanted.due));
    let revision = u64::try_from(condition.revision.load(Ordering::Relaxed)).unwrap_or_default();
    one("revision", "gauge", "The last change that this node serves.", &alone(revision));
    let age = u64::try_from(age).unwrap_or_default();
    one("database_age_seconds", "gauge", "Seconds since the database was last followed.", &alone(age));
    if let Some(door) = sources.door.upgrade() {
        for (count, number) in door.tally().each() {
            one(&format!("{}_total", count.name()), "counter", "Counted at the door.", &alone(number));
        }
    }
    text
}
