//! Spans of time in settings.

use std::time::Duration;

/// The longest `--timeout`: a day. Longer looks describe no single moment any more.
const LONGEST: f64 = 86_400.0;

/// Reads seconds, fractions allowed.
pub(crate) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 =
        text.trim().parse().map_err(|_| "a number of seconds is needed, such as 30".to_owned())?;
    if seconds > 0.0 && seconds <= LONGEST {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(format!("between 0 (not included) and {LONGEST} seconds are possible"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_positive_and_bounded() {
        assert_eq!(parse_seconds("1.5"), Ok(Duration::from_millis(1500)));
        for wrong in ["0", "-1", "NaN", "inf", "1e300", "", "ten"] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
    }
}
