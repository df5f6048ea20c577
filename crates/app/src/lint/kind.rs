//! What a text is, by its name and its content.

use std::path::Path;

use crate::cli::LintKind;

/// Guesses what a text is.
pub(crate) fn guess(path: Option<&Path>, text: &[u8]) -> LintKind {
    let name = path
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let extension = |wanted: &str| Path::new(&name).extension().is_some_and(|found| found == wanted);
    if name == "mta-sts.txt" {
        return LintKind::Policy;
    }
    if extension("zone") || extension("db") || name.starts_with("db.") {
        return LintKind::Zone;
    }
    let text = String::from_utf8_lossy(text);
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', '"']).to_ascii_lowercase();
    if looks_like_zone(&text) {
        LintKind::Zone
    } else if start.starts_with("v=tlsrpt") || start.starts_with("v = tlsrpt") || start.starts_with("rua") {
        LintKind::Tlsrpt
    } else if start.starts_with("v=") || start.starts_with("v =") || start.starts_with("id=") {
        LintKind::Sts
    } else {
        LintKind::Policy
    }
}

/// Directives, or a line with an owner and a type as zone files have them.
fn looks_like_zone(text: &str) -> bool {
    text.lines().take(200).any(|line| {
        let words: Vec<&str> = line.split_whitespace().take(5).collect();
        matches!(words.first(), Some(&("$ORIGIN" | "$TTL" | "$INCLUDE")))
            || words.iter().skip(1).any(|word| matches!(*word, "TXT" | "SOA" | "MX" | "NS" | "CNAME"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        for (path, text, kind) in [
            (None, "v=STSv1; id=1;", LintKind::Sts),
            (None, "V=stsv1", LintKind::Sts),
            (None, "v=TLSRPTv1; rua=mailto:a@example.com", LintKind::Tlsrpt),
            (None, "version: STSv1\nmode: enforce\n", LintKind::Policy),
            (None, "\u{feff}version: STSv1", LintKind::Policy),
            (None, "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=1;\"", LintKind::Zone),
            (None, "$TTL 300\n", LintKind::Zone),
            (Some("db.example.com"), "", LintKind::Zone),
            (Some("x/mta-sts.txt"), "v=STSv1; id=1;", LintKind::Policy),
            (None, "", LintKind::Policy),
        ] {
            assert_eq!(guess(path.map(Path::new), text.as_bytes()), kind, "{path:?} {text}");
        }
    }
}
