//! Layer 6: TLSRPT.

use super::Entry;
use crate::Consequence::{None, ReportingLost};
use crate::Layer::Tlsrpt as L;
use crate::Severity::{Info, Low, Medium};

pub(super) const ROWS: &[Entry] = &[
    Entry::new(
        L,
        "tlsrpt_missing",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "no TLSRPT record",
        "no record begins `v=TLSRPTv1;`: senders have nowhere to report failures",
    )
    .milder(Low, "MEDIUM in mode testing, else LOW"),
    Entry::new(
        L,
        "tlsrpt_multiple",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "several TLSRPT records",
        "two or more records begin `v=TLSRPTv1;`; senders then act as if there were none",
    ),
    Entry::new(
        L,
        "tlsrpt_syntax",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "TLSRPT record breaks the grammar",
        "the one record breaks the grammar; `detail` names the fault",
    ),
    Entry::new(
        L,
        "tlsrpt_dns_failure",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "the TLSRPT record cannot be looked up",
        "SERVFAIL, REFUSED, no answer from the domain's servers, bogus DNSSEC, a looping CNAME",
    ),
    Entry::new(
        L,
        "tlsrpt_rua_scheme",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "a report target with another scheme",
        "a `rua` target is neither `mailto:` nor `https:`",
    ),
    Entry::new(
        L,
        "tlsrpt_rua_address",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "a report target that is no URI",
        "a `rua` target is a bare address, or its address or host is not valid",
    ),
    Entry::new(
        L,
        "tlsrpt_rua_dmarc_habit",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "a habit from DMARC",
        "`!10m`, `ruf=` or `mailto://`: these belong to DMARC or to web addresses",
    ),
    Entry::new(
        L,
        "tlsrpt_rua_same_domain",
        Low,
        ReportingLost,
        "RFC 8460 §3",
        "reports go to the domain that they are about",
        "every usable target is a mailbox in the domain itself, so that reports share the fault that they describe",
    ),
    Entry::new(
        L,
        "tlsrpt_rua_no_mail",
        Medium,
        ReportingLost,
        "RFC 8460 §3",
        "a report mailbox's domain takes no mail",
        "the domain of a `mailto:` target has a null MX, no mail host, or does not exist",
    ),
    Entry::new(
        L,
        "tlsrpt_rua_unreachable",
        Medium,
        ReportingLost,
        "RFC 8460 §5.4",
        "a report host does not answer",
        "the host of an `https:` target does not resolve or takes no connection",
    ),
    Entry::new(
        L,
        "tlsrpt_without_policy",
        Info,
        None,
        "RFC 8460 §1",
        "TLSRPT without MTA-STS or DANE",
        "reports are asked for, and neither MTA-STS nor DANE gives senders something to check",
    ),
];
