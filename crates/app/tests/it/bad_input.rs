//! Whatever comes in: a clear bounded answer, a documented exit code, no panic, nothing that commands a terminal.

use std::collections::BTreeMap;
use std::process::Stdio;

use proptest::test_runner::{Config, TestRunner};

use crate::binary::{Run, command, run, run_in, run_with};
use crate::house::House;

/// The codes that a check of anything may end with.
const CODES: [i32; 4] = [0, 1, 2, 3];

fn harmless(run: &Run, what: &str) {
    for (name, text) in [("output", &run.out), ("talk", &run.err)] {
        let bad = text.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\r'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(bad, None, "{what}: the {name} holds a control character: {text:?}");
        assert!(!text.contains("panicked"), "{what}: {text}");
    }
}

#[test]
fn names_that_are_no_domains() {
    let long = "x".repeat(100_000);
    let labels = "a.".repeat(300);
    for name in [
        "",
        ".",
        "..",
        "-",
        "@",
        "user@example.com",
        "https://example.com/",
        "192.0.2.1",
        "[2001:db8::1]",
        "*.example.com",
        "a_b.example",
        "-a.example",
        "exa mple.com",
        "example..com",
        "\u{1b}[2J.com",
        "\u{202e}moc.elpmaxe",
        "\n",
        "x\ny",
        "\u{fffd}.com",
        "com\u{3002}\u{3002}",
        "xn--\u{fc}.de",
        &long,
        &labels,
    ] {
        let run = run(&["check", "--no-config", "--resolver", "127.0.0.1:1", "--", name]);
        assert_eq!(run.code, 2, "{name:?}: {run:?}");
        assert!(run.out.is_empty() && run.err.len() < 2_000, "{name:?}: {} octets", run.err.len());
        harmless(&run, name);
    }
}

#[test]
fn arguments_that_command_a_terminal() {
    for words in [
        &["\u{1b}[2J"][..],
        &["check", "a.example", "--format", "\u{1b}[2J"],
        &["check", "a.example", "--\u{9b}2J"],
        &["check", "a.example", "--expect", "\u{202e}=x"],
        &["explain", "\u{1b}]0;x\u{7}"],
        &["lab", "check", "\u{1b}[2J"],
        &["lint", "\u{1b}[2J"],
        &["-q"],
    ] {
        let run = run(words);
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        harmless(&run, "an argument");
    }
}

#[test]
fn arguments_that_are_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let odd = std::ffi::OsStr::from_bytes(b"exa\xffmple\x1b[31m.com");
    let output = command::<&str>(&["check"]).arg(odd).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn capsules_that_are_damaged() {
    let house = House::of(&["healthy"]);
    assert_eq!(run_in(house.path(), &["check", "healthy.test", "--record", "good"]).code, 0);
    let good = std::fs::read(house.file("good")).expect("readable");
    for (name, octets) in [
        ("empty", Vec::new()),
        ("text", b"hello\x1b[2J".to_vec()),
        ("deep", b"[".repeat(200_000)),
        ("number", b"1e999999".to_vec()),
        ("half", good[..good.len() / 2].to_vec()),
    ] {
        std::fs::write(house.file("bad"), octets).expect("written");
        let run = run_in(house.path(), &["replay", "bad"]);
        assert_eq!(run.code, 2, "{name}: {run:?}");
        harmless(&run, name);
    }
    // Whatever octet is changed: an answer or a refusal.
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let change = (0..good.len(), proptest::num::u8::ANY);
    runner
        .run(&change, |(at, octet)| {
            let mut changed = good.clone();
            changed[at] = octet;
            let run = run_with(&["replay", "-"], &changed);
            proptest::prop_assert!(CODES.contains(&run.code), "{run:?}");
            harmless(&run, "a changed octet");
            Ok(())
        })
        .expect("holds");
}

