//! The tables of hosted domains.

use database::{Migration, Migrations, Sql};

/// Times are milliseconds since 1970. A row of `host_domains` is never removed, and a label never given out twice.
///
/// `revision` counts the changes that matter to what is served. Every change takes the next number in the transaction
/// that makes it, and the row that counts is locked until its end: whoever has seen a number has seen all below it.
pub(super) const MIGRATIONS: Migrations = Migrations {
    room: "host",
    steps: &[Migration {
        name: "domains",
        sql: Sql::same(
            "CREATE TABLE host_revision (single BIGINT PRIMARY KEY, number BIGINT NOT NULL);
             INSERT INTO host_revision (single, number) VALUES (1, 0);
             CREATE TABLE host_domains (
                 domain TEXT PRIMARY KEY, owner TEXT NOT NULL, label TEXT NOT NULL UNIQUE, token TEXT NOT NULL,
                 state TEXT NOT NULL, since BIGINT NOT NULL, added BIGINT NOT NULL, verified BIGINT, live BIGINT,
                 served_until BIGINT, current BIGINT, announced BIGINT, tlsrpt TEXT, wake BIGINT NOT NULL,
                 because TEXT NOT NULL, revision BIGINT NOT NULL);
             CREATE INDEX host_domains_by_owner ON host_domains (owner, domain);
             CREATE INDEX host_domains_by_wake ON host_domains (wake);
             CREATE INDEX host_domains_by_revision ON host_domains (revision);
             CREATE TABLE host_policy_versions (
                 domain TEXT NOT NULL, number BIGINT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
                 at BIGINT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, back_to BIGINT, announced BIGINT,
                 PRIMARY KEY (domain, number), UNIQUE (domain, id));
             CREATE TABLE host_labels (
                 label TEXT PRIMARY KEY, domain TEXT NOT NULL, owner TEXT NOT NULL, since BIGINT NOT NULL,
                 ended BIGINT);
             CREATE TABLE host_nodes (
                 node TEXT PRIMARY KEY, seen BIGINT NOT NULL, revision BIGINT NOT NULL)",
        ),
    }],
};
