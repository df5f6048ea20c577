//! Goldens of all recipes, and what must hold for each of them whatever the values are.

use std::process::Command;

use proptest::prelude::*;
use protocol::zone::read_zone;

use super::wanted::tests::example;
use super::*;

/// The recipe for values that every syntax can write.
fn written(target: Target, wanted: &Wanted) -> Recipe {
    recipe(target, wanted).expect("these values can be written")
}

/// All of a recipe as text.
fn shown(recipe: &Recipe) -> String {
    let mut text = format!("{}: {}\n", recipe.target, recipe.title);
    for file in &recipe.files {
        text.push_str(&format!("\n==== {} ({})\n{}", file.path, file.what, file.text));
    }
    text.push_str("\n==== steps\n");
    for (n, step) in recipe.steps.iter().enumerate() {
        text.push_str(&format!("{}. {step}\n", n + 1));
    }
    text.push_str(&format!("\n==== trap\n{}\n\n==== verify\n{}\n", recipe.trap, recipe.verify.join("\n")));
    text
}

#[test]
fn goldens() {
    for target in Target::ALL {
        insta::assert_snapshot!(target.name(), shown(&written(target, &example())));
    }
}

#[test]
fn each_recipe_has_files_steps_a_trap_and_a_check() {
    for target in Target::ALL {
        let recipe = written(target, &example());
        assert_eq!(recipe.target, target);
        assert!(!recipe.files.is_empty() && recipe.steps.len() > 1, "{target}");
        assert!(recipe.trap.len() > 80 && recipe.trap.ends_with('.'), "{target}: {}", recipe.trap);
        assert!(
            recipe.verify.last().is_some_and(|last| last.starts_with("mta-sts check example.com --expect "))
        );
        for step in &recipe.steps {
            assert!(step.ends_with(['.']), "{target}: {step}");
            assert_eq!(step.matches('`').count() % 2, 0, "{target}: {step}");
        }
        let mut paths: Vec<&str> = recipe.files.iter().map(|file| file.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), recipe.files.len(), "{target}");
        for path in paths {
            assert!(!path.starts_with('/') && path.split('/').all(|part| !["", ".", ".."].contains(&part)));
        }
    }
}

#[test]
fn a_recipe_serves_the_policy_or_publishes_the_records() {
    let wanted = example();
    for target in Target::ALL {
        let recipe = written(target, &wanted);
        let all: String = recipe.files.iter().map(|file| file.text.as_str()).collect();
        if target.is_dns() {
            assert!(
                all.contains("id=20260102T030405Z") && all.contains("mailto:tlsrpt@example.org"),
                "{target}"
            );
            assert!(all.contains("192.0.2.1") && all.contains("2001:db8::1"), "{target}");
            assert!(recipe.steps.iter().any(|step| step.contains("Serve the policy first")), "{target}");
        } else {
            // The octets themselves, or a string of JavaScript.
            let verbatim = recipe.files.iter().any(|file| file.text == wanted.policy);
            assert!(verbatim || target == Target::CloudflareWorker, "{target}");
            assert!(recipe.verify.iter().any(|command| command.starts_with("curl -6 ")), "{target}");
            assert!(recipe.steps.iter().any(|step| step.contains("`_mta-sts.example.com`")), "{target}");
        }
    }
}

#[test]
fn a_domain_below_the_apex_has_its_records_in_the_zone() {
    let wanted = Wanted { domain: "mail.example.com".parse().expect("a domain"), ..example() };
    for (target, parts) in [
        (
            Target::Bind,
            &["\n_mta-sts.mail.example.com. 300 IN TXT ", "\nmta-sts.mail.example.com. 300 IN A "][..],
        ),
        (
            Target::Knot,
            &["zone-begin example.com\n", "zone-set example.com _mta-sts.mail.example.com. 300 TXT "],
        ),
        (Target::Nsupdate, &["\nzone example.com.\n", "\nupdate add _mta-sts.mail.example.com. 300 TXT "]),
        (
            Target::Terraform,
            &[
                "zone = \"example.com.\"\n  name = \"_mta-sts.mail\"",
                "name      = \"mta-sts.mail\"",
                "name = \"_smtp._tls.mail\"",
                "resource \"dns_txt_record_set\" \"mta_sts_mail\"",
                "\n  depends_on = [data.http.mta_sts_policy]",
            ],
        ),
        (
            Target::Dnscontrol,
            &["D_EXTEND(\"example.com\",", "TXT(\"_mta-sts.mail\", ", "A(\"mta-sts.mail\", "],
        ),
        (Target::Octodns, &["config/example.com.yaml", "\"_mta-sts.mail\":\n", "\"_smtp._tls.mail\":\n"]),
    ] {
        let recipe = written(target, &wanted);
        let text = &recipe.files[0].text;
        for part in parts {
            assert!(text.contains(part), "{target}: {part:?} is missing in\n{text}");
        }
        assert!(recipe.steps.iter().all(|step| !step.contains("`--zone`")), "{target}");
        // Without another zone it is the domain, and the recipe says what that means.
        let alone = written(target, &Wanted { zone: wanted.domain.clone(), ..wanted.clone() });
        assert!(
            alone
                .steps
                .iter()
                .any(|step| step.contains("the zone mail.example.com. If mail.example.com is only"))
        );
        assert!(!alone.files[0].text.contains("mta-sts.mail\""), "{target}: {}", alone.files[0].text);
    }
    // The whole zone file, read with the zone's origin: each name is where it belongs.
    let zone = read_zone(written(Target::Bind, &wanted).files[0].text.as_bytes(), "example.com");
    let owners: Vec<&str> = zone.texts.iter().map(|txt| txt.owner.as_str()).collect();
    assert_eq!(owners, ["_mta-sts.mail.example.com", "_smtp._tls.mail.example.com"]);
}

