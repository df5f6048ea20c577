//! `generate`: what it prints and writes is read again by our own `lint`, and by the shipped `check`.

use std::path::Path;

use crate::binary::{Run, run, run_in, run_with};
use crate::house::House;

const OFFLINE: [&str; 6] =
    ["generate", "example.com", "--mx", "mx1.example.com", "--now", "2026-04-29T12:00:00Z"];

fn offline(more: &[&str]) -> Run {
    run(&[&OFFLINE[..], more].concat())
}

/// Our own lint finds nothing at all to say.
fn is_clean(kind: &str, text: &str) {
    let lint = run_with(&["lint", "--kind", kind, "--fail-on", "info", "-"], text.as_bytes());
    assert_eq!(lint.code, 0, "{text}: {lint:?}");
    assert!(lint.out.contains("senders accept") && lint.out.contains("nothing odd"), "{text}: {lint:?}");
}

#[test]
fn each_part_alone_passes_lint() {
    for mode in ["testing", "enforce", "none"] {
        let policy = offline(&["--mode", mode, "--only", "policy", "--mx", "*.example.net"]);
        assert_eq!(policy.code, 0, "{policy:?}");
        is_clean("policy", &policy.out);
    }
    for id in ["timestamp", "counter", "content-hash", "x1"] {
        let record = offline(&["--id", id, "--only", "record"]);
        is_clean("sts", &record.out);
    }
    let rua = "mailto:a!b@reports.example,https://reports.example/a,b";
    let record = offline(&["--rua", rua, "--only", "tlsrpt", "-q"]);
    assert_eq!(record.out, "v=TLSRPTv1; rua=mailto:a%21b@reports.example,https://reports.example/a%2Cb;\n");
    is_clean("tlsrpt", &record.out);
    assert_eq!(offline(&["--only", "tlsrpt"]).code, 2);
}

#[test]
fn the_policy_of_every_preset_passes_lint() {
    for preset in judge::propose::PRESETS {
        let known: Vec<&str> = preset.families.iter().flat_map(|family| family.known).copied().collect();
        let patterns = preset.patterns(&known).expect("a preset fits its own hosts");
        let mut words = vec!["generate", "example.com", "--only", "policy", "-q"];
        words.extend(patterns.iter().flat_map(|pattern| ["--mx", pattern.as_str()]));
        for mode in ["testing", "enforce"] {
            let policy = run(&[&words[..], &["--mode", mode]].concat());
            assert_eq!(policy.out.matches("\nmx: ").count(), patterns.len(), "{policy:?}");
            is_clean("policy", &policy.out);
        }
    }
}

#[test]
fn ids_by_strategy() {
    for (id, previous, made) in [
        ("timestamp", "", "20260429T120000Z"),
        // Nothing to count on from: the time, so that it cannot be the one in use.
        ("counter", "", "20260429T120000Z"),
        ("counter", "2026042901", "2026042902"),
        ("counter", "7", "8"),
        ("content-hash", "", ""),
    ] {
        let mut words = vec!["--only", "record", "-q", "--id", id];
        if !previous.is_empty() {
            words.extend(["--previous-id", previous]);
        }
        let record = offline(&words).out;
        assert!(record.starts_with(&format!("v=STSv1; id={made}")), "{id} {previous}: {record}");
    }
    // A digest follows the content, whatever the time.
    let hash = ["--id", "content-hash", "--only", "record", "-q"];
    let today = run(&[&OFFLINE[..4], &hash].concat()).out;
    assert_eq!(offline(&hash).out, today);
    assert_ne!(offline(&[&hash[..], &["--max-age", "86401"]].concat()).out, today);
    for (id, mend) in [("2026-04-29", "20260429T120000Z"), ("2026-04-29T12:00:00Z", "20260429T120000Z")] {
        let refused = offline(&["--id", id]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:?}");
        assert!(refused.err.contains(mend) && refused.err.contains("RFC 8461"), "{refused:?}");
    }
    assert_eq!(offline(&["--previous-id", "a-b"]).code, 2);
    assert_eq!(offline(&["--id", "x", "--previous-id", "x"]).code, 2);
}

