//! The grammars of the RFCs as rules.

use crate::abnf::{MANY, Rule, any, one_of, optional, range, sequence, text, times};

// RFC 5234, appendix B.1
fn alpha() -> Rule {
    any([range(b'A', b'Z'), range(b'a', b'z')])
}

fn digit() -> Rule {
    range(b'0', b'9')
}

fn wsp() -> Rule {
    one_of(" \t")
}

fn let_dig() -> Rule {
    any([alpha(), digit()])
}

fn blanks() -> Rule {
    times(0, MANY, wsp())
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`: RFC 8461 §3.1, §3.2, RFC 8460 §3
fn extension_name() -> Rule {
    sequence([let_dig(), times(0, 31, any([let_dig(), one_of("_-.")]))])
}

/// `1*(%x21-3A / %x3C / %x3E-7E)`: RFC 8461 §3.1, RFC 8460 §3
fn extension_value() -> Rule {
    times(1, MANY, any([range(0x21, 0x3a), range(0x3c, 0x3c), range(0x3e, 0x7e)]))
}

fn field_delimiter() -> Rule {
    sequence([blanks(), text(";"), blanks()])
}

fn txt_record(version: &'static str, field: Rule) -> Rule {
    let more = times(1, MANY, sequence([field_delimiter(), field]));
    sequence([text(version), more, optional(field_delimiter())])
}

/// `sts-id` of RFC 8461 §3.1
pub(crate) fn sts_id() -> Rule {
    sequence([text("id="), times(1, 32, let_dig())])
}

fn extension() -> Rule {
    sequence([extension_name(), text("="), extension_value()])
}

/// `sts-text-record` of RFC 8461 §3.1
pub(crate) fn sts_text_record() -> Rule {
    txt_record("v=STSv1", any([sts_id(), extension()]))
}

/// `tlsrpt-record` of RFC 8460 §3
pub(crate) fn tlsrpt_record() -> Rule {
    txt_record("v=TLSRPTv1", any([tlsrpt_rua(), extension()]))
}

/// `tlsrpt-rua` of RFC 8460 §3
pub(crate) fn tlsrpt_rua() -> Rule {
    let separator = sequence([blanks(), text(","), blanks()]);
    sequence([text("rua="), uri(), times(0, MANY, sequence([separator, uri()]))])
}

/// `URI` of RFC 3986 §3, without `!`, `,` and `;`, which RFC 8460 §3 wants percent-encoded.
pub(crate) fn uri() -> Rule {
    let pchar = || any([unreserved(), percent_encoded(), sub_delims(), one_of(":@")]);
    let segments = || times(0, MANY, sequence([text("/"), times(0, MANY, pchar())]));
    let rootless = || sequence([times(1, MANY, pchar()), segments()]);
    let absolute = sequence([text("/"), optional(rootless())]);
    let hierarchy = any([sequence([text("//"), authority(), segments()]), absolute, rootless(), text("")]);
    let tail = || times(0, MANY, any([pchar(), one_of("/?")]));
    sequence([
        alpha(),
        times(0, MANY, any([alpha(), digit(), one_of("+-.")])),
        text(":"),
        hierarchy,
        optional(sequence([text("?"), tail()])),
        optional(sequence([text("#"), tail()])),
    ])
}

fn unreserved() -> Rule {
    any([let_dig(), one_of("-._~")])
}

fn percent_encoded() -> Rule {
    let hex = || any([digit(), range(b'A', b'F'), range(b'a', b'f')]);
    sequence([text("%"), hex(), hex()])
}

fn sub_delims() -> Rule {
    one_of("$&'()*+=")
}

fn authority() -> Rule {
    let plain = || any([unreserved(), percent_encoded(), sub_delims()]);
    let userinfo = sequence([times(0, MANY, any([plain(), text(":")])), text("@")]);
    // Only what an IPv6 address can hold; whether it is one is left to the caller.
    let literal = sequence([
        text("["),
        times(1, MANY, any([digit(), range(b'A', b'F'), range(b'a', b'f'), one_of(":.")])),
        text("]"),
    ]);
    let host = any([literal, times(0, MANY, plain())]);
    sequence([optional(userinfo), host, optional(sequence([text(":"), times(0, MANY, digit())]))])
}

/// `Domain` of RFC 5321 §4.1.2
fn domain() -> Rule {
    let sub_domain = || {
        sequence([let_dig(), optional(sequence([times(0, MANY, any([let_dig(), text("-")])), let_dig()]))])
    };
    sequence([sub_domain(), times(0, MANY, sequence([text("."), sub_domain()]))])
}

/// `sts-policy-mx-value` of RFC 8461 §3.2
pub(crate) fn mx_value() -> Rule {
    sequence([optional(text("*.")), domain()])
}

/// `1*10(DIGIT)`
pub(crate) fn max_age_value() -> Rule {
    times(1, 10, digit())
}

/// `sts-policy-ext-value` of RFC 8461 §3.2, with RFC 3629 §4
fn policy_extension_value() -> Rule {
    let tail = || range(0x80, 0xbf);
    let vchar = || {
        any([
            range(0x21, 0x7e),
            sequence([range(0xc2, 0xdf), tail()]),
            sequence([range(0xe0, 0xe0), range(0xa0, 0xbf), tail()]),
            sequence([any([range(0xe1, 0xec), range(0xee, 0xef)]), tail(), tail()]),
            sequence([range(0xed, 0xed), range(0x80, 0x9f), tail()]),
            sequence([range(0xf0, 0xf0), range(0x90, 0xbf), tail(), tail()]),
            sequence([range(0xf1, 0xf3), tail(), tail(), tail()]),
            sequence([range(0xf4, 0xf4), range(0x80, 0x8f), tail(), tail()]),
        ])
    };
    sequence([vchar(), optional(sequence([times(0, MANY, any([text(" "), vchar()])), vchar()]))])
}

/// `sts-policy-record` of RFC 8461 §3.2
pub(crate) fn policy_record() -> Rule {
    let field = || {
        let delimiter = || sequence([text(":"), blanks()]);
        let known = |name, value| sequence([text(name), delimiter(), value]);
        any([
            known("version", text("STSv1")),
            known("mode", any([text("testing"), text("enforce"), text("none")])),
            known("max_age", max_age_value()),
            known("mx", mx_value()),
            sequence([extension_name(), delimiter(), policy_extension_value()]),
        ])
    };
    let term = || any([text("\n"), text("\r\n")]);
    let more = times(0, MANY, sequence([term(), field(), blanks()]));
    sequence([field(), blanks(), more, optional(term())])
}