/// The paths of all numbers in a document, one for each kind of place: list items count once.
fn numbers(value: &serde_json::Value, path: &str, shape: &str, found: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Number(_) => {
            found.entry(shape.to_owned()).or_insert_with(|| path.to_owned());
        }
        serde_json::Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                numbers(item, &format!("{path}/{at}"), &format!("{shape}/*"), found);
            }
        }
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                let step = name.replace('~', "~0").replace('/', "~1");
                numbers(field, &format!("{path}/{step}"), &format!("{shape}/{step}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn capsules_with_numbers_at_their_ends() {
    let house = House::of(&["healthy"]);
    let check = ["check", "healthy.test", "--record", "good"];
    assert_eq!(run_in(house.path(), &check).code, 0);
    let again = ["check", "healthy.test", "--since", "good", "--with", "good", "--record", "both"];
    assert_eq!(run_in(house.path(), &again).code, 0);
    let good: serde_json::Value =
        serde_json::from_slice(&std::fs::read(house.file("both")).expect("readable")).expect("JSON");
    let mut places = BTreeMap::new();
    numbers(&good, "", "", &mut places);
    assert!(places.len() > 20, "{places:?}");
    let ends = [0, u64::from(u32::MAX), u64::MAX];
    let replay = |name: &str, changed: &serde_json::Value| {
        let run = run_with(
            &["replay", "-", "-v", "--show-commands", "--format", "human"],
            changed.to_string().as_bytes(),
        );
        assert!(CODES.contains(&run.code), "{name}: {run:?}");
        harmless(&run, name);
        let json = run_with(&["replay", "-", "--format", "json"], changed.to_string().as_bytes());
        assert!(CODES.contains(&json.code), "{name}: {json:?}");
    };
    for path in places.values() {
        for end in ends {
            let mut changed = good.clone();
            *changed.pointer_mut(path).expect("a place") = end.into();
            replay(&format!("{path} = {end}"), &changed);
        }
    }
    // All times and spans at once, so that sums overflow too.
    for end in ends {
        let mut changed = good.clone();
        for path in places.values().filter(|path| path.ends_with("millis")) {
            *changed.pointer_mut(path).expect("a place") = end.into();
        }
        replay(&format!("every millis = {end}"), &changed);
    }
}

#[test]
fn hostile_domains_end_in_time() {
    let names: Vec<String> = lab::catalogue()
        .into_iter()
        .map(|scenario| scenario.name)
        .filter(|name| name.starts_with("hostile-") || name.contains("escape"))
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    let only: Vec<&str> = names.iter().map(String::as_str).collect();
    let house = House::of(&only);
    // All at the same time, each within its own bound and as much again for a busy machine; `timeout` ends those that
    // are not, with a code that is none of ours.
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            let domain = format!("{name}.test");
            let child = std::process::Command::new("timeout")
                .args([
                    "20",
                    env!("CARGO_BIN_EXE_mta-sts"),
                    "check",
                    &domain,
                    "-v",
                    "--show-commands",
                    "--timeout",
                    "10",
                ])
                .current_dir(house.path())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("runs");
            (name, child)
        })
        .collect();
    for (name, child) in children {
        let output = child.wait_with_output().expect("ends");
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        };
        assert!(CODES.contains(&run.code), "{name}: {run:?}");
        assert!(run.out.len() < 1 << 20, "{name}: {} octets", run.out.len());
        harmless(&run, name);
    }
}

#[test]
fn every_format_is_harmless() {
    let names: Vec<String> = lab::catalogue()
        .into_iter()
        .map(|scenario| scenario.name)
        .filter(|name| name.contains("escape"))
        .collect();
    let only: Vec<&str> = names.iter().map(String::as_str).collect();
    let house = House::of(&only);
    let domains: Vec<String> = names.iter().map(|name| format!("{name}.test")).collect();
    for format in ["human", "json", "jsonl", "markdown", "html", "sarif", "junit", "csv", "github", "nagios"]
    {
        let mut words = vec!["check", "-v", "--show-commands", "--timeout", "20", "--format", format];
        words.extend(domains.iter().map(String::as_str));
        harmless(&run_in(house.path(), &words), format);
    }
    for domain in &domains {
        harmless(&run_in(house.path(), &["mx", domain]), "mx");
        harmless(&run_in(house.path(), &["ready", domain]), "ready");
    }
}

#[test]
fn texts_that_are_hostile() {
    let long_line = "v=STSv1; id=1; ".repeat(70_000);
    for text in [
        &b"\x00\x01\x02"[..],
        b"version: STSv1\nmode: \x1b]0;x\x07enforce\n",
        b"\xff\xfe",
        long_line.as_bytes(),
        &b"\n".repeat(100_000),
        &b"$ORIGIN \x1b[2J.\n".repeat(10),
        b"$INCLUDE /etc/passwd\n",
        b"a IN TXT \"",
    ] {
        for kind in ["policy", "sts", "tlsrpt", "zone"] {
            for format in ["human", "json", "sarif", "github"] {
                let run = run_with(&["lint", "-", "--kind", kind, "--format", format], text);
                // A record beyond what is read is refused as a wrong argument.
                let refused = run.code == 2 && text.len() > 64 * 1024 && run.err.contains("is larger than");
                assert!([0, 1].contains(&run.code) || refused, "{kind} {format}: {run:?}");
                harmless(&run, kind);
                assert!(!run.out.contains("root:"), "an included file was read");
            }
        }
    }
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let script = format!("{} explain --list | head -n 1", env!("CARGO_BIN_EXE_mta-sts"));
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
