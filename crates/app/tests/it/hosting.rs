//! Hosted domains, from the command line to the door.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::binary::{Run, command, run_in};
use crate::house::House;

/// A resolver that is not there: what is looked at is on this machine, or nowhere.
const NO_RESOLVER: &str = "127.0.0.1:9";

fn domain(dir: &TempDir, words: &[&str]) -> Run {
    run_in(dir.path(), &[&["domain"], words].concat())
}

#[test]
fn the_life_of_a_domain() {
    let dir = TempDir::new().expect("a directory");
    let missing = domain(&dir, &["list"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.err.contains("mta-sts domain add"), "{missing:?}");

    let added = domain(&dir, &["add", "example.com", "--mx", "mx1.example.com", "--reason", "a first try"]);
    assert_eq!(added.code, 0, "{added:?}");
    assert!(added.out.contains("example.com: dns-pending"), "{added:?}");
    assert!(added.out.contains("_mta-sts.example.com. 300 IN TXT \"v=STSv1; id="), "{added:?}");
    let again = domain(&dir, &["add", "example.com", "--mx", "mx1.example.com"]);
    assert_eq!(again.code, 2, "{again:?}");

    let set = domain(&dir, &["set", "example.com", "--mx", "mx1.example.com", "--mx", "mx2.example.com"]);
    assert_eq!(set.code, 0, "{set:?}");
    let stale = ["set", "example.com", "--max-age", "604800", "--if-version", "1"];
    let stale = domain(&dir, &stale);
    assert_eq!(stale.code, 2, "{stale:?}");
    assert!(stale.err.contains("version 2 now"), "{stale:?}");

    let back = domain(&dir, &["rollback", "example.com", "--format", "json"]).json();
    assert_eq!((&back["policy"]["version"], &back["policy"]["back_to"]), (&3.into(), &1.into()));
    let twice = domain(&dir, &["rollback", "example.com", "--format", "json"]).json();
    assert_eq!(twice["policy"]["version"], 3, "the same command again changes nothing");

    let history = run_in(dir.path(), &["policy", "history", "example.com", "--format", "json"]).json();
    let versions = history["versions"].as_array().expect("versions");
    assert_eq!(versions.len(), 3);
    assert_eq!(versions[0]["reason"], "a first try");
    let ids: std::collections::BTreeSet<&str> =
        versions.iter().filter_map(|version| version["id"].as_str()).collect();
    assert_eq!(ids.len(), 3, "no id is used twice");
    let diff = run_in(dir.path(), &["policy", "diff", "example.com"]);
    assert!(diff.out.contains("- mx: mx2.example.com"), "{diff:?}");

    let exported = run_in(dir.path(), &["export", "static", "site"]);
    assert_eq!(exported.out, "1 policy below site\n", "{exported:?}");
    let file = dir.path().join("site/mta-sts.example.com/.well-known/mta-sts.txt");
    let text = std::fs::read_to_string(file).expect("written");
    assert_eq!(text, "version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 86400\n");

    let retired = domain(&dir, &["retire", "example.com", "--format", "json"]).json();
    assert_eq!((&retired["state"], &retired["policy"]["mode"]), (&"retired".into(), &"none".into()));
    assert!(retired["served_until"].is_string(), "{retired}");
    let refused = domain(&dir, &["set", "example.com", "--max-age", "1"]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[test]
fn mode_enforce_is_not_reached_by_the_way() {
    let dir = TempDir::new().expect("a directory");
    domain(&dir, &["add", "example.com", "--mx", "mx1.example.com"]);
    let set = domain(&dir, &["set", "example.com", "--mode", "enforce"]);
    assert_eq!(set.code, 2, "{set:?}");
    // The MX records cannot be looked up: nothing is known, and nothing is changed.
    let unseen = ["promote", "example.com", "--without-reports", "--resolver", NO_RESOLVER, "--timeout", "5"];
    let promoted = domain(&dir, &unseen);
    assert_eq!(promoted.code, 4, "{promoted:?}");
    assert!(promoted.err.contains("nothing was changed"), "{promoted:?}");
    let shown = domain(&dir, &["show", "example.com", "--format", "json"]).json();
    assert_eq!(shown["policy"]["mode"], "testing");
}

#[test]
fn of_another_owner_nothing_is_served_before_it_is_shown_to_be_theirs() {
    let dir = TempDir::new().expect("a directory");
    let words = ["add", "example.com", "--mx", "mx.example.com", "--owner", "a", "--service", "host.example"];
    let added = domain(&dir, &[&words[..], &["--format", "json"]].concat()).json();
    assert_eq!((&added["state"], &added["served"]), (&"ownership-pending".into(), &false.into()));
    let records = added["records"].as_array().expect("records");
    let names: Vec<&str> = records.iter().filter_map(|record| record["name"].as_str()).collect();
    assert_eq!(names, ["_sts-verify.example.com", "mta-sts.example.com", "_mta-sts.example.com"]);
    let label = added["label"].as_str().expect("a label");
    assert_eq!(records[1]["value"], format!("{label}.p.host.example"));
    let quota = ["add", "example.net", "--draft", "--owner", "a", "--quota", "1"];
    let refused = domain(&dir, &quota);
    assert!(refused.err.contains("may have no more"), "{refused:?}");
}

/// A running `serve`.
struct Served {
    child: Child,
    https: u16,
    management: u16,
}

impl Served {
    fn start(dir: &Path) -> Self {
        let words =
            ["serve", "--https", "127.0.0.1:0", "--management", "127.0.0.1:0", "--resolver", NO_RESOLVER];
        let mut child = command(&words)
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let out = child.stdout.take().expect("a pipe");
        let (mut https, mut management) = (0, 0);
        for line in BufReader::new(out).lines() {
            let line = line.expect("text");
            let port = |line: &str| {
                let digits = line.trim_end_matches("/metrics").rsplit(':').next().unwrap_or_default();
                digits.parse::<u16>().expect("a port")
            };
            match line.split_whitespace().next() {
                Some("https") => https = port(&line),
                Some("management") => management = port(&line),
                Some("certificates") => break,
                _ => {}
            }
        }
        Self { child, https, management }
    }

    /// What the management port says.
    fn page(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.management)).expect("connects");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("answered");
        text
    }

    fn end(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("told");
        assert!(told.success());
        assert!(self.child.wait().expect("ends").success());
    }
}

/// Waits until it is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("never: {what}");
}

