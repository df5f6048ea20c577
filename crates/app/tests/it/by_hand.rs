//! `--show-commands`: the commands shown are carried out with the real tools, and see what the check saw.

use std::process::Command;

use crate::binary::run_in;
use crate::house::House;

fn there(tool: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {tool}")])
        .output()
        .is_ok_and(|o| o.status.success());
    // The test command of the repository installs the tools where it may.
    assert!(found || std::env::var_os("CI").is_none(), "{tool} is missing");
    found
}

fn carried_out(house: &House, command: &str) -> String {
    let output =
        Command::new("sh").args(["-c", command]).current_dir(house.path()).output().expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn commands_see_what_the_check_saw() {
    let house = House::of(&["healthy"]);
    let run = run_in(house.path(), &["check", "healthy.test", "--format", "json", "--show-commands"]);
    let json = run.json();
    let commands: Vec<&str> = json["commands"]
        .as_array()
        .expect("commands")
        .iter()
        .filter_map(|one| one["command"].as_str())
        .collect();
    // The lab is on loopback under other ports; a domain of the internet needs none of this.
    let moved = |command: &str| {
        let mut command = command.to_owned();
        for (from, to) in house.lab.connect_map() {
            command = command.replace(&format!("-connect {from} "), &format!("-connect {to} "));
            command = command.replace(&format!("-connect '{from}' "), &format!("-connect {to} "));
            let address = match from.ip() {
                std::net::IpAddr::V4(address) => address.to_string(),
                std::net::IpAddr::V6(address) => format!("[{address}]"),
            };
            for quote in ["", "'"] {
                let resolve = format!("--resolve {quote}mta-sts.healthy.test:443:{address}{quote} ");
                let connect = format!("--connect-to mta-sts.healthy.test:443:{}:{} ", to.ip(), to.port());
                if from.port() == 443 {
                    command = command.replace(&resolve, &(connect + "--cacert ca.pem "));
                }
            }
        }
        command
    };
    let of = |tool: &str| -> Vec<String> {
        commands.iter().filter(|command| command.starts_with(tool)).map(|command| moved(command)).collect()
    };
    if there("dig") {
        let answers: Vec<String> = of("dig ").iter().map(|command| carried_out(&house, command)).collect();
        assert!(
            answers.len() >= 7 && answers.iter().all(|answer| answer.contains("status: NOERROR")),
            "{answers:?}"
        );
        assert!(answers.iter().any(|answer| answer.contains("v=STSv1; id=")));
        assert!(answers.iter().any(|answer| answer.contains("TLSA\t3 1 1")), "{answers:?}");
    }
    if there("curl") {
        for command in of("curl ") {
            let answer = carried_out(&house, &command);
            assert!(answer.contains(" 200") && answer.contains("mode: enforce"), "{command}: {answer}");
        }
    }
    if there("openssl") {
        for command in of("openssl ").into_iter().filter(|command| command.contains("-showcerts")) {
            let answer = carried_out(&house, &command.replace("s_client", "s_client -CAfile ca.pem"));
            assert!(
                answer.contains("BEGIN CERTIFICATE") && answer.contains("Verification: OK"),
                "{command}: {answer}"
            );
        }
    }
}
