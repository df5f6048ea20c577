//! Whose turn it is when something is wrong.

use serde::{Deserialize, Serialize};

/// Who has to act to mend a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Whoever writes the domain's DNS records and policy.
    DomainOwner,
    /// Whoever runs the HTTPS host of the policy.
    PolicyHost,
    /// Whoever runs the mail host.
    MailHost,
    /// The sending mail server.
    Sender,
    /// This program or the network that it runs in.
    Ourselves,
}
