//! MTA-STS: the `_mta-sts` record, the policy, and the decision per MX host. RFC 8461.

mod decision;
mod media_type;
mod policy;
mod policy_defect;
mod policy_inspection;
mod policy_reader;
mod record;
mod record_inspection;

pub use decision::{DaneState, Decision, Demand, Mechanism, Trial, decide};
pub use media_type::{MediaType, media_type};
pub use policy::{MAX_AGE_LIMIT, MAX_POLICY_OCTETS, Mode, Policy, PolicyText, UnknownMode};
pub use policy_defect::{PolicyDefect, PolicyError};
pub use policy_inspection::{inspect_policy, mend_policy, patch_policy};
pub use record::{RECORD_PREFIX, Record, RecordError, read_records, selected_record};
pub use record_inspection::{inspect_record, mend_record, patch_record};
