//! What authorities are to be answered, so that each node can.

use database::{Lease, Row};
use jiff::Timestamp;

use super::super::Method;
use super::{Store, StoreError, millis};

/// What an authority is to be answered about a name; nothing any more when it has no answer.
pub(crate) struct Asked {
    pub(crate) name: String,
    /// The method, token and key authorization.
    pub(crate) answer: Option<(Method, String, String)>,
}

impl Store {
    /// Has every node answer.
    pub(crate) async fn ask(
        &self,
        name: &str,
        (method, token, answer): (Method, &str, &str),
        until: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin(lease).await?;
        let revision = Self::revise(&mut transaction).await?;
        transaction
            .execute(
                "INSERT INTO host_challenges (name, method, token, answer, until, revision)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (name) DO UPDATE SET method = excluded.method, token = excluded.token,
                     answer = excluded.answer, until = excluded.until, revision = excluded.revision",
                &[
                    name.into(),
                    method.as_str().into(),
                    token.into(),
                    answer.into(),
                    millis(until).into(),
                    revision.into(),
                ],
            )
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Has no node answer any more.
    pub(crate) async fn stop_asking(&self, name: &str, lease: Option<&Lease>) -> Result<(), StoreError> {
        let mut transaction = self.begin(lease).await?;
        let revision = Self::revise(&mut transaction).await?;
        transaction
            .execute(
                "UPDATE host_challenges SET answer = '', revision = $2 WHERE name = $1",
                &[name.into(), revision.into()],
            )
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets what was over before `before`: a node that was away for longer has been started again since.
    pub(crate) async fn forget_asked(
        &self,
        before: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin(lease).await?;
        transaction.execute("DELETE FROM host_challenges WHERE until < $1", &[millis(before).into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// What changed after the change `since`.
    pub(crate) async fn asked(&self, since: i64) -> Result<Vec<Asked>, StoreError> {
        let rows = self
            .database
            .fetch(
                "SELECT name, method, token, answer FROM host_challenges WHERE revision > $1",
                &[since.into()],
            )
            .await?;
        let read = |row: &Row| -> Result<Asked, StoreError> {
            let answer = row.text(3)?;
            let method = Method::of(&row.text(1)?).filter(|_| !answer.is_empty());
            let token = row.text(2)?;
            Ok(Asked { name: row.text(0)?, answer: method.map(|method| (method, token, answer)) })
        };
        rows.iter().map(read).collect()
    }
}
