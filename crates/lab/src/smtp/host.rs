//! One mail server at one address.

use std::sync::Arc;
use std::time::Duration;

use crate::scenario::{AfterStarttls, SmtpManner};
use crate::tls::Terms;
use crate::visits::Visits;

/// Whether TLS is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Starttls {
    /// The EHLO reply names it and it works.
    Offered,
    /// The EHLO reply does not name it.
    Missing,
    /// The EHLO reply names it; the command gets this reply.
    Refused(String),
}

/// What the server says, and how.
pub(crate) struct MailHost {
    /// Host name and documentation address, for the log.
    pub(crate) peer: Arc<str>,
    /// The name that it calls itself.
    pub(crate) name: String,
    pub(crate) terms: Terms,
    pub(crate) greeting: String,
    pub(crate) ehlo: Vec<String>,
    pub(crate) starttls: Starttls,
    pub(crate) after_starttls: AfterStarttls,
    pub(crate) manner: SmtpManner,
    pub(crate) pause: Duration,
    pub(crate) delay: Duration,
    pub(crate) visits: Visits,
}
