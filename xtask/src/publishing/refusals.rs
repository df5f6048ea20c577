//! What a name server refuses, and what is not served, is told with the way to mend it; the record stays as it is.

use super::poller::Poller;
use super::world::{DOMAIN, World};

/// Words, key file, exit status, a piece of what is said.
type Case<'a> = (&'a [&'a str], &'a str, i32, &'a str);

pub(super) fn are_told(world: &World) -> Result<bool, String> {
    let policy = |name: &str, mx: &str, max_age: u32| {
        let path = world.file(name);
        let text = format!("version: STSv1\nmode: enforce\nmx: {mx}\nmax_age: {max_age}\n");
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<String, String>(path.display().to_string())
    };
    let good = policy("good.txt", "mx.publish.test", 99_999)?;
    let uncovered = policy("uncovered.txt", "mx.elsewhere.test", 99_999)?;
    let broken = policy("broken.txt", "a_b", 99_999)?;
    world.key("other-name", "stranger", "bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0ZXN0cyBoZXJlLg==")?;
    world.key("other-secret", "publisher", "YW5vdGhlciBzZWNyZXQgYW5vdGhlciBzZWNyZXQgISEhIQ==")?;
    let elsewhere = world.file("elsewhere");
    std::fs::create_dir_all(&elsewhere).map_err(|error| error.to_string())?;
    let (before, _) = Poller::look(world);
    let at = ["--at", "_mta-sts.other.publish.test"];
    let cases: [Case<'_>; 6] = [
        (&["--policy", &broken], "key", 1, "senders do not take this policy"),
        (&["--policy", &uncovered], "key", 1, "mx: mx.publish.test"),
        (&["--policy", &good], "other-name", 3, "knows no key stranger"),
        (&["--policy", &good], "other-secret", 3, "has another secret for the key publisher"),
        (
            &["--policy", &good, at[0], at[1]],
            "key",
            3,
            "grant publisher name _mta-sts.other.publish.test. TXT",
        ),
        // Into a folder that the web server does not serve.
        (&["--policy", &uncovered, "--allow-mismatch", "--wait", "1"], "key", 4, "serves another policy"),
    ];
    let mut all = true;
    for (words, key, status, said) in cases {
        let words = [&[DOMAIN], words].concat();
        let folder = if status == 4 { "elsewhere" } else { "web" };
        let output = world.publish(&[], &words, key, folder).output().map_err(|error| error.to_string())?;
        let talk = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(status) || !talk.contains(said) {
            println!(
                "{words:?} with {key}: {} instead of {status}, without `{said}`:\n{talk}",
                output.status
            );
            all = false;
        }
    }
    let (after, _) = Poller::look(world);
    if before != after {
        println!("the record changed from {before:?} to {after:?}");
        all = false;
    }
    Ok(all)
}
