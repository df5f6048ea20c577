//! The databases to test on; other crates that keep something in a database take this file too.

use database::{Database, Options, Place, Sql};
use tempfile::TempDir;

/// One database, empty, and whatever must live as long as it.
pub(crate) struct Stand {
    pub(crate) database: Database,
    /// Where it is, to open it once more.
    pub(crate) place: Place,
    pub(crate) _dir: TempDir,
}

/// A SQLite file, and a schema of its own in the PostgreSQL that `MTA_STS_TEST_POSTGRES` names; `cargo xtask test
/// postgres` starts one.
pub(crate) async fn stands(name: &str) -> Vec<Stand> {
    let dir = TempDir::new().expect("a directory");
    let place = Place::File(dir.path().join("test.sqlite"));
    let database = Database::open(&place, &Options::default()).await.expect("opens");
    let mut stands = vec![Stand { database, place, _dir: dir }];
    match std::env::var("MTA_STS_TEST_POSTGRES") {
        Ok(url) => stands.push(on_server(&url, name).await),
        Err(_) => eprintln!("PostgreSQL is left out: `cargo xtask test postgres` tests it too"),
    }
    stands
}

async fn on_server(url: &str, name: &str) -> Stand {
    let of = env!("CARGO_PKG_NAME").replace('-', "_");
    let schema = format!("{of}_{name}_{}", std::process::id());
    let whole = Place::parse(url).expect("a URL");
    let admin = Database::open(&whole, &Options::default()).await.expect("PostgreSQL answers");
    let mut transaction = admin.begin().await.expect("begins");
    transaction.execute(fixed(format!("CREATE SCHEMA {schema}")), &[]).await.expect("a schema");
    transaction.commit().await.expect("commits");
    admin.close().await;
    let place = Place::parse(&format!("{url}&options[search_path]={schema}")).expect("a URL");
    let database = Database::open(&place, &Options::default()).await.expect("opens");
    Stand { database, place, _dir: TempDir::new().expect("a directory") }
}

/// A statement made by a test.
pub(crate) fn fixed(text: String) -> Sql {
    Sql::same(Box::leak(text.into_boxed_str()))
}
