//! Layer 4: MX coverage; and what lies across layers.

use super::{Entry, MX_MISMATCH};
use crate::Consequence::{DeliveryDegraded, DeliveryLost, None, ProtectionLost};
use crate::Layer::{Across, Coverage as L};
use crate::Severity::{High, Info, Medium};

const GRADED: &str = "in enforce delivery-lost when no MX host is left, else delivery-degraded";

pub(super) const ROWS: &[Entry] = &[
    Entry::new(
        L,
        MX_MISMATCH,
        High,
        DeliveryLost,
        "RFC 8461 §4.1",
        "MX hosts that the policy does not name",
        "some MX host matches no pattern; `detail` is `all`, `preferred` or `backup`",
    )
    .otherwise(High, None)
    .graded(GRADED),
    Entry::new(
        L,
        "all",
        High,
        DeliveryLost,
        "RFC 8461 §4.1",
        "no MX host is named by the policy",
        "no MX host matches a pattern: in enforce, senders that honour the policy have nowhere to deliver",
    )
    .otherwise(High, None)
    .of_mismatch(),
    Entry::new(
        L,
        "preferred",
        High,
        DeliveryDegraded,
        "RFC 8461 §8.4",
        "a preferred MX host is not named by the policy",
        "an MX host of the best preference matches no pattern, another MX host does",
    )
    .otherwise(High, None)
    .of_mismatch(),
    Entry::new(
        L,
        "backup",
        High,
        DeliveryDegraded,
        "RFC 8461 §8.4",
        "a backup MX host is not named by the policy",
        "every MX host of the best preference matches, one further down does not",
    )
    .otherwise(High, None)
    .of_mismatch(),
    Entry::new(
        L,
        "mx_pattern_unused",
        Info,
        None,
        "RFC 8461 §4.1",
        "a pattern without an MX host",
        "a pattern matches no MX host (wanted during a move)",
    ),
    Entry::new(
        L,
        "mx_missing",
        Medium,
        None,
        "RFC 5321 §5.1",
        "no MX records",
        "there is no MX record, so that the domain itself is the mail host",
    ),
    Entry::new(
        L,
        "mx_null",
        Info,
        None,
        "RFC 7505 §3",
        "the domain takes no mail",
        "a null MX: MTA-STS and TLSRPT have nothing to protect",
    ),
    Entry::new(
        L,
        "mx_null_with_others",
        Medium,
        DeliveryDegraded,
        "RFC 7505 §3",
        "null MX beside other MX records",
        "the null MX must stand alone; senders differ in what they make of it",
    ),
    Entry::new(
        L,
        "mx_cname",
        Medium,
        DeliveryDegraded,
        "RFC 2181 §10.3",
        "an MX host is a CNAME",
        "the name in an MX record is an alias; senders differ in what they make of it",
    ),
    Entry::new(
        L,
        "mx_address_literal",
        Medium,
        DeliveryDegraded,
        "RFC 1035 §3.3.9",
        "an MX record names an address",
        "the MX record holds an IP address where a host name belongs",
    ),
    Entry::new(
        L,
        "mx_no_address",
        Medium,
        DeliveryDegraded,
        "RFC 5321 §5.1",
        "an MX host has no address",
        "the MX host has neither A nor AAAA records, or does not exist",
    ),
    Entry::new(
        L,
        "mx_address_private",
        Medium,
        DeliveryDegraded,
        "RFC 6890 §2.2.2",
        "an MX host has only addresses of private networks",
        "every address of the MX host is private, loopback or otherwise not reachable from the internet",
    ),
    Entry::new(
        L,
        "mx_dns_failure",
        Medium,
        DeliveryDegraded,
        "RFC 5321 §5.1",
        "MX records or an MX host cannot be looked up",
        "SERVFAIL, REFUSED, no answer, bogus DNSSEC or a CNAME loop for MX, A or AAAA",
    ),
    Entry::new(
        Across,
        "vantage_disagree",
        Medium,
        None,
        "RFC 8461 §3.3",
        "two places saw different things",
        "looks from several vantage points (`--with`) differ in record, policy, MX records or certificates",
    ),
    Entry::new(
        Across,
        "scope_subdomain_unprotected",
        Info,
        ProtectionLost,
        "RFC 8461 §3.4",
        "a subdomain with mail and no policy of its own",
        "a subdomain has MX records and no `_mta-sts` record; the parent's policy does not cover it",
    ),
];
