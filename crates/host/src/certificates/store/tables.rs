//! The tables.

use database::{Migration, Migrations, Sql};

/// Times are milliseconds since 1970.
pub(super) const MIGRATIONS: Migrations = Migrations {
    room: "host-certificates",
    steps: &[Migration {
        name: "certificates",
        sql: Sql::same(
            // What stands above certificates: thousands of them share one.
            "CREATE TABLE host_chains (sha256 TEXT PRIMARY KEY, chain BYTEA NOT NULL);

             -- An empty leaf: there was one, and nodes that still show it are to stop.
             CREATE TABLE host_certificates (
                 name TEXT PRIMARY KEY, serial TEXT NOT NULL, leaf BYTEA NOT NULL, chain TEXT NOT NULL,
                 sealed BYTEA NOT NULL, not_before BIGINT NOT NULL, not_after BIGINT NOT NULL, issuer TEXT NOT NULL,
                 revision BIGINT NOT NULL);
             CREATE INDEX host_certificates_by_revision ON host_certificates (revision);
             CREATE INDEX host_certificates_by_end ON host_certificates (not_after);

             CREATE TABLE host_challenges (
                 name TEXT PRIMARY KEY, method TEXT NOT NULL, token TEXT NOT NULL, answer TEXT NOT NULL,
                 until BIGINT NOT NULL, revision BIGINT NOT NULL);
             CREATE INDEX host_challenges_by_revision ON host_challenges (revision);

             CREATE TABLE host_certificate_revisions (id BIGINT PRIMARY KEY, revision BIGINT NOT NULL);
             INSERT INTO host_certificate_revisions (id, revision) VALUES (1, 0);

             -- One row for each name that is to have a certificate of an authority, from when it is wanted until it is not.
             CREATE TABLE host_orders (
                 name TEXT PRIMARY KEY, registered TEXT NOT NULL, priority BIGINT NOT NULL,
                 next_at BIGINT NOT NULL, urgent_at BIGINT,
                 failures BIGINT NOT NULL, problem TEXT, problem_at BIGINT,
                 replaces TEXT, window_start BIGINT, window_end BIGINT, ask_at BIGINT,
                 order_url TEXT, sealed_key BYTEA);
             CREATE INDEX host_orders_by_time ON host_orders (next_at);
             CREATE INDEX host_orders_by_asking ON host_orders (ask_at);

             CREATE TABLE host_budgets (bucket TEXT PRIMARY KEY, used_until BIGINT NOT NULL);

             CREATE TABLE host_acme_accounts (
                 directory TEXT PRIMARY KEY, sealed BYTEA NOT NULL, made_at BIGINT NOT NULL);

             CREATE TABLE host_local_authority (
                 id BIGINT PRIMARY KEY, root BYTEA NOT NULL, sealed BYTEA NOT NULL)",
        ),
    }],
};
