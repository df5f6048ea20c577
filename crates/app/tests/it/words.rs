//! The words for people, held fast: exit code, output and talk of the main cases.

use crate::binary::{Run, check_lab, run, run_with};

/// Times, ids, digests and ports differ between runs; everything else is fixed. After a change of words:
/// `INSTA_UPDATE=always cargo test -p mta-sts --test it words`, and read the difference.
fn shown(run: &Run) -> String {
    format!("exit {}\n--- output\n{}--- talk\n{}", run.code, run.out, run.err)
}

fn hold(name: &str, run: &Run) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME");
    settings.add_filter(r"\d{4}-\d\d-\d\d\b", "DATE");
    settings.add_filter(r"\b20\d{6}T\d{6}Z?", "ID");
    settings.add_filter(r"\b[0-9a-f]{64}\b", "DIGEST");
    settings.add_filter(r"127\.0\.0\.1:\d+", "LOOPBACK");
    settings.bind(|| insta::assert_snapshot!(name, shown(run)));
}

#[test]
fn check() {
    for domain in [
        "healthy",
        "healthy-testing",
        "mx-mismatch-backup",
        "mx-mismatch-all",
        "policy-tls-expired",
        "policy-http-redirect-to-www",
        "record-missing",
        "mode-none",
        "policy-mx-umlaut",
        "mx-cert-expired",
        "dane-mismatch",
        "record-escape-sequence",
    ] {
        hold(&format!("check {domain}"), &check_lab(&format!("{domain}.test"), &[]));
    }
}

#[test]
fn check_in_other_forms() {
    hold("check quietly", &check_lab("mx-mismatch-backup.test", &["-q"]));
    hold(
        "check with expectations",
        &check_lab("healthy.test", &["--expect", "mode=testing,verdict=enforcing"]),
    );
    hold("check in Markdown", &check_lab("mx-mismatch-backup.test", &["--format", "markdown"]));
    hold("check for GitHub", &check_lab("mx-mismatch-backup.test", &["--format", "github"]));
    hold("check basic", &check_lab("healthy.test", &["--profile", "basic"]));
}

#[test]
fn ready_and_mx() {
    hold("ready healthy-testing", &run(&["ready", "--lab", "healthy-testing.test"]));
    hold("ready mx-mismatch-testing", &run(&["ready", "--lab", "mx-mismatch-testing.test"]));
    hold("mx healthy-two-mx", &run(&["mx", "--lab", "healthy-two-mx.test"]));
    hold("mx mx-starttls-missing", &run(&["mx", "--lab", "mx-starttls-missing.test"]));
}

#[test]
fn lint() {
    let policy = b"version: STSv1\r\nmode: Enforce\r\nmx: *.ex\xc3\xa4mple.com\r\nmax-age: 86400\r\n\r\nx: \x1b[2J\r\n";
    hold("lint a policy", &run_with(&["lint", "-"], policy));
    hold("lint a record", &run_with(&["lint", "-"], b"v=STSv1; id=2026-04-29T12:00;\n"));
    hold("lint a good record", &run_with(&["lint", "-"], b"v=STSv1; id=20260429;\n"));
    let zone = b"$ORIGIN example.com.\n$TTL 300\n_mta-sts IN TXT \"v=STSv1; id=a-b;\"\n_smtp._tls IN TXT \"v=TLSRPTv1; rua=a@example.net\"\n";
    hold("lint a zone file", &run_with(&["lint", "-"], zone));
}

#[test]
fn generate() {
    let rua = "mailto:tls-reports@reports.example";
    let words = ["generate", "healthy-two-mx.test", "--lab", "--rua", rua];
    hold("generate healthy-two-mx", &run(&words));
    let offline = ["generate", "example.com", "--mx", "mx1.example.com", "--now", "2026-04-29T12:00:00Z"];
    hold("generate offline", &run(&[&offline[..], &["--mode", "enforce", "--max-age", "86400"]].concat()));
    hold("generate delegated", &run(&[&offline[..], &["--delegate", "provider.example"]].concat()));
    hold("generate record alone", &run(&[&offline[..], &["--only", "record"]].concat()));
    hold("generate mx-null", &run(&["generate", "mx-null.test", "--lab"]));
    hold("generate with a wrong id", &run(&[&offline[..], &["--id", "2026-04-29"]].concat()));
}

#[test]
fn mistakes() {
    hold("unknown page", &run(&["explain", "mta_sts_missin"]));
    hold("unknown lab domain", &run(&["check", "--lab", "helthy.test"]));
    hold("no domain", &run(&["check", "user@example.com"]));
    hold("no capsule", &run_with(&["replay", "-"], b"{}"));
}

#[test]
fn help() {
    hold("help", &run(&["--help"]));
    hold("help check", &run(&["check", "--help"]));
    hold("help publish", &run(&["publish", "--help"]));
    hold("help generate", &run(&["generate", "--help"]));
}
