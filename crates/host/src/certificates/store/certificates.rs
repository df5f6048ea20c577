//! The certificates themselves.

use aws_lc_rs::digest::{SHA256, digest};
use database::{Lease, Row, Transaction};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use super::super::packed::purpose;
use super::super::{Facts, Issued, SealFault};
use super::{Store, StoreError, millis, time};

/// Rows read at a time: few enough that a copy of them does not count.
pub(crate) const PAGE: usize = 2_000;

/// A certificate as it is kept.
pub(crate) struct Kept {
    pub(crate) name: String,
    /// Empty: there is none any more.
    pub(crate) leaf: Vec<u8>,
    /// Its key, sealed for the name and the serial number.
    pub(crate) sealed: Vec<u8>,
    /// What stands above it, by hash.
    pub(crate) chain: String,
}

/// A certificate that comes to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// The name.
    pub name: String,
    /// Who issued it.
    pub issuer: String,
    /// From when on it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

impl Store {
    /// Keeps a certificate for `name` in place of the one that it had.
    ///
    /// # Errors
    /// [`StoreError`]; a certificate for other names is refused.
    pub async fn keep(&self, name: &str, issued: &Issued) -> Result<(), StoreError> {
        let mut transaction = self.begin(None).await?;
        self.keep_in(&mut transaction, name, issued).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn keep_in(
        &self,
        transaction: &mut Transaction,
        name: &str,
        issued: &Issued,
    ) -> Result<(), StoreError> {
        let facts = issued.facts();
        facts.must_cover(name)?;
        let sealed = self.sealer.seal(&purpose(name, &facts.serial), issued.key())?;
        let chain = framed(issued.issuers());
        let sha256 = chain_hash(&chain);
        transaction
            .execute(
                "INSERT INTO host_chains (sha256, chain) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING",
                &[sha256.as_str().into(), chain.into()],
            )
            .await?;
        let revision = Self::revise(transaction).await?;
        transaction
            .execute(
                "INSERT INTO host_certificates
                     (name, serial, leaf, chain, sealed, not_before, not_after, issuer, revision)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 ON CONFLICT (name) DO UPDATE SET serial = excluded.serial, leaf = excluded.leaf,
                     chain = excluded.chain, sealed = excluded.sealed, not_before = excluded.not_before,
                     not_after = excluded.not_after, issuer = excluded.issuer, revision = excluded.revision",
                &[
                    name.into(),
                    facts.serial.as_str().into(),
                    issued.leaf().to_vec().into(),
                    sha256.into(),
                    sealed.into(),
                    millis(facts.not_before).into(),
                    millis(facts.not_after).into(),
                    facts.issuer.as_str().into(),
                    revision.into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// Forgets the certificate of a name, and wipes its key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, name: &str, lease: Option<&Lease>) -> Result<(), StoreError> {
        let mut transaction = self.begin(lease).await?;
        let revision = Self::revise(&mut transaction).await?;
        let nothing = Vec::<u8>::new;
        transaction
            .execute(
                "UPDATE host_certificates SET leaf = $2, sealed = $2, revision = $3 WHERE name = $1",
                &[name.into(), nothing().into(), revision.into()],
            )
            .await?;
        Ok(transaction.commit().await?)
    }

    /// How many changes of what nodes show there were.
    pub(crate) async fn revision(&self) -> Result<i64, StoreError> {
        let row = self
            .database
            .fetch_optional("SELECT revision FROM host_certificate_revisions WHERE id = 1", &[])
            .await?;
        Ok(row.map_or(Ok(0), |row| row.integer(0))?)
    }

    /// What changed after the change `since`, in the order of names, a [`PAGE`] of those after the name `after`.
    pub(crate) async fn changed(&self, since: i64, after: &str) -> Result<Vec<Kept>, StoreError> {
        let rows = self
            .database
            .fetch(
                "SELECT name, leaf, sealed, chain FROM host_certificates
                 WHERE revision > $1 AND name > $2 ORDER BY name LIMIT 2000",
                &[since.into(), after.into()],
            )
            .await?;
        let read = |row: &Row| -> Result<Kept, StoreError> {
            Ok(Kept { name: row.text(0)?, leaf: row.octets(1)?, sealed: row.octets(2)?, chain: row.text(3)? })
        };
        rows.iter().map(read).collect()
    }

    /// What stands above certificates, by hash.
    pub(crate) async fn chain(&self, sha256: &str) -> Result<Vec<CertificateDer<'static>>, StoreError> {
        let row = self
            .database
            .fetch_optional("SELECT chain FROM host_chains WHERE sha256 = $1", &[sha256.into()])
            .await?;
        let octets = row.map(|row| row.octets(0)).transpose()?;
        let chain = octets.as_deref().and_then(unframed);
        chain.ok_or_else(|| SealFault::Damaged(format!("the chain {sha256}")).into())
    }

    /// The certificates that end before `before`, the first of them first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expiring(&self, before: Timestamp, limit: u32) -> Result<Vec<Expiring>, StoreError> {
        let rows = self
            .database
            .fetch(
                "SELECT name, issuer, not_before, not_after FROM host_certificates
                 WHERE not_after < $1 AND leaf <> $3 ORDER BY not_after LIMIT $2",
                &[millis(before).into(), limit.into(), Vec::<u8>::new().into()],
            )
            .await?;
        let read = |row: &Row| -> Result<Expiring, StoreError> {
            Ok(Expiring {
                name: row.text(0)?,
                issuer: row.text(1)?,
                not_before: time(row.integer(2)?),
                not_after: time(row.integer(3)?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// What the certificate of a name says of itself; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn certificate(&self, name: &str) -> Result<Option<Facts>, StoreError> {
        let row = self
            .database
            .fetch_optional("SELECT leaf FROM host_certificates WHERE name = $1", &[name.into()])
            .await?;
        let leaf = row.map(|row| row.octets(0)).transpose()?.filter(|leaf| !leaf.is_empty());
        Ok(leaf.map(|leaf| Facts::read(&leaf)).transpose()?)
    }
}

fn chain_hash(framed: &[u8]) -> String {
    digest(&SHA256, framed).as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Each certificate after its length in four octets.
fn framed(chain: &[CertificateDer<'_>]) -> Vec<u8> {
    let mut all = Vec::new();
    for certificate in chain {
        // The length was bounded when the chain was read.
        all.extend_from_slice(&u32::try_from(certificate.len()).unwrap_or_default().to_be_bytes());
        all.extend_from_slice(certificate);
    }
    all
}

fn unframed(mut octets: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let mut chain = Vec::new();
    while !octets.is_empty() {
        let (length, rest) = octets.split_first_chunk::<4>()?;
        let (certificate, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        chain.push(CertificateDer::from(certificate.to_vec()));
        octets = rest;
    }
    Some(chain)
}
