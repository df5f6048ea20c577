//! The policy as served, and how senders read it.

use protocol::sts::{MAX_AGE_LIMIT, Policy, PolicyError, PolicyText, inspect_policy, mend_policy};
use protocol::{Oddity, Weight};

use super::{FetchState, FetchView};

/// What is known of the policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyState {
    /// The text that is judged; `None` when no address gave one.
    pub(crate) text: Option<Vec<u8>>,
    /// Whether a sender gets a text from at least one address.
    obtained: bool,
    /// Whether a sender that insists on `text/plain` gets one.
    plain: bool,
    /// Whether the text is packed by an unasked content-encoding.
    pub(crate) packed: bool,
    /// What the strict reader says.
    pub(crate) strict: Option<Result<PolicyText, PolicyError>>,
    /// What a careful sender uses: blank lines passed over, `max_age` capped.
    tolerant: Option<Policy>,
    /// What the more liberal senders use, when only disputed points stand against the text.
    liberal: Option<Policy>,
    /// What is worth saying about the text.
    pub(crate) oddities: Vec<Oddity>,
}

impl PolicyState {
    pub(crate) fn of(fetches: &[FetchView<'_>]) -> Self {
        let obtained: Vec<_> = fetches.iter().filter(|view| view.state == FetchState::Obtained).collect();
        // A text that a bad certificate keeps from senders is judged all the same: every fault at once.
        let source = obtained
            .iter()
            .copied()
            .chain(fetches.iter().filter(|view| view.body().is_some()))
            .find(|view| view.body().is_some());
        let Some((source, text)) = source.and_then(|view| Some((view, view.body()?))) else {
            return Self::default();
        };
        let plain = obtained
            .iter()
            .any(|view| view.media_type.as_ref().is_some_and(protocol::sts::MediaType::is_text_plain));
        let strict = PolicyText::read(text);
        let packed = strict.is_err() && source.encoding().is_some();
        let (_, oddities) = inspect_policy(text);
        let tolerant = PolicyText::read_tolerantly(text).ok().map(|text| text.policy().clone());
        let only_disputed = strict.is_err()
            && !oddities.is_empty()
            && oddities.iter().all(|oddity| oddity.weight != Weight::Breaks);
        let liberal = match only_disputed {
            true => mend_policy(text).and_then(|mended| PolicyText::read(mended.as_bytes()).ok()),
            false => None,
        };
        Self {
            text: Some(text.to_vec()),
            obtained: !obtained.is_empty(),
            plain,
            packed,
            strict: Some(strict),
            tolerant,
            liberal: liberal.map(|text| text.policy().clone()),
            oddities,
        }
    }

    /// Whether a sender gets a text from at least one address.
    pub(crate) const fn is_obtained(&self) -> bool {
        self.obtained
    }

    /// Whether a sender that insists on `text/plain` gets one.
    pub(crate) const fn is_plain(&self) -> bool {
        self.plain
    }

    /// The policy as a careful sender reads it.
    pub(crate) const fn tolerant(&self) -> Option<&Policy> {
        self.tolerant.as_ref()
    }

    /// The policy as at least some senders read it.
    pub(crate) fn some_reading(&self) -> Option<&Policy> {
        self.tolerant.as_ref().or(self.liberal.as_ref())
    }

    /// The policy whose patterns are compared with the MX hosts: not in mode none, where they do not matter.
    pub(crate) fn matched(&self) -> Option<&Policy> {
        self.some_reading().filter(|policy| policy.mode != protocol::sts::Mode::None)
    }

    /// `max_age` as written, when it is a number above the limit.
    pub(crate) fn excessive_max_age(&self) -> Option<u64> {
        let text = self.text.as_deref()?;
        let line = text.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"max_age:"))?;
        let value = std::str::from_utf8(line).ok()?.trim().parse::<u64>().ok()?;
        (value > MAX_AGE_LIMIT).then_some(value)
    }
}

/// SHA-256 of a policy's text, in hexadecimal digits.
pub(crate) fn sha256_of(text: &[u8]) -> Option<String> {
    let text = PolicyText::read_tolerantly(text).ok()?;
    Some(text.body_sha256().iter().map(|b| format!("{b:02x}")).collect())
}
