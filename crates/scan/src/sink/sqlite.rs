//! SQLite: a plain database for one's own queries, no store of ours.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use database::{Database, Durability, Options, Place, Transaction};
use serde_json::{Value, json};

use super::SinkError;
use super::flat::{FLAT_VERSION, Flat, Judged, Kind};

/// Names written by one statement.
const BATCH: usize = 500;
/// Entries of all tables held for one statement, for domains with very many findings.
const BATCH_ENTRIES: usize = 20_000;

/// `domains` has the columns of [`Flat`]; the rest belongs to it by `position`.
static TABLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut domains = "CREATE TABLE domains (".to_owned();
    for column in &Flat::COLUMNS {
        let kind = match column.kind {
            Kind::Text | Kind::List | Kind::Time => "TEXT",
            Kind::Integer | Kind::Boolean => "INTEGER",
        };
        let key = match column.name {
            "position" => " PRIMARY KEY",
            _ if column.may_be_null => "",
            _ => " NOT NULL",
        };
        let comma = if column.name == "position" { "" } else { ", " };
        // Formatting into a String cannot fail.
        let _ = write!(domains, "{comma}{} {kind}{key}", column.name);
    }
    domains.push(')');
    vec![
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID".to_owned(),
        domains,
        "CREATE TABLE findings (position INTEGER NOT NULL REFERENCES domains, code TEXT NOT NULL, detail TEXT,
         severity TEXT NOT NULL, consequence TEXT NOT NULL, layer TEXT NOT NULL, subject TEXT NOT NULL,
         fact TEXT NOT NULL, clause TEXT NOT NULL)"
            .to_owned(),
        "CREATE TABLE mx_hosts (position INTEGER NOT NULL REFERENCES domains, host TEXT NOT NULL,
         preference INTEGER NOT NULL, provider TEXT NOT NULL, mechanism TEXT, deliverable INTEGER)"
            .to_owned(),
    ]
});

/// Made last, when it is quick.
const INDEXES: [&str; 5] = [
    "CREATE UNIQUE INDEX domains_domain ON domains (domain)",
    "CREATE INDEX findings_position ON findings (position)",
    "CREATE INDEX findings_code ON findings (code)",
    "CREATE INDEX mx_hosts_position ON mx_hosts (position)",
    "CREATE INDEX mx_hosts_host ON mx_hosts (host)",
];

static DOMAINS: LazyLock<String> = LazyLock::new(|| insert("domains", Flat::COLUMNS.len()));
static FINDINGS: LazyLock<String> = LazyLock::new(|| insert("findings", 9));
static HOSTS: LazyLock<String> = LazyLock::new(|| insert("mx_hosts", 6));

/// One statement for a whole batch, given as an array of arrays.
fn insert(table: &str, columns: usize) -> String {
    let values: Vec<String> = (0..columns).map(|at| format!("json_extract(value, '$[{at}]')")).collect();
    format!("INSERT INTO {table} SELECT {} FROM json_each($1)", values.join(", "))
}

/// Writes a SQLite database: tables `domains`, `findings`, `mx_hosts` and `meta`.
#[derive(Debug)]
pub struct SqliteSink {
    database: Database,
    path: PathBuf,
    domains: Vec<Value>,
    findings: Vec<Value>,
    hosts: Vec<Value>,
}

