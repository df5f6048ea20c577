//! Visits to mail hosts, kept so that a scan that goes on need not make them again.

use database::{Transaction, Value};
use outside::{Seen, Visit};

use super::Scan;
use super::packed::{pack_json, unpack_json};
use crate::ScanError;

/// Visits read at a time.
const PAGE: i64 = 100;

impl Scan {
    /// The visits kept, some at a time: those after `after`, and the last of them.
    pub(crate) async fn visits(&self, after: &str) -> Result<Option<(String, Vec<Visit>)>, ScanError> {
        let rows = self
            .database
            .fetch(
                "SELECT place, visit FROM scan_visits WHERE job = $1 AND place > $2 ORDER BY place LIMIT $3",
                &[self.job.into(), after.into(), PAGE.into()],
            )
            .await?;
        let Some(last) = rows.last() else { return Ok(None) };
        let last = last.text(0)?;
        let visits = rows.iter().map(|row| unpack_json(&row.octets(1)?)).collect::<Result<_, ScanError>>()?;
        Ok(Some((last, visits)))
    }
}

/// Keeps visits with what was built on them.
pub(super) async fn keep(
    transaction: &mut Transaction,
    job: &Value,
    visits: &[Visit],
) -> Result<(), ScanError> {
    for visit in visits {
        let place = match &visit.seen {
            Seen::Names(_) => format!("names {}", visit.host),
            Seen::Session { target, session } => {
                format!("session {} {} {target}", visit.host, session.address)
            }
        };
        transaction
            .execute(
                "INSERT INTO scan_visits (job, place, visit) VALUES ($1, $2, $3)
                 ON CONFLICT (job, place) DO UPDATE SET visit = excluded.visit",
                &[job.clone(), place.into(), pack_json(visit)?.into()],
            )
            .await?;
    }
    Ok(())
}
