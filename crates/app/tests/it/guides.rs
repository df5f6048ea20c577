//! The guides: every command in them is carried out as it is printed, but for the names of domains, servers and folders.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::house::House;
use crate::publish::served;

/// The blocks of shell commands in all guides, each with the guide's name.
fn blocks() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the guides") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a guide");
        let fenced = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
        all.extend(fenced.map(|(block, _)| (name.clone(), block.to_owned())));
    }
    // So that what one guide records is there when it is asked for.
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

/// What each command must end with: the domains of the lab have other policies than the examples.
fn expected(command: &str) -> i32 {
    match command {
        // A script of its own, with the exit status of the check in it; and what must be as expected.
        _ if command.starts_with("mta-sts ready") => 4,
        _ if command.contains("all_mx=") || command.contains("id=2026") => 5,
        // Nobody listens there.
        _ if command.contains("rfc2136") => 3,
        _ => 0,
    }
}

/// The journal of a domain that went from the policy it serves to mode enforce; with `back`, and back again.
fn journal(domain: &str, body: &str, back: bool) -> String {
    let at = "2026-04-29T12:00:00Z";
    let placing = |version: u32, body: &str| {
        [
            json!({"domain": domain, "step": "placing", "at": at, "version": version, "id": format!("v{version}"), "body": body}),
            json!({"domain": domain, "step": "announced", "at": at, "version": version}),
        ]
    };
    let enforce = body.replace("mode: testing", "mode: enforce");
    let mut lines = vec![placing(1, body), placing(2, &enforce)];
    lines.extend(back.then(|| placing(3, body)));
    lines.iter().flatten().map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_command_of_the_guides_works() {
    let house = House::of(&["healthy", "healthy-testing"]);
    let file = |name: &str, text: &str| std::fs::write(house.file(name), text).expect("written");
    let (testing, body) = ("healthy-testing.test", served(&house, "healthy-testing.test"));
    file("policy.txt", &body);
    file("mta-sts.txt", &body);
    file("tsig.key", "hmac-sha256:publisher:bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0ZXN0cyBoZXJlLg==");
    file(&format!("db.{testing}"), "_mta-sts 300 IN TXT \"v=STSv1; id=20260429T120000Z;\"\n");
    std::fs::create_dir(house.file("public")).expect("a folder");
    let record = ["check", testing, "--record", "there.capsule", "-q", "--vantage", "there"];
    assert_eq!(crate::binary::run_in(house.path(), &record).code, 0);
    let journals = house.file("mta-sts/publish");
    std::fs::create_dir_all(&journals).expect("a folder");
    let folder = Path::new(env!("CARGO_BIN_EXE_mta-sts")).parent().expect("a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let mut done = 0;
    for (guide, block) in blocks() {
        // Whole scripts, and lines that stand for themselves; other programs than ours are not for this test.
        let commands: Vec<&str> = match block.starts_with("#!") {
            true => vec![block.as_str()],
            false => block.lines().filter(|line| line.starts_with("mta-sts ")).collect(),
        };
        for command in commands {
            let is_rollback = command.starts_with("mta-sts publish rollback");
            let known = journal(testing, &body, command.contains("--to-version 3"));
            file(&format!("mta-sts/publish/{testing}.jsonl"), if is_rollback { &known } else { "" });
            let domain = if command.contains("mode=enforce") { "healthy.test" } else { testing };
            let mut words = command.replace("mx1.example.com", "mx.elsewhere.example");
            for (printed, here) in [
                ("ns1.example.com", "127.0.0.1:1"),
                ("example.com", domain),
                ("--to /srv/mta-sts", "--to public"),
                ("--to /var/www/mta-sts", "--to public"),
                ("/var/lib/mta-sts-check", "state"),
            ] {
                words = words.replace(printed, here);
            }
            if words.contains(&format!("{testing}.d/.well-known")) {
                // What is served here takes the place of what was generated.
                file(&format!("{testing}.d/.well-known/mta-sts.txt"), &body);
            }
            let output = Command::new("sh")
                .args(["-c", &words])
                .env("PATH", &path)
                .env("XDG_STATE_HOME", house.path())
                .current_dir(house.path())
                .output()
                .expect("a shell");
            let told = String::from_utf8_lossy(&output.stderr);
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(expected(command)), "{guide}: {words}\n{said}{told}");
            done += 1;
        }
    }
    assert!(done > 20, "{done}");
}
