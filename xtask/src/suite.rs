//! `cargo xtask test`: every part, each timed, a table at the end.
//!
//! On Debian as root everything runs. Elsewhere each part that cannot run says why; under `CI=true` that is a failure.
//! One profile (release), so that what ships is what is tested and everything is built once.

use std::time::{Duration, Instant};

use crate::{
    Outcome, command, conformance, fuzz, naming, place, postgres, publishing, readers, realparts, replay,
};

/// Seconds for each fuzz target.
const FUZZ_SECONDS: &str = "20";

/// One part of the suite.
struct Part {
    name: &'static str,
    what: &'static str,
    /// Whether it drives the built binary.
    needs_build: bool,
    run: fn() -> Verdict,
}

/// What came of a part.
enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

const PARTS: &[Part] = &[
    Part { name: "packages", what: "the real servers, from Debian", needs_build: false, run: packages },
    Part { name: "format", what: "rustfmt", needs_build: false, run: || cargo(&["fmt", "--all", "--check"]) },
    Part {
        name: "clippy",
        what: "no warning in any target",
        needs_build: false,
        run: || {
            cargo(&[
                "clippy",
                "--release",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ])
        },
    },
    Part {
        name: "build",
        what: "everything, once, in release",
        needs_build: false,
        run: || cargo(&["build", "--release", "--workspace", "--all-targets", "--locked"]),
    },
    Part {
        name: "tests",
        what: "the tests of all crates",
        needs_build: true,
        run: || cargo(&["test", "--release", "--workspace", "--locked"]),
    },
    Part {
        name: "conformance",
        what: "the vectors, judged by the shipped binary",
        needs_build: true,
        run: || verdict(conformance::run(&[])),
    },
    Part { name: "lab", what: "mta-sts lab check", needs_build: true, run: lab },
    Part {
        name: "replay",
        what: "a capsule, judged again without a network",
        needs_build: true,
        run: offline,
    },
    Part {
        name: "fuzz",
        what: "20 s for each target",
        needs_build: true,
        run: || verdict(fuzz::targets(FUZZ_SECONDS, None)),
    },
    Part {
        name: "readers",
        what: "Parquet, SQLite and CSV, read by pyarrow, sqlite3 and Python",
        needs_build: true,
        run: outputs,
    },
    Part {
        name: "publish",
        what: "BIND, Knot, nginx; the binary is killed at each step",
        needs_build: true,
        run: publish,
    },
    Part {
        name: "dns",
        what: "our name server: unbound and delv validate it, behind a zone that Knot signs",
        needs_build: true,
        run: names,
    },
    Part {
        name: "postgres",
        what: "scans shared through a real PostgreSQL, workers killed",
        needs_build: true,
        run: || on_debian_as_root(postgres::test),
    },
    Part { name: "box", what: "BIND, unbound, Postfix, Exim, nginx", needs_build: true, run: real_parts },
    Part {
        name: "recipes",
        what: "generate --for X in Debian's web and DNS servers, then check",
        needs_build: true,
        run: recipes,
    },
];

pub(crate) fn run(words: &[String]) -> Outcome {
    if words.first().is_some_and(|word| word == "--list") {
        for part in PARTS {
            println!("{:12} {}", part.name, part.what);
        }
        return Ok(true);
    }
    if let Some(unknown) = words.iter().find(|word| PARTS.iter().all(|part| part.name != *word)) {
        return Err(format!("no part `{unknown}`; `cargo xtask test --list` names them"));
    }
    let chosen = |part: &&Part| words.is_empty() || words.iter().any(|word| word == part.name);
    let mut results = Vec::new();
    let mut built = true;
    for part in PARTS.iter().filter(chosen) {
        println!("\n== {}: {}", part.name, part.what);
        let start = Instant::now();
        let verdict = if part.needs_build && !built {
            Verdict::Skipped("the build failed".to_owned())
        } else {
            (part.run)()
        };
        if part.name == "build" {
            built = matches!(verdict, Verdict::Passed);
        }
        results.push((part.name, verdict, start.elapsed()));
    }
    Ok(summary(&results, std::env::var("CI").is_ok_and(|ci| ci == "true")))
}

/// The table and the last line; whether that is a success.
fn summary(results: &[(&str, Verdict, Duration)], skipping_fails: bool) -> bool {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    println!("\n{:12} {:8} {:>8}", "part", "result", "time");
    for (name, verdict, time) in results {
        let (word, note) = match verdict {
            Verdict::Passed => {
                passed += 1;
                ("passed", "")
            }
            Verdict::Failed(why) => {
                failed += 1;
                ("FAILED", why.as_str())
            }
            Verdict::Skipped(why) => {
                skipped += 1;
                ("skipped", why.as_str())
            }
        };
        let line = format!("{name:12} {word:8} {:7.1}s {note}", time.as_secs_f64());
        println!("{}", line.trim_end());
    }
    if skipped > 0 && skipping_fails {
        println!("CI=true: a skipped part counts as a failure");
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    failed == 0 && (skipped == 0 || !skipping_fails)
}

fn cargo(words: &[&str]) -> Verdict {
    verdict(command::passes(&mut command::cargo(words)))
}

fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Ok(true) => Verdict::Passed,
        Ok(false) => Verdict::Failed("see above".to_owned()),
        Err(why) => {
            eprintln!("{why}");
            Verdict::Failed(why.lines().next().unwrap_or_default().to_owned())
        }
    }
}

fn lab() -> Verdict {
    let outcome = place::binary()
        .and_then(|binary| command::passes(std::process::Command::new(binary).args(["lab", "check"])));
    verdict(outcome)
}

fn offline() -> Verdict {
    match replay::without_network() {
        None => Verdict::Skipped("no namespace without a network: needs root, or user namespaces".to_owned()),
        Some(wrapper) => verdict(replay::run(&wrapper)),
    }
}

fn publish() -> Verdict {
    match publishing::missing() {
        None => verdict(publishing::test()),
        Some(program) => {
            Verdict::Skipped(format!("{program} is not installed; the part `packages` does that"))
        }
    }
}

fn names() -> Verdict {
    match naming::missing() {
        None => verdict(naming::test()),
        Some(program) => {
            Verdict::Skipped(format!("{program} is not installed; the part `packages` does that"))
        }
    }
}

fn packages() -> Verdict {
    on_debian_as_root(realparts::install)
}

fn outputs() -> Verdict {
    on_debian_as_root(readers::run)
}

fn real_parts() -> Verdict {
    in_a_namespace(realparts::test)
}

fn recipes() -> Verdict {
    in_a_namespace(realparts::recipes)
}

fn in_a_namespace(run: fn() -> Outcome) -> Verdict {
    if place::is_root() && replay::without_network().is_none() {
        return Verdict::Skipped("this machine allows no network namespaces".to_owned());
    }
    on_debian_as_root(run)
}

fn on_debian_as_root(run: fn() -> Outcome) -> Verdict {
    if !place::is_debian() {
        Verdict::Skipped("the real servers come as Debian packages".to_owned())
    } else if !place::is_root() {
        Verdict::Skipped("needs root: packages, a network namespace, ports below 1024".to_owned())
    } else {
        verdict(run())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_part_fails_only_under_ci() {
        let results =
            [("a", Verdict::Passed, Duration::ZERO), ("b", Verdict::Skipped("why".into()), Duration::ZERO)];
        assert!(summary(&results, false));
        assert!(!summary(&results, true));
        assert!(summary(&results[..1], true));
    }

    #[test]
    fn a_failed_part_fails() {
        assert!(!summary(&[("a", Verdict::Failed("why".into()), Duration::ZERO)], false));
    }
}
