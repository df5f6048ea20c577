//! Changing the key that keys are sealed with.

use database::{Row, Value};

use super::super::Facts;
use super::super::packed;
use super::{Store, StoreError, accounts, authority, orders};

/// Rows sealed again in one transaction: each is on disk before the next begins, so that a change that is broken off
/// goes on where it was.
const PAGE: usize = 200;

/// What was sealed again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Keys that are sealed with the new key now.
    pub keys: u64,
    /// Keys that were already.
    pub already: u64,
}

/// A table with sealed keys: what to read (its key column, the sealed octets, whatever else says what they are sealed
/// for), and how to put the new octets in place of the old.
struct Place {
    read: &'static str,
    write: &'static str,
    purpose: fn(&Row) -> Result<String, StoreError>,
}

const PLACES: [Place; 4] = [
    Place {
        read: "SELECT name, sealed, leaf FROM host_certificates WHERE name > $1 ORDER BY name LIMIT 200",
        write: "UPDATE host_certificates SET sealed = $3 WHERE name = $1 AND sealed = $2",
        purpose: |row| {
            let leaf = row.octets(2)?;
            match leaf.is_empty() {
                true => Ok(String::new()),
                false => Ok(packed::purpose(&row.text(0)?, &Facts::read(&leaf)?.serial)),
            }
        },
    },
    Place {
        read: "SELECT name, sealed_key FROM host_orders
               WHERE name > $1 AND sealed_key IS NOT NULL ORDER BY name LIMIT 200",
        write: "UPDATE host_orders SET sealed_key = $3 WHERE name = $1 AND sealed_key = $2",
        purpose: |row| Ok(orders::purpose(&row.text(0)?)),
    },
    Place {
        read: "SELECT directory, sealed FROM host_acme_accounts WHERE directory > $1 ORDER BY directory LIMIT 200",
        write: "UPDATE host_acme_accounts SET sealed = $3 WHERE directory = $1 AND sealed = $2",
        purpose: |row| Ok(accounts::purpose(&row.text(0)?)),
    },
    Place {
        read: "SELECT CAST(id AS TEXT), sealed FROM host_local_authority WHERE CAST(id AS TEXT) > $1 ORDER BY 1 LIMIT 200",
        write: "UPDATE host_local_authority SET sealed = $3 WHERE CAST(id AS TEXT) = $1 AND sealed = $2",
        purpose: |_| Ok(authority::PURPOSE.to_owned()),
    },
];

impl Store {
    /// Seals every key that was sealed with a former key anew, with the current one. May be broken off at any moment and
    /// called again. Nodes that run need both keys until it is done, and may forget the former one then.
    ///
    /// # Errors
    /// [`StoreError`]; among them that a key was sealed with a key that this program was not given.
    pub async fn reseal(&self) -> Result<Resealed, StoreError> {
        let mut done = Resealed::default();
        for place in &PLACES {
            self.reseal_place(place, &mut done).await?;
        }
        Ok(done)
    }

    async fn reseal_place(&self, place: &Place, done: &mut Resealed) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let mut transaction = self.begin(None).await?;
            let rows = transaction.fetch(place.read, &[after.as_str().into()]).await?;
            for row in &rows {
                let (key, sealed) = (row.text(0)?, row.octets(1)?);
                let purpose = (place.purpose)(row)?;
                if sealed.is_empty() || purpose.is_empty() {
                    continue;
                }
                if self.sealer.is_current(&sealed) {
                    done.already += 1;
                    continue;
                }
                let again = self.sealer.seal(&purpose, &self.sealer.open(&purpose, &sealed)?)?;
                let values: [Value; 3] = [key.into(), sealed.into(), again.into()];
                done.keys += transaction.execute(place.write, &values).await?;
            }
            transaction.commit().await?;
            match rows.last() {
                Some(last) if rows.len() >= PAGE => after = last.text(0)?,
                _ => return Ok(()),
            }
        }
    }

    /// Opens one key of each kind, so that a wrong key is noticed when the program starts and not in a handshake.
    pub(super) async fn try_the_key(&self) -> Result<(), StoreError> {
        for place in &PLACES {
            let rows = self.database.fetch(place.read, &["".into()]).await?;
            let first = rows.iter().find(|row| row.octets(1).is_ok_and(|sealed| !sealed.is_empty()));
            if let Some(row) = first {
                self.sealer.open(&(place.purpose)(row)?, &row.octets(1)?)?;
            }
        }
        Ok(())
    }
}
