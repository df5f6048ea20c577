//! What goes wrong is said so that it can be mended.

use std::time::Duration;

use database::{Database, DatabaseFault, Options, Place};
use tempfile::TempDir;

use crate::stand::stands;

async fn fault(place: &Place, options: &Options) -> (DatabaseFault, String) {
    let error = Database::open(place, options).await.expect_err("does not open");
    (error.fault(), error.to_string())
}

#[tokio::test]
async fn files() {
    let dir = TempDir::new().expect("a directory");
    let at = |name: &str| Place::File(dir.path().join(name));
    std::fs::write(
        dir.path().join("text"),
        "no database at all, but long enough to be read as one\n".repeat(90),
    )
    .expect("written");
    let there = Options { create: false, ..Options::default() };
    for (place, options, expected) in [
        (at("text"), &Options::default(), DatabaseFault::NotADatabase),
        (at("none"), &there, DatabaseFault::Missing),
        (at("no/folder"), &Options::default(), DatabaseFault::Missing),
    ] {
        let (found, words) = fault(&place, options).await;
        assert_eq!(found, expected, "{words}");
        assert!(words.starts_with(&format!("database {place}: ")) && words.contains("; "), "{words}");
    }
}

#[tokio::test]
async fn a_file_that_another_process_writes_to() {
    let dir = TempDir::new().expect("a directory");
    let place = Place::File(dir.path().join("one"));
    let options = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    let (first, second) =
        (Database::open(&place, &options).await.unwrap(), Database::open(&place, &options).await.unwrap());
    let _open = first.begin().await.expect("begins");
    let error = second.begin().await.map(drop).expect_err("locked");
    assert_eq!(error.fault(), DatabaseFault::Locked, "{error}");
    assert!(error.waiting_helps());
}

#[tokio::test]
async fn a_transaction_that_sqlite_ends_by_itself_is_in_nobodys_way() {
    let dir = TempDir::new().expect("a directory");
    let database = Database::open(&Place::File(dir.path().join("one")), &Options::default()).await.unwrap();
    let mut transaction = database.begin().await.expect("begins");
    transaction.execute("CREATE TABLE lost (number BIGINT)", &[]).await.expect("made");
    // As SQLite does when the disk is full: the connection does not hear of it.
    transaction.execute("ROLLBACK", &[]).await.expect("ended");
    drop(transaction);
    let mut transaction = database.begin().await.expect("begins again");
    transaction.execute("CREATE TABLE kept (number BIGINT)", &[]).await.expect("made");
    transaction.commit().await.expect("commits");
    let tables = database.fetch("SELECT name FROM sqlite_master", &[]).await.expect("reads");
    assert_eq!(tables.iter().map(|row| row.text(0).unwrap()).collect::<Vec<_>>(), ["kept"]);
}

#[tokio::test]
async fn servers() {
    // Nothing listens on the discard port of loopback.
    let options = Options { connect_timeout: Duration::from_millis(200), ..Options::default() };
    let nobody = Place::parse("postgres://me@127.0.0.1:9/x?sslmode=disable").unwrap();
    let (found, words) = fault(&nobody, &options).await;
    assert_eq!(found, DatabaseFault::Gone, "{words}");
    for stand in stands("servers").await {
        if stand.place.is_shared() {
            let missing = format!("{}&dbname=nobody_made_this", stand.place);
            let missing = Place::parse(&missing).expect("a URL");
            let (found, words) = fault(&missing, &Options::default()).await;
            assert_eq!(found, DatabaseFault::Missing, "{words}");
        }
    }
}
