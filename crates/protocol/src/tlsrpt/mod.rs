//! SMTP TLS reporting: the `_smtp._tls` record and the vocabulary of reports. RFC 8460.

mod record;
mod record_inspection;
mod result_type;
mod rua;
mod rua_inspection;
mod uri;

pub use record::{RECORD_PREFIX, Record, RecordError, read_records, selected_record};
pub use record_inspection::{inspect_record, mend_record, patch_record};
pub use result_type::{Category, ResultType};
pub use rua::{Rua, RuaError, RuaTarget};