/// What curl gets for the policy host, with the root that `serve` wrote.
fn fetched(dir: &Path, domain: &str, port: u16) -> Option<String> {
    let to = format!("mta-sts.{domain}:443:127.0.0.1:{port}");
    let url = format!("https://mta-sts.{domain}/.well-known/mta-sts.txt");
    let words = ["-s", "--fail", "--cacert", "mta-sts.sqlite.root.pem", "--connect-to", &to, &url];
    let output = Command::new("curl").args(words).current_dir(dir).output().expect("curl runs");
    output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn served_from_nothing_with_no_flag_but_ports() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("left out: curl is not installed");
        return;
    }
    let dir = TempDir::new().expect("a directory");
    domain(&dir, &["add", "example.com", "--mx", "mx.example.com"]);
    let served = Served::start(dir.path());
    assert!(served.page("/healthz").contains("200 OK"), "healthy");
    let first = fetched(dir.path(), "example.com", served.https).expect("served");
    assert!(first.contains("mode: testing"), "{first}");
    assert_eq!(fetched(dir.path(), "example.net", served.https), None, "nobody knows that name");
    // Taken in while it runs.
    domain(&dir, &["add", "example.net", "--mx", "mx.example.net"]);
    until("the second domain", || fetched(dir.path(), "example.net", served.https).is_some());
    assert!(served.page("/metrics").contains("\nmta_sts_policies 2\n"), "{}", served.page("/metrics"));
    domain(&dir, &["retire", "example.com"]);
    let last = || fetched(dir.path(), "example.com", served.https).expect("still served");
    until("mode none", || last().contains("mode: none"));
    let last = last();
    assert!(served.page("/readyz").contains("200 OK"), "ready");
    served.end();
    // Again: the same key, the same root, the same policies.
    let served = Served::start(dir.path());
    assert_eq!(fetched(dir.path(), "example.com", served.https), Some(last));
    served.end();
}

#[test]
fn a_look_says_what_stands_in_the_way() {
    let house = House::of(&["healthy"]);
    let policy = crate::publish::served(&house, "healthy.test");
    std::fs::write(house.file("policy.txt"), policy).expect("written");
    let run = |words: &[&str]| run_in(house.path(), words);
    // What the lab serves, as if it were ours: nobody said which addresses these are.
    let words = ["domain", "add", "healthy.test", "--policy", "policy.txt"];
    let added = run(&words);
    assert_eq!(added.code, 0, "{added:?}");
    let verified = run(&["domain", "verify", "healthy.test", "--format", "json"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let verified = verified.json();
    assert_eq!(verified["state"], "dns-pending", "{verified}");
    let because = verified["because"].to_string();
    assert!(because.contains("its record has the id"), "{because}");
    assert!(!because.contains("policy host"), "{because}");
    assert_eq!(verified["announced"], 1, "it is served everywhere: {verified}");
    // Told where it is, the addresses are somebody else's.
    let elsewhere = ["domain", "verify", "healthy.test", "--address", "192.0.2.80", "--format", "json"];
    let because = run(&elsewhere).json()["because"].to_string();
    assert!(because.contains("which is not here"), "{because}");
    // Mode enforce with a host that takes no mail would keep mail from the one that does.
    let broken = ["domain", "set", "healthy.test", "--mx", "other.healthy.test"];
    let refused = run(&broken);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("leaves out") && refused.err.contains("--allow-mismatch"), "{refused:?}");
    assert_eq!(run(&[&broken[..], &["--allow-mismatch"]].concat()).code, 0);
}
