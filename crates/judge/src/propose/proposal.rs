//! What is proposed, and why nothing can be.

use protocol::sts::{MAX_AGE_LIMIT, PolicyText};
use protocol::{Domain, MxPattern};

use super::preset::Preset;
use super::zone_record::ZoneRecord;
use crate::draft::listed;

/// A policy and the records that announce it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The domain.
    pub domain: Domain,
    /// The policy, octet for octet as it shall be served.
    pub policy: PolicyText,
    /// Its `mx` values, each with where it comes from.
    pub patterns: Vec<Named>,
    /// The preset that fits every MX host, if there is one.
    pub preset: Option<&'static Preset>,
    /// The live MX hosts that the patterns were made from; empty when the patterns were given.
    pub hosts: Vec<String>,
    /// The id.
    pub id: String,
    /// What the id has to do with the one in use.
    pub change: Change,
    /// The text of the record at `_mta-sts.`.
    pub sts_record: String,
    /// The text of the record at `_smtp._tls.`; `None` when no target was named.
    pub tlsrpt_record: Option<String>,
    /// What to publish in the DNS, in this order, and only after the policy is seen served (RFC 8461 §8.1).
    pub records: Vec<ZoneRecord>,
    /// What goes wrong most often with such hosts.
    pub trap: &'static str,
    /// What else to know.
    pub notes: Vec<Note>,
}

impl Proposal {
    /// The name of the host that serves the policy, `mta-sts.` and the domain.
    #[must_use]
    pub fn policy_host(&self) -> String {
        format!("mta-sts.{}", self.domain)
    }

    /// Where senders fetch the policy. RFC 8461 §3.3.
    #[must_use]
    pub fn policy_url(&self) -> String {
        format!("https://{}/.well-known/mta-sts.txt", self.policy_host())
    }
}

/// One `mx` value and where it comes from.
#[derive(Debug, Clone)]
pub struct Named {
    /// The value.
    pub pattern: MxPattern,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an `mx` value comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// A provider's preset.
    Preset(&'static Preset),
    /// It is the name of a live MX host.
    Exact,
    /// It was given.
    Given,
}

impl Origin {
    /// A word for it: the preset's name, `exact` or `given`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.name,
            Self::Exact => "exact",
            Self::Given => "given",
        }
    }
}

/// What a proposal changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// No id is known to be in use.
    First,
    /// Another policy, or another id, than the one in use.
    Changed {
        /// The id in use.
        previous: String,
    },
    /// The policy that is served says the same, and its id stays.
    Unchanged,
}

/// Something to know about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A stable name.
    pub code: &'static str,
    /// One or two sentences.
    pub text: String,
    /// The page that says more (`mta-sts explain`).
    pub page: &'static str,
}

/// Why nothing can be proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposalRefused {
    /// The domain takes no mail.
    #[error(
        "{domain} has a null MX (RFC 7505): it takes no mail, so that there is nothing for a policy to name"
    )]
    NullMx {
        /// The domain.
        domain: Domain,
    },
    /// The domain has no MX records.
    #[error(
        "{domain} has no MX records: publish one that names the host where its mail arrives, then generate again; \
         or name the hosts with --mx"
    )]
    NoMx {
        /// The domain.
        domain: Domain,
    },
    /// The domain does not exist.
    #[error(
        "{domain} does not exist in DNS, and so has no MX records: look for a slip in the name, or name the hosts with --mx"
    )]
    NoSuchDomain {
        /// The domain.
        domain: Domain,
    },
    /// The domain's name servers give no MX records that may be believed.
    #[error("the MX records of {domain} are not known: {why}; mend that first, or name the hosts with --mx")]
    MxUnknown {
        /// The domain.
        domain: Domain,
        /// What the lookup brought.
        why: String,
    },
    /// The MX records were not looked at, by our own fault or wish.
    #[error("the MX records of {domain} were not looked at, because {why}; name the hosts with --mx")]
    MxNotLookedAt {
        /// The domain.
        domain: Domain,
        /// Why.
        why: String,
    },
    /// MX records that hold something other than a host name.
    #[error(
        "no policy can name {}, which the MX records of {domain} hold: mend those records first, or name the hosts with --mx",
        listed(hosts)
    )]
    Unnameable {
        /// The domain.
        domain: Domain,
        /// What they hold.
        hosts: Vec<String>,
    },
    /// More MX records than any mail domain needs.
    #[error("{domain} has {records} MX records, more than senders look at: name the hosts with --mx")]
    TooMany {
        /// The domain.
        domain: Domain,
        /// How many.
        records: usize,
    },
    /// A pattern that can match no host.
    #[error("`{pattern}` is an address or ends in a number: an mx value is a host's name (RFC 8461 §3.2)")]
    PatternMatchesNothing {
        /// The pattern.
        pattern: String,
    },
    /// `max_age` beyond what RFC 8461 §3.2 allows.
    #[error("max_age {max_age} is above {MAX_AGE_LIMIT}, the most that RFC 8461 §3.2 allows")]
    MaxAge {
        /// What was asked for, in seconds.
        max_age: u64,
    },
    /// More targets for reports than a record should hold.
    #[error(
        "{targets} targets for reports are more than {}: each sender sends to every one of them",
        super::targets::MAX_TARGETS
    )]
    TooManyTargets {
        /// How many.
        targets: usize,
    },
    /// The id in use was asked for, and the policy is another one.
    #[error(
        "`{id}` is the id in use: senders that hold a policy under it would not look for this one (RFC 8461 §3.1); leave \
         --id out, or give another one"
    )]
    SameId {
        /// The id.
        id: String,
    },
    /// A name below the domain is longer than the DNS allows.
    #[error("{domain} is too long for the name _mta-sts in front of it")]
    NameTooLong {
        /// The domain.
        domain: Domain,
    },
    /// The text would not be accepted by senders.
    #[error("the policy would not be accepted by senders: {why}")]
    NotAccepted {
        /// What is wrong.
        why: String,
    },
}

impl ProposalRefused {
    /// Whether the reason is our own network's or the wish to look at less, and not the domain's.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::MxNotLookedAt { .. })
    }

    /// Whether the reason lies in what was asked for.
    #[must_use]
    pub const fn is_wish(&self) -> bool {
        matches!(
            self,
            Self::PatternMatchesNothing { .. }
                | Self::MaxAge { .. }
                | Self::TooManyTargets { .. }
                | Self::SameId { .. }
                | Self::NameTooLong { .. }
                | Self::NotAccepted { .. }
        )
    }
}