impl SqliteSink {
    /// Begins a database in an empty or new file. `about` stands in the table `meta`, beside the version.
    ///
    /// # Errors
    /// What the file says.
    pub async fn begin(path: &Path, about: &[(&str, &str)]) -> Result<Self, SinkError> {
        let options = Options { durability: Durability::Normal, connections: 1, ..Options::default() };
        let database = Database::open(&Place::File(path.to_owned()), &options).await?;
        let mut transaction = database.begin().await?;
        for table in TABLES.iter() {
            transaction.execute(table.as_str(), &[]).await?;
        }
        let version = FLAT_VERSION.to_string();
        for (key, value) in [("schema_version", version.as_str())].iter().chain(about) {
            transaction
                .execute("INSERT INTO meta (key, value) VALUES ($1, $2)", &[(*key).into(), (*value).into()])
                .await?;
        }
        transaction.commit().await?;
        let (domains, findings, hosts) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { database, path: path.to_owned(), domains, findings, hosts })
    }

    /// Takes one name's result.
    ///
    /// # Errors
    /// What the file says.
    pub async fn take(&mut self, judged: &Judged) -> Result<(), SinkError> {
        let position = judged.flat.position;
        self.domains.push(Flat::COLUMNS.iter().map(|column| (column.cell)(&judged.flat).json()).collect());
        self.findings.extend(judged.findings.iter().map(|f| {
            json!([
                position,
                f.code,
                f.detail,
                f.severity,
                f.consequence,
                f.layer,
                f.subject,
                f.fact,
                f.clause
            ])
        }));
        self.hosts.extend(
            judged
                .hosts
                .iter()
                .map(|h| json!([position, h.host, h.preference, h.provider, h.mechanism, h.deliverable])),
        );
        if self.domains.len() >= BATCH || self.findings.len() + self.hosts.len() >= BATCH_ENTRIES {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes what is held back, and the indexes. The file then stands alone.
    ///
    /// # Errors
    /// What the file says.
    pub async fn finish(mut self) -> Result<(), SinkError> {
        self.write().await?;
        let mut transaction = self.database.begin().await?;
        for index in INDEXES {
            transaction.execute(index, &[]).await?;
        }
        transaction.commit().await?;
        self.database.close().await;
        // "The file format write version and read version" at octets 18 and 19: 2 asks readers for a log beside the file,
        // which a folder that may only be read cannot hold. The log is merged and gone by now, so 1 is the truth.
        let mut file = File::options().write(true).open(&self.path)?;
        file.seek(SeekFrom::Start(18))?;
        file.write_all(&[1, 1])?;
        Ok(file.sync_all()?)
    }

    async fn write(&mut self) -> Result<(), SinkError> {
        let mut transaction = self.database.begin().await?;
        put(&mut transaction, &DOMAINS, &mut self.domains).await?;
        put(&mut transaction, &FINDINGS, &mut self.findings).await?;
        put(&mut transaction, &HOSTS, &mut self.hosts).await?;
        Ok(transaction.commit().await?)
    }
}

async fn put(
    transaction: &mut Transaction,
    sql: &'static LazyLock<String>,
    entries: &mut Vec<Value>,
) -> Result<(), SinkError> {
    if !entries.is_empty() {
        transaction.execute(sql.as_str(), &[serde_json::to_string(entries)?.into()]).await?;
        entries.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{FlatFinding, FlatHost};

    #[tokio::test]
    async fn what_is_written_is_read_from_a_file_that_stands_alone() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let path = dir.path().join("out.sqlite");
        let mut sink = SqliteSink::begin(&path, &[("tool", "test")]).await.expect("begins");
        for position in 0..1_234 {
            let flat =
                Flat { position, domain: format!("d{position}.example"), hit: true, ..Flat::default() };
            let findings = vec![FlatFinding { code: "a\"'\u{0}b".to_owned(), ..FlatFinding::default() }];
            let hosts = vec![
                FlatHost {
                    host: "mx.example".to_owned(),
                    deliverable: Some(false),
                    ..FlatHost::default()
                };
                2
            ];
            sink.take(&Judged { flat, findings, hosts }).await.expect("takes");
            assert!(sink.domains.len() < BATCH);
        }
        sink.finish().await.expect("ends");
        let header = std::fs::read(&path).expect("readable");
        assert_eq!(header.get(18..20), Some(&[1, 1][..]));
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1, "no log is left beside it");
        let options = Options { create: false, ..Options::default() };
        let database = Database::open(&Place::File(path), &options).await.expect("opens");
        for (sql, expected) in [
            ("SELECT COUNT(*) FROM domains WHERE hit AND verdict IS NULL", 1_234),
            ("SELECT COUNT(*) FROM findings JOIN domains USING (position)", 1_234),
            ("SELECT COUNT(*) FROM mx_hosts WHERE deliverable = 0", 2_468),
            ("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'schema_version'", 1),
        ] {
            let rows = database.fetch(sql, &[]).await.expect(sql);
            assert_eq!(rows[0].integer(0).expect("a number"), expected, "{sql}");
        }
    }
}
