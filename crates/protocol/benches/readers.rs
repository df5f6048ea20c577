//! How long a reader takes: a record in under 1 µs, a usual policy in under 5 µs.
#![allow(clippy::expect_used, reason = "a bench of a text that is no longer valid should stop")]

use divan::{Bencher, black_box};
use protocol::sts::{self, PolicyText};
use protocol::{Domain, MxPattern, tlsrpt};

fn main() {
    divan::main();
}

const POLICY: &[u8] = b"version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\n\
    mx: *.backup.example.net\r\nmax_age: 604800\r\n";

#[divan::bench]
fn sts_record() -> sts::Record {
    sts::read_records(black_box(&["v=STSv1; id=20240101000000Z;"])).expect("valid")
}

#[divan::bench]
fn sts_record_among_others() -> sts::Record {
    let texts =
        ["v=spf1 include:_spf.example.com -all", "v=STSv1; id=20240101000000Z;", "some-verification=abcdef"];
    sts::read_records(black_box(&texts)).expect("valid")
}

#[divan::bench]
fn tlsrpt_record() -> tlsrpt::Record {
    tlsrpt::read_records(black_box(&["v=TLSRPTv1; rua=mailto:tls-reports@example.com"])).expect("valid")
}

#[divan::bench]
fn policy() -> PolicyText {
    PolicyText::read(black_box(POLICY)).expect("valid")
}

#[divan::bench]
fn policy_inspected() -> bool {
    sts::inspect_policy(black_box(POLICY)).0.is_some()
}

#[divan::bench]
fn policy_of_64_kib(bencher: Bencher<'_, '_>) {
    let lines = "mx: mail.example.com\n".repeat(3000);
    let text = format!("version: STSv1\nmode: enforce\nmax_age: 604800\n{lines}");
    bencher.bench(|| PolicyText::read(black_box(text.as_bytes())).expect("valid"));
}

#[divan::bench]
fn pattern_matches(bencher: Bencher<'_, '_>) {
    let pattern = MxPattern::parse("*.mail.example.com").expect("a pattern");
    bencher.bench(|| black_box(&pattern).matches(black_box("mx1.mail.example.com.")));
}

#[divan::bench]
fn domain() -> Domain {
    Domain::parse(black_box("mta-sts.Example.COM.")).expect("a name")
}

#[divan::bench]
fn domain_with_unicode() -> Domain {
    Domain::parse(black_box("bücher.example")).expect("a name")
}