#[test]
fn a_folder_gets_the_tree_of_a_webroot() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let words =
        ["-o", "out", "--rua", "mailto:a@reports.example", "--for", "nginx", "--address", "192.0.2.80"];
    let words = [&OFFLINE[..], &words].concat();
    // Twice: what is there is replaced.
    for _ in 0..2 {
        let written = run_in(dir.path(), &words);
        assert_eq!(written.code, 0, "{written:?}");
    }
    let read = |path: &str| std::fs::read_to_string(dir.path().join("out").join(path)).expect(path);
    assert_eq!(
        read(".well-known/mta-sts.txt"),
        "version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 86400\n"
    );
    assert_eq!(
        read("records.zone"),
        "; example.com: publish these only after the policy is seen served at\n\
         ; https://mta-sts.example.com/.well-known/mta-sts.txt\n\
         _mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20260429T120000Z;\"\n\
         _smtp._tls.example.com. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:a@reports.example;\"\n"
    );
    let lint =
        run_in(dir.path(), &["lint", "out/records.zone", "out/.well-known/mta-sts.txt", "--fail-on", "info"]);
    assert_eq!(lint.code, 0, "{lint:?}");
    let json = run_in(dir.path(), &[&words[..], &["--format", "json"]].concat()).json();
    let files: Vec<&str> =
        json["written"].as_array().expect("files").iter().filter_map(|file| file.as_str()).collect();
    assert_eq!(files.len(), files_below(&dir.path().join("out")), "{files:?}");
    let recipe = &json["recipe"];
    let nginx = recipe["files"].as_array().expect("files").iter().any(|file| {
        file["text"].as_str().is_some_and(|text| text.contains("server_name mta-sts.example.com"))
    });
    assert!(nginx && recipe["trap"].as_str().is_some_and(|trap| !trap.is_empty()), "{recipe}");
    let blocked = run_in(dir.path(), &[&OFFLINE[..], &["-o", "out/records.zone/x"]].concat());
    assert_eq!(blocked.code, 2, "{blocked:?}");
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

#[test]
fn every_recipe_comes_with_trap_and_verification() {
    let targets = [
        "nginx",
        "apache",
        "caddy",
        "traefik",
        "haproxy",
        "lighttpd",
        "cloudflare-worker",
        "cloudflare-pages",
        "github-pages",
        "netlify",
        "s3-cloudfront",
        "docker-compose",
        "systemd",
        "bind",
        "knot",
        "nsupdate",
        "terraform",
        "dnscontrol",
        "octodns",
    ];
    for target in targets {
        let json = offline(&["--for", target, "--format", "json"]).json();
        let recipe = &json["recipe"];
        assert_eq!(recipe["target"], target);
        assert!(recipe["trap"].as_str().is_some_and(|trap| !trap.is_empty()), "{target}");
        assert!(recipe["verify"].as_array().is_some_and(|verify| !verify.is_empty()), "{target}");
        let human = offline(&["--for", target]);
        assert!(human.out.contains("Verify:") && human.out.matches("Trap:").count() == 2, "{human:?}");
    }
}

#[test]
fn a_domain_below_the_apex_gets_names_in_its_zone() {
    let words = ["generate", "mail.example.com", "--mx", "mx1.example.com", "--for"];
    let said = "If mail.example.com is only a name in a larger zone";
    for (target, zone, part) in [
        ("octodns", Some("example.com"), "\"_mta-sts.mail\":"),
        ("octodns", None, "\"_mta-sts\":"),
        ("nsupdate", Some("com"), "zone com."),
        ("terraform", Some("EXAMPLE.com."), "\"_mta-sts.mail\""),
    ] {
        let zone_words = zone.map_or_else(Vec::new, |zone| vec!["--zone", zone]);
        let json = run(&[&words[..], &[target, "--format", "json"], &zone_words].concat()).json();
        let text = json["recipe"]["files"][0]["text"].as_str().expect("a file");
        assert!(text.contains(part), "{target}: {text}");
        assert_eq!(json["recipe"]["steps"].to_string().contains(said), zone.is_none(), "{json}");
    }
}

#[test]
fn the_steps_publish_the_policy_before_the_record() {
    let json = offline(&["--format", "json"]).json();
    let place = |word: &str| {
        let steps = json["steps"].as_array().expect("steps");
        steps.iter().position(|step| step["paste"].to_string().contains(word)).expect("a step")
    };
    assert!(place("version: STSv1") < place("--profile basic"));
    assert!(place("--profile basic") < place("_mta-sts.example.com."));
    assert!(place("_mta-sts.example.com.") < place("--expect mode=testing,id="));
    assert_eq!(json["check"], "mta-sts check example.com --expect mode=testing,id=20260429T120000Z");
    let delegated = offline(&["--delegate", "provider.example", "--format", "json"]).json();
    let names: Vec<&str> = delegated["records"]
        .as_array()
        .expect("records")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["mta-sts.example.com", "_mta-sts.example.com"]);
}

