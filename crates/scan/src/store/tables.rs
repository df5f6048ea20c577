//! The tables.

use database::{Migration, Migrations, Sql};

/// Not begun, claimed by somebody, done. As numbers in the column `state`.
pub(super) const MIGRATIONS: Migrations = Migrations {
    room: "scan",
    steps: &[
        Migration { name: "scan", sql: Sql::each(SQLITE, POSTGRES) },
        Migration { name: "excluded", sql: Sql::same(EXCLUDED) },
    ],
};

/// `revision` counts the changes of the exclusion, so that workers need not read all of it to know of one. Hits that are
/// excluded have the state 3.
const EXCLUDED: &str = "ALTER TABLE scan_chunks ADD COLUMN excluded BIGINT NOT NULL DEFAULT 0;
     ALTER TABLE scan_jobs ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;";

/// `scan_names` is there to find duplicates while the list is loaded, and is emptied after.
macro_rules! tables {
    ($names:literal) => {
        concat!(
            "CREATE TABLE scan_jobs (
                 job BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, plan TEXT NOT NULL, exclusion BYTEA NOT NULL,
                 created_at BIGINT NOT NULL, mark TEXT NOT NULL, loaded BIGINT NOT NULL, intake TEXT NOT NULL,
                 names BIGINT NOT NULL, chunks BIGINT NOT NULL);
             CREATE TABLE scan_names (job BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (job, name))",
            $names,
            ";
             CREATE TABLE scan_chunks (
                 job BIGINT NOT NULL, chunk BIGINT NOT NULL, first BIGINT NOT NULL, size BIGINT NOT NULL,
                 state BIGINT NOT NULL, owner TEXT NOT NULL, token BIGINT NOT NULL, until BIGINT NOT NULL,
                 hits BIGINT NOT NULL, timeout BIGINT NOT NULL, serv_fail BIGINT NOT NULL, refused BIGINT NOT NULL,
                 malformed BIGINT NOT NULL, unsent BIGINT NOT NULL, PRIMARY KEY (job, chunk));
             CREATE INDEX scan_chunks_open ON scan_chunks (job, chunk) WHERE state < 2;
             CREATE TABLE scan_chunk_names (
                 job BIGINT NOT NULL, chunk BIGINT NOT NULL, names BYTEA NOT NULL, PRIMARY KEY (job, chunk));
             CREATE TABLE scan_chunk_answers (
                 job BIGINT NOT NULL, chunk BIGINT NOT NULL, answers BYTEA NOT NULL, PRIMARY KEY (job, chunk));
             CREATE TABLE scan_hits (
                 job BIGINT NOT NULL, position BIGINT NOT NULL, name TEXT NOT NULL, state BIGINT NOT NULL,
                 owner TEXT NOT NULL, token BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (job, position));
             CREATE INDEX scan_hits_open ON scan_hits (job, position) WHERE state < 2;
             CREATE TABLE scan_evidence (
                 job BIGINT NOT NULL, position BIGINT NOT NULL, evidence BYTEA NOT NULL, PRIMARY KEY (job, position));
             CREATE TABLE scan_visits (
                 job BIGINT NOT NULL, place TEXT NOT NULL, visit BYTEA NOT NULL, PRIMARY KEY (job, place));"
        )
    };
}

const SQLITE: &str = tables!(" WITHOUT ROWID");
const POSTGRES: &str = tables!("");
