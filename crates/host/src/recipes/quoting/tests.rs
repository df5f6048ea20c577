//! Each syntax is read as its own program reads it: what comes out is what went in, and nothing is left over.

use std::process::Command;

use proptest::prelude::*;

use super::*;

/// Reads a string in double quotes from the start of `text`: its value, and what follows it. `escape` says what a
/// backslash and a character mean; `None` keeps both.
fn read(text: &str, escape: impl Fn(char) -> Option<char>) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 2..])),
            '\\' => {
                let (_, next) = chars.next()?;
                match escape(next) {
                    Some(meant) => value.push(meant),
                    None => value.extend(['\\', next]),
                }
            }
            c => value.push(c),
        }
    }
    None
}

fn one_of(special: &'static str) -> impl Fn(char) -> Option<char> {
    move |c| special.contains(c).then_some(c)
}

/// nginx: `\"`, `\'` and `\\`, and three letters; every other backslash stays.
fn nginx_escape(c: char) -> Option<char> {
    match c {
        't' => Some('\t'),
        'r' => Some('\r'),
        'n' => Some('\n'),
        c => one_of("\"'\\")(c),
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let special = prop::sample::select(r#""'\$%{}`;#[]()|&<>*?~!@ "#.chars().collect::<Vec<_>>());
    prop::collection::vec(prop_oneof![3 => special, 1 => any::<char>()], 0..16)
        .prop_map(|chars| chars.into_iter().collect())
}

/// As paths are: see `ServerPath`.
fn path() -> impl Strategy<Value = String> {
    hostile().prop_map(|text| text.replace(char::is_control, "_"))
}

/// Ends the case well when the value is refused, which it must be exactly when `refused`.
macro_rules! or_refused {
    ($quoted:expr, $refused:expr) => {{
        let quoted = $quoted;
        prop_assert_eq!(quoted.is_err(), $refused, "{:?}", quoted);
        match quoted {
            Ok(quoted) => quoted,
            Err(_) => return Ok(()),
        }
    }};
}

proptest! {
    #[test]
    fn nginx_reads_it_back(text in hostile()) {
        let quoted = nginx(&text);
        let (value, rest) = read(&quoted, nginx_escape).expect("a string");
        prop_assert_eq!(rest, "");
        let dollar = format!("${{{NGINX_DOLLAR}}}");
        prop_assert!(!value.replace(&dollar, "").contains('$'));
        prop_assert_eq!(value.replace(&dollar, "$"), text);
    }

    #[test]
    fn apache_reads_it_back(text in path()) {
        let quoted = or_refused!(apache(&text), text.contains("${"));
        let (value, rest) = read(&quoted, one_of("\"\\")).expect("a string");
        prop_assert_eq!(rest, "");
        prop_assert!(!quoted.contains("${"), "{quoted}");
        prop_assert_eq!(value, text);
    }

    #[test]
    fn caddy_reads_it_back(text in path()) {
        let quoted = or_refused!(caddy(&text), text.contains(['\\', '{', '}']));
        let (value, rest) = read(&quoted, one_of("\"")).expect("a string");
        prop_assert_eq!(rest, "");
        prop_assert_eq!(value, text);
    }

    #[test]
    fn haproxy_reads_it_back(text in path()) {
        let quoted = haproxy(&text);
        let (value, rest) = read(&quoted, one_of("\"\\$")).expect("a string");
        prop_assert_eq!(rest, "");
        prop_assert!(!quoted.replace("\\\\", "").replace("\\$", "").contains('$'));
        prop_assert_eq!(value, text);
    }

    #[test]
    fn lighttpd_reads_it_back(text in path()) {
        let quoted = lighttpd(&text);
        let (value, rest) = read(&quoted, one_of("\"\\")).expect("a string");
        prop_assert_eq!(rest, "");
        prop_assert_eq!(value, text);
    }

    #[test]
    fn json_is_json_on_one_line(text in hostile()) {
        let quoted = json(&text);
        let ends_a_line = |c: char| c.is_control() || ['\u{2028}', '\u{2029}'].contains(&c);
        prop_assert!(!quoted.contains(ends_a_line), "{quoted}");
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), text);
    }

    #[test]
    fn hcl_has_no_template(text in hostile()) {
        let quoted = hcl(&text);
        prop_assert!(!quoted.contains("${") && !quoted.contains("%{"), "{quoted}");
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), text);
    }

    #[test]
    fn compose_names_no_variable(text in path()) {
        let read: String = serde_json::from_str(&compose(&text)).expect("JSON");
        prop_assert!(!read.replace("$$", "").contains('$'));
        prop_assert_eq!(read.replace("$$", "$"), text);
    }

    #[test]
    fn traefik_has_no_template(text in path()) {
        let quoted = traefik(&text);
        prop_assert!(!quoted.contains("{{"), "{quoted}");
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), text);
    }

    #[test]
    fn systemd_reads_it_back(text in path()) {
        let refused = text.contains('\\') || text.ends_with(|c: char| c.is_ascii_whitespace());
        let written = or_refused!(systemd(&text), refused);
        // systemd.syntax: a line goes on after a backslash at its end, and blanks at its end are taken off.
        prop_assert!(!written.ends_with('\\') && written.trim_end_matches([' ', '\t']) == written);
        prop_assert!(!written.replace("%%", "").contains('%'), "{written}");
        prop_assert_eq!(written.replace("%%", "%"), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_shell_reads_it_back(text in hostile()) {
        // No argument can hold a NUL.
        let text = text.replace('\0', "");
        let script = format!("printf %s {}", shell(&text));
        let out = Command::new("sh").args(["-c", &script]).output().expect("sh runs");
        prop_assert_eq!(String::from_utf8(out.stdout).expect("UTF-8"), text);
    }
}
