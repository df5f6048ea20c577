//! Words and times in flags, environment and file.

use clap::ValueEnum;
use jiff::Timestamp;

/// Reads one of the words that a flag takes.
pub(crate) fn parse_word<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, true).map_err(|_| {
        let known = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let known: Vec<String> =
            known.filter(|one| !one.is_hide_set()).map(|one| one.get_name().to_owned()).collect();
        format!("one of {}", known.join(", "))
    })
}

/// Reads a point in time.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.trim().parse().map_err(|_| {
        "a day that exists, `T`, the time, and `Z` or an offset are needed, such as 2026-11-22T09:30:00Z (RFC 3339)"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ColorWord;

    #[test]
    fn a_wrong_word_is_told_the_right_ones() {
        assert!(matches!(parse_word::<ColorWord>("ALWAYS"), Ok(ColorWord::Always)));
        assert!(
            matches!(parse_word::<ColorWord>("red"), Err(words) if words == "one of auto, always, never"),
        );
    }

    #[test]
    fn a_wrong_time_is_told_the_form() {
        assert!(parse_time("2026-11-22T09:30:00+01:00").is_ok());
        for wrong in
            ["yesterday", "2026-11-22", "2026-02-30T00:00:00Z", "1764000000", "", "2026-11-22T25:00:00Z"]
        {
            let words = parse_time(wrong).expect_err(wrong);
            assert!(
                words.starts_with("a day that exists") && words.contains("09:30:00Z"),
                "{wrong}: {words}"
            );
        }
    }
}