#[test]
fn what_a_syntax_cannot_write_is_refused_by_the_option_that_brought_it() {
    let path = |text: &str| text.parse::<ServerPath>().expect("a path");
    for (target, text, others) in [
        (Target::Apache, "/a${HOME}", &[Target::Nginx, Target::Haproxy][..]),
        (Target::Caddy, "/a\\b", &[Target::Apache, Target::Haproxy, Target::Lighttpd]),
        (Target::Caddy, "/a{b}", &[Target::Apache, Target::Traefik]),
        (Target::Systemd, "/a\\", &[Target::Apache, Target::DockerCompose]),
        (Target::Systemd, "/a ", &[Target::Caddy]),
    ] {
        let certificate = Wanted { certificate: path(text), ..example() };
        let key = Wanted { key: path(text), ..example() };
        for (wanted, option) in [(&certificate, "--cert"), (&key, "--key")] {
            let refused = recipe(target, wanted).expect_err(text);
            assert_eq!(refused.option, option, "{target} {text}");
            assert!(refused.to_string().starts_with(&format!("{option}: ")), "{refused}");
            for other in others {
                assert!(recipe(*other, wanted).is_ok(), "{other} can write {text}");
            }
        }
    }
    for (target, text) in [(Target::Apache, "/a${b"), (Target::Caddy, "/{")] {
        let wanted = Wanted { webroot: path(text), ..example() };
        assert_eq!(recipe(target, &wanted).map_err(|refused| refused.option), Err("--webroot"));
    }
}

#[test]
fn without_addresses_the_recipes_for_dns_say_so() {
    let wanted = Wanted { addresses: Vec::new(), tlsrpt_record: None, ..example() };
    for target in Target::ALL.into_iter().filter(|target| target.is_dns()) {
        let recipe = written(target, &wanted);
        assert!(recipe.steps.iter().any(|step| step.contains("has an address already")), "{target}");
        assert!(recipe.files.iter().all(|file| !file.text.contains("_smtp._tls")), "{target}");
    }
}

/// Text that tries to leave its place.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "\"", "'", "\\", "$", "${", "%{", "{", "}", "`", ";", "#", "\n", "\r\n", "\t", " ", "%", "$(id)", "\\\"",
            "*/", "//", "]", ")", "\u{2028}", "\u{0}", "\u{7f}", "\u{85}", "é", "\\n", "\\\n", "..", "$$", "-",
        ])
        .prop_map(str::to_owned),
        1 => "[ -~]{1,8}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn hostile_wanted() -> impl Strategy<Value = Wanted> {
    // Control characters are no part of a path: see `ServerPath`.
    let path = |text: String| format!("/{}", text.replace(char::is_control, "_")).parse().expect("a path");
    [hostile(), hostile(), hostile(), hostile(), hostile(), hostile()].prop_map(
        move |[policy, sts, tlsrpt, certificate, key, webroot]| Wanted {
            policy,
            sts_record: sts,
            tlsrpt_record: Some(tlsrpt),
            certificate: path(certificate),
            key: path(key),
            webroot: path(webroot),
            ..example()
        },
    )
}

fn file(target: Target, wanted: &Wanted, n: usize) -> String {
    written(target, wanted).files[n].text.clone()
}

