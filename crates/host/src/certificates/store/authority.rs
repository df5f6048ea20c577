//! The authority of our own, for installations that have no other.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use super::super::LocalAuthority;
use super::{Store, StoreError};

/// What its key is sealed for.
pub(super) const PURPOSE: &str = "local authority";

impl Store {
    /// The authority of our own; made when it is first asked for. All nodes have the same.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn local_authority(&self, now: Timestamp) -> Result<LocalAuthority, StoreError> {
        let made = LocalAuthority::generate(now)?;
        let sealed = self.sealer.seal(PURPOSE, made.key())?;
        let mut transaction = self.begin(None).await?;
        transaction
            .execute(
                "INSERT INTO host_local_authority (id, root, sealed) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
                &[made.root().to_vec().into(), sealed.into()],
            )
            .await?;
        let row = transaction
            .fetch_optional("SELECT root, sealed FROM host_local_authority WHERE id = 1", &[])
            .await?;
        transaction.commit().await?;
        let Some(row) = row else { return Ok(made) };
        let key = self.sealer.open(PURPOSE, &row.octets(1)?)?;
        Ok(LocalAuthority::of(CertificateDer::from(row.octets(0)?), key))
    }
}
