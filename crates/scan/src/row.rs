//! What a scan knows of one name.

use outside::Swept;
use protocol::Domain;
use protocol::observed::Evidence;

/// What a scan knows of one name of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place in the list: 0 for the first accepted name. The order of every output.
    pub position: u64,
    /// The name.
    pub domain: Domain,
    /// What the first stage saw: the TXT records at `_mta-sts.`, not validated.
    pub swept: Swept,
    /// What the deep survey saw; only for hits, and only when it was asked for.
    pub evidence: Option<Evidence>,
}
