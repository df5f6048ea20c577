//! One web server at one address.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::scenario::HttpsManner;
use crate::tls::Terms;
use crate::visits::Visits;

/// What the server serves, and how.
pub(crate) struct Site {
    /// Host name and documentation address, for the log.
    pub(crate) peer: Arc<str>,
    /// The TLS side; `None` for plain HTTP.
    pub(crate) terms: Option<Terms>,
    /// The path that answers; all others are 404.
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    pub(crate) manner: HttpsManner,
    pub(crate) pause: Duration,
    pub(crate) accepts_reports: bool,
    pub(crate) delay: Duration,
    pub(crate) visits: Visits,
}