#[test]
fn live_hosts_are_read_and_the_id_in_use_is_not_used_again() {
    let house = House::of(&["healthy", "healthy-two-mx", "healthy-testing"]);
    let generate = |words: &[&str]| run_in(house.path(), &[&["generate"], words].concat());
    let json = generate(&["healthy-two-mx.test", "--format", "json"]).json();
    assert_eq!(json["mx_hosts"].as_array().map(Vec::len), Some(2), "{json}");
    assert_eq!(json["change"], "changed");
    assert_ne!(json["id"], json["previous_id"]);
    for mx in json["mx_hosts"].as_array().expect("hosts") {
        assert!(
            json["policy"]["text"].as_str().is_some_and(|text| text.contains(mx.as_str().expect("a name")))
        );
    }
    // An expectation of all patterns is met by these and no others.
    for (patterns, code) in [("*.mx.{}", 0), ("*.mx.{}+a.mx.{}", 5)] {
        let expect = format!("all_mx={}", patterns.replace("{}", "healthy-two-mx.test"));
        let words = ["check", "healthy-two-mx.test", "--profile", "basic", "--expect", &expect];
        let run = run_in(house.path(), &words);
        assert_eq!(run.code, code, "{run:?}");
    }
    // What is in use already needs nothing.
    let check = run_in(house.path(), &["check", "healthy.test", "--format", "json"]).json();
    let seen = |layer: usize, label: &str| {
        let seen = check["layers"][layer]["evidence"].as_array().expect("facts");
        let fact = seen.iter().find(|fact| fact["label"] == label).expect("a fact");
        fact["text"].as_str().expect("text").to_owned()
    };
    let (mode, max_age, id) = (seen(2, "mode"), seen(2, "max_age"), seen(0, "id"));
    let words = ["healthy.test", "--mode", &mode, "--max-age", &max_age];
    let same = generate(&[&words[..], &["--format", "json"]].concat()).json();
    assert_eq!((&same["change"], &same["id"]), (&"unchanged".into(), &id.clone().into()), "{same}");
    let human = generate(&words);
    assert!(human.out.contains("nothing to change") && !human.out.contains("Only then"), "{human:?}");
    // Sessions with the MX hosts prove that enforce is safe.
    assert!(!human.out.contains("not proven"), "{human:?}");
}

#[test]
fn the_commands_of_the_guide_work() {
    let guide =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/publishing.md"))
            .expect("the guide");
    let house = House::of(&["healthy-two-mx"]);
    let commands: Vec<&str> = guide.lines().filter(|line| line.starts_with("mta-sts generate ")).collect();
    assert!(commands.len() >= 3, "{commands:?}");
    for line in commands {
        let line = line.replace("example.com", "healthy-two-mx.test");
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let run = run_in(house.path(), &words);
        assert_eq!(run.code, 0, "{line}: {run:?}");
    }
    let lint = run_in(house.path(), &["lint", "healthy-two-mx.test.d/.well-known/mta-sts.txt"]);
    assert_eq!(lint.code, 0, "{lint:?}");
}

#[test]
fn domains_without_mail_are_refused() {
    for (domain, code, words) in [
        ("mx-null", 1, "null MX"),
        ("mx-servfail", 3, "not known"),
        ("mx-address-literal", 1, "no policy can name"),
    ] {
        let refused = run(&["generate", &format!("{domain}.test"), "--lab"]);
        assert_eq!((refused.code, refused.out.as_str()), (code, ""), "{refused:?}");
        assert!(refused.err.contains(words), "{refused:?}");
    }
}

#[test]
fn wrong_words_are_named() {
    for (more, word) in [
        (&["--rua", "tls@example.com"][..], "mailto:tls@example.com"),
        (&["--rua", "http://example.com/"], "https: only"),
        (&["--mx", "192.0.2.1"], "address"),
        (&["--max-age", "31557601"], "31557600"),
        (&["--delegate", "under_score.example"], "underscore"),
        (&["--for", "iis"], "nginx"),
        (&["--webroot", "/x"], "--for"),
        (&["--for", "nginx", "--webroot", "x"], "'--webroot <DIR>': give the whole path"),
        (&["--for", "nginx", "--key", "/x\ny"], "'--key <FILE>': there is a line end"),
        (
            &["--for", "caddy", "--cert", "/a{b"],
            "--cert: a Caddyfile has no way to write a backslash or a brace",
        ),
        (
            &["--for", "apache", "--webroot", "/${x}"],
            "--webroot: Apache's configuration has no way to write `${`",
        ),
        (&["--for", "systemd", "--key", "/a "], "--key: a unit of systemd has no way to write"),
        (&["--zone", "example.com"], "--for"),
        (&["--for", "nginx", "--zone", "example.com"], "the one for nginx serves the policy"),
        (&["--for", "bind", "--zone", "example.net"], "example.com is not in a zone example.net"),
        (&["--for", "bind", "--zone", "ample.com"], "example.com is not in a zone ample.com"),
        (&["--for", "bind", "--zone", "mail.example.com"], "such as example.com"),
        (&["--only", "policy", "-o", "x"], "cannot be used"),
    ] {
        let run = offline(more);
        assert_eq!(run.code, 2, "{more:?}: {run:?}");
        assert!(run.err.contains(word), "{more:?}: {run:?}");
    }
}
