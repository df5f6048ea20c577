//! The TXT records at `_mta-sts.` of very many names: many questions in flight, nothing validated.

mod swept;

pub use swept::{SweepFailure, Swept};