/// What a shell prints when it runs a script.
fn run_shell(script: &str, environment: &[(&str, &str)]) -> String {
    let out =
        Command::new("sh").args(["-c", script]).envs(environment.iter().copied()).output().expect("sh runs");
    assert!(out.status.success(), "{script}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("UTF-8")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn records_cannot_leave_a_zone_file(wanted in hostile_wanted()) {
        let text = file(Target::Bind, &wanted, 0);
        let zone = read_zone(text.as_bytes(), "example.com");
        prop_assert!(zone.faults.is_empty() && zone.includes.is_empty(), "{text}");
        let found: Vec<(String, Vec<u8>)> = zone.texts.into_iter().map(|txt| (txt.owner, txt.octets)).collect();
        let meant: Vec<(String, Vec<u8>)> =
            wanted.texts().into_iter().map(|(name, text)| (name, text.as_bytes().to_vec())).collect();
        prop_assert_eq!(found, meant);
        // A comment, two addresses, two texts.
        prop_assert_eq!(text.lines().count(), 5);
    }

    #[test]
    fn records_cannot_leave_an_update(wanted in hostile_wanted()) {
        let text = file(Target::Nsupdate, &wanted, 0);
        let verbs: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        prop_assert_eq!(verbs.join(" "), format!("; zone{} send", " update".repeat(8)));
    }

    #[test]
    fn records_cannot_leave_a_shell_script(wanted in hostile_wanted()) {
        let text = file(Target::Knot, &wanted, 0);
        let printed = run_shell(&text, &[("KNOTC", r"printf <%s>\n")]);
        for (name, value) in wanted.texts() {
            let call = ["zone-set", "example.com", &format!("{name}."), "300", "TXT", &protocol::zone::quoted(value.as_bytes())]
                .map(|word| format!("<{word}>\n"));
            prop_assert!(printed.contains(&call.concat()), "{text}\n{printed}");
        }
        prop_assert_eq!(printed.matches("<zone-").count(), 2 + 4, "{}", printed);
    }

    #[test]
    fn a_policy_cannot_leave_javascript(wanted in hostile_wanted()) {
        let text = file(Target::CloudflareWorker, &wanted, 0);
        let literal = text.lines().next().and_then(|line| line.strip_prefix("const POLICY = "));
        let literal = literal.and_then(|line| line.strip_suffix(';')).expect("the first line is the policy");
        let read: String = serde_json::from_str(literal).expect("a string of JSON is one of JavaScript");
        prop_assert_eq!(read, wanted.policy);
    }

    #[test]
    fn records_cannot_leave_dnscontrol_and_octodns(wanted in hostile_wanted()) {
        let script = file(Target::Dnscontrol, &wanted, 0);
        let calls: Vec<&str> = script.lines().filter(|line| line.starts_with("  ")).collect();
        prop_assert_eq!(calls.len(), 4, "{}", script);
        let yaml = file(Target::Octodns, &wanted, 0);
        let values: Vec<String> = yaml
            .lines()
            .filter_map(|line| line.strip_prefix("      - "))
            .map(|value| serde_json::from_str(value).expect("a string of JSON is one of YAML"))
            .collect();
        prop_assert_eq!(values.len(), 4);
        for (_, text) in wanted.texts() {
            let arguments = [format!(", {}, TTL(300)),", quoting::json(text)), text.replace(';', "\\;")];
            prop_assert!(calls.iter().any(|call| call.ends_with(&arguments[0])));
            prop_assert!(values.contains(&arguments[1]));
        }
    }

    #[test]
    fn what_is_shown_as_one_line_is_one(wanted in hostile_wanted()) {
        for target in Target::ALL {
            // What cannot be written was refused.
            let Ok(recipe) = recipe(target, &wanted) else { continue };
            for line in recipe.steps.iter().chain(&recipe.verify).chain([&recipe.trap]) {
                prop_assert!(!line.contains(char::is_control), "{}: {}", target, line);
            }
            for file in &recipe.files {
                prop_assert!(file.path.split('/').all(|part| !["", ".", ".."].contains(&part)), "{}", file.path);
                prop_assert!(!file.path.contains(char::is_control), "{}", file.path);
            }
        }
    }

    #[test]
    fn the_policy_is_written_octet_for_octet(wanted in hostile_wanted()) {
        for target in Target::ALL.into_iter().filter(|target| !target.is_dns()) {
            let files = recipe(target, &wanted).map(|recipe| recipe.files).unwrap_or_default();
            for file in files.iter().filter(|file| file.path.ends_with(POLICY_PATH)) {
                prop_assert_eq!(&file.text, &wanted.policy);
            }
        }
    }
}
