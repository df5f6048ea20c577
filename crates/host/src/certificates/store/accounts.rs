//! Our accounts with authorities: their keys are as precious as the certificates'.

use database::Lease;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Store, StoreError, millis};

impl Store {
    /// What is kept of our account with the authority of this directory, as its library writes it.
    pub(crate) async fn account(&self, directory: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let row = self
            .database
            .fetch_optional("SELECT sealed FROM host_acme_accounts WHERE directory = $1", &[directory.into()])
            .await?;
        let sealed = row.map(|row| row.octets(0)).transpose()?;
        Ok(sealed.map(|sealed| self.sealer.open(&purpose(directory), &sealed)).transpose()?)
    }

    /// Keeps an account.
    pub(crate) async fn keep_account(
        &self,
        directory: &str,
        credentials: &[u8],
        now: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        let sealed = self.sealer.seal(&purpose(directory), credentials)?;
        let mut transaction = self.begin(lease).await?;
        transaction
            .execute(
                "INSERT INTO host_acme_accounts (directory, sealed, made_at) VALUES ($1, $2, $3)
                 ON CONFLICT (directory) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at",
                &[directory.into(), sealed.into(), millis(now).into()],
            )
            .await?;
        Ok(transaction.commit().await?)
    }
}

pub(super) fn purpose(directory: &str) -> String {
    format!("account\0{directory}")
}
