//! Domains that scenarios refer to: always there, never checked themselves.

use crate::scenario::{Names, State};
use crate::{LabError, scenario::Https};

/// `reports.test`: takes mail, and takes reports by HTTPS at `https://reports.test/`.
const REPORTS: &str = "reports";

/// The neighbours with what differs from the healthy template.
pub(crate) fn neighbours() -> Result<Vec<(Names, State)>, LabError> {
    let names = Names { name: REPORTS.to_owned(), domain: format!("{REPORTS}.test") };
    let intake = Https { accepts_reports: Some(true), ..Https::default() };
    let mut state = State::default();
    state.https.insert("@".to_owned(), intake);
    Ok(vec![(names, state)])
}
