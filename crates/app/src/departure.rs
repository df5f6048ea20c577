//! Where a file departs from its form, in our words: those of the parsers are for programmers.

use crate::lint::Positions;

/// The longest piece of a wrong line that is quoted.
const QUOTED: usize = 60;

/// What departs from JSON, or from the values that are read out of it.
pub(crate) fn of_json(error: &serde_json::Error, text: &[u8]) -> String {
    use serde_json::error::Category;
    let place = format!("at line {}, column {}", error.line(), error.column().max(1));
    match error.classify() {
        _ if text.trim_ascii().is_empty() => "it is empty".to_owned(),
        _ if !text.trim_ascii_start().starts_with(b"{") => "it does not begin with `{`".to_owned(),
        Category::Eof => format!("it ends too early, {place}"),
        Category::Syntax | Category::Io => format!("it is no JSON {place}"),
        Category::Data => format!("{} {place}", of_value(error)),
    }
}

/// What departs in a value that is JSON.
pub(crate) fn of_value(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let name = words.split('`').nth(1).unwrap_or_default();
    if words.starts_with("missing field") {
        format!("`{name}` is missing")
    } else if words.starts_with("unknown field") {
        format!("`{name}` is not known")
    } else if words.starts_with("duplicate field") {
        format!("`{name}` is there twice")
    } else {
        "there is a value of another kind".to_owned()
    }
}

/// What departs from TOML.
pub(crate) fn of_toml(error: &toml::de::Error, text: &str) -> String {
    let Some(span) = error.span() else { return "it is no TOML".to_owned() };
    let positions = Positions::new(text.as_bytes());
    // A fault at the end of a line belongs to that line.
    let spot = positions.spot(span.start);
    let (_, _, line) = positions.line(span.start);
    let line: String = String::from_utf8_lossy(line).trim().chars().take(QUOTED).collect();
    let place = format!("line {}, column {}", spot.line, spot.column);
    if error.message().starts_with("duplicate key") {
        format!("{place}: `{line}` sets what is set already")
    } else {
        format!("{place}: `{line}` is no line such as `name = \"value\"`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_is_told_by_line_and_column() {
        for (text, words) in [
            ("a = ", "line 1, column 5: `a =` is no line such as `name = \"value\"`"),
            ("a", "line 1, column 2: `a` is no line such as `name = \"value\"`"),
            ("b = 1\n[x", "line 2, column 3: `[x` is no line such as `name = \"value\"`"),
            ("a = 1\na = 2", "line 2, column 1: `a = 2` sets what is set already"),
            ("a = \"x", "line 1, column 7: `a = \"x` is no line such as `name = \"value\"`"),
        ] {
            let error = text.parse::<toml::Table>().expect_err(text);
            assert_eq!(of_toml(&error, text), words, "{text}");
        }
    }

    #[test]
    fn json_is_told_by_line_and_column() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "read only")]
        struct Read {
            a: u8,
        }
        for (text, words) in [
            ("", "it is empty"),
            ("\"x\"", "it does not begin with `{`"),
            ("{\"a\":", "it ends too early, at line 1, column 5"),
            ("{\n  \"a\" 1}", "it is no JSON at line 2, column 7"),
            ("{}", "`a` is missing at line 1, column 2"),
            ("{\"b\":1}", "`b` is not known at line 1, column 4"),
            ("{\"a\":1,\"a\":1}", "`a` is there twice at line 1, column 10"),
            ("{\"a\":\"x\"}", "there is a value of another kind at line 1, column 8"),
        ] {
            let error = serde_json::from_str::<Read>(text).expect_err(text);
            assert_eq!(of_json(&error, text.as_bytes()), words, "{text}");
        }
    }
}
