//! What is said when this program itself is at fault.

use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe};

use crate::exit::ExitStatus;
use crate::render::visible;

/// From now on a panic says one line that commands no terminal, and asks for a report.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| (place.file(), place.line()));
        let line = words(info.payload_as_str().unwrap_or("no reason given"), place);
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(std::io::stderr(), "{line}");
    }));
}

/// The status of the work; [`ExitStatus::Internal`] when it panicked. The hook has said why.
pub(crate) fn caught(work: impl FnOnce() -> anyhow::Result<ExitStatus>) -> anyhow::Result<ExitStatus> {
    // Nothing that the work has touched is used after it.
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(Ok(ExitStatus::Internal))
}

fn words(why: &str, place: Option<(&str, u32)>) -> String {
    let place = place.map(|(file, line)| format!(" ({file}:{line})")).unwrap_or_default();
    visible(&format!("internal error: {why}{place}; please report it, with the command that you gave"))
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        let status = caught(|| panic!("a panic on purpose, by a test"));
        assert!(matches!(status, Ok(ExitStatus::Internal)));
        assert_eq!(ExitStatus::Internal.code(), 70);
        assert!(matches!(caught(|| Ok(ExitStatus::Findings)), Ok(ExitStatus::Findings)));
    }

    #[test]
    fn what_is_said_is_one_harmless_line() {
        assert_eq!(
            words("at \x1b[2J\nx", Some(("src/a.rs", 7))),
            "internal error: at \\x1b[2J\\nx (src/a.rs:7); please report it, with the command that you gave"
        );
    }
}
