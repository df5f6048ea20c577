//! `--show-commands`: the commands shown are carried out, as they stand, with the real tools against `lab up`, and see
//! what the check saw.

use std::process::Command;

use crate::binary::check_lab;
use crate::lab_up::LabUp;

fn there(tool: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {tool}")])
        .output()
        .is_ok_and(|o| o.status.success());
    // The test command of the repository installs the tools where it may.
    assert!(found || std::env::var_os("CI").is_none(), "{tool} is missing");
    found
}

/// What a command printed, on both streams: openssl tells of failures on the second.
fn carried_out(command: &str) -> String {
    let output = Command::new("sh").args(["-c", command]).output().expect("a shell");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// The commands of a check in a lab that is up: what each looks at, and its words.
fn commands(lab: &LabUp, domain: &str, more: &[&str]) -> Vec<(String, String)> {
    let run = lab.run(&[&["check", domain, "--format", "json", "--show-commands"], more].concat());
    let json = run.json();
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().expect("a word").to_owned();
    let all = json["commands"].as_array().expect("commands");
    all.iter().map(|one| (word(one, "probe"), word(one, "command"))).collect()
}

#[test]
fn commands_see_what_the_check_saw() {
    let lab = LabUp::of(&["healthy"]);
    let commands = commands(&lab, "healthy.test", &["--helo", "probe.example"]);
    let of = |tool: &str, mark: &str| -> Vec<String> {
        let fits = |command: &String| command.starts_with(tool) && command.contains(mark);
        commands.iter().map(|(_, command)| command.clone()).filter(fits).collect()
    };
    if there("dig") {
        let answers: Vec<String> = of("dig ", "").iter().map(|command| carried_out(command)).collect();
        assert!(answers.len() >= 14, "{answers:?}");
        let answered =
            |answer: &String| answer.contains("status: NOERROR") || answer.contains("status: NXDOMAIN");
        assert!(answers.iter().all(answered), "{answers:?}");
        assert!(answers.iter().any(|answer| answer.contains("TLSA\t3 1 1")), "{answers:?}");
        let direct: Vec<String> =
            of("dig ", "+norecurse").iter().map(|command| carried_out(command)).collect();
        assert!(
            !direct.is_empty() && direct.iter().all(|answer| answer.contains("v=STSv1; id=")),
            "{direct:?}"
        );
    }
    if there("curl") {
        let fetches = of("curl ", "");
        assert_eq!(fetches.len(), 2, "{fetches:?}");
        for command in fetches {
            let answer = carried_out(&command);
            assert!(answer.contains(" 200") && answer.contains("mode: enforce"), "{command}: {answer}");
        }
    }
    if there("openssl") {
        let sessions = of("openssl ", "-showcerts");
        assert!(sessions.len() >= 2, "{sessions:?}");
        for command in sessions {
            let answer = carried_out(&command);
            let good = answer.contains("BEGIN CERTIFICATE") && answer.contains("Verification: OK");
            assert!(good && command.contains("-name probe.example"), "{command}: {answer}");
        }
        let old = of("openssl ", "-tls1");
        assert!(old.iter().any(|command| command.contains("-tls1 ")), "{old:?}");
        assert!(old.iter().any(|command| !command.contains("-starttls")), "the policy host's: {old:?}");
        for command in old {
            let answer = carried_out(&command);
            assert!(answer.contains("Cipher is (NONE)"), "{command}: {answer}");
        }
    }
}

#[test]
fn policies_in_wrong_places_are_found_by_hand() {
    let lab = LabUp::of(&["policy-at-apex"]);
    let commands = commands(&lab, "policy-at-apex.test", &[]);
    let apex = commands.iter().find(|(_, command)| command.contains("--url https://policy-at-apex.test/"));
    let (_, command) = apex.unwrap_or_else(|| panic!("{commands:?}"));
    if there("curl") {
        let answer = carried_out(command);
        assert!(answer.contains("STSv1"), "{command}: {answer}");
    }
}

#[test]
fn a_lab_that_has_ended_is_not_promised() {
    let run = check_lab("healthy.test", &["--show-commands"]);
    assert!(run.out.contains("mta-sts lab up"), "{}", run.out);
}
