//! The databases to test on.

use database::{Database, Options, Place, Sql};
use tempfile::TempDir;

/// One database, empty, and whatever must live as long as it.
pub(crate) struct Fresh {
    pub(crate) database: Database,
    _dir: TempDir,
}

/// A SQLite file, and a schema of its own in the PostgreSQL that `MTA_STS_TEST_POSTGRES` names; `cargo xtask test
/// postgres` starts one.
pub(crate) async fn databases(name: &str) -> Vec<Fresh> {
    let dir = TempDir::new().expect("a directory");
    let place = Place::File(dir.path().join("test.sqlite"));
    let database = Database::open(&place, &Options::default()).await.expect("opens");
    let mut all = vec![Fresh { database, _dir: dir }];
    if let Ok(url) = std::env::var("MTA_STS_TEST_POSTGRES") {
        all.push(on_server(&url, name).await);
    }
    all
}

async fn on_server(url: &str, name: &str) -> Fresh {
    let schema = format!("host_of_{name}_{}", std::process::id());
    let admin =
        Database::open(&Place::parse(url).expect("a URL"), &Options::default()).await.expect("answers");
    let mut transaction = admin.begin().await.expect("begins");
    let create = Sql::same(Box::leak(format!("CREATE SCHEMA {schema}").into_boxed_str()));
    transaction.execute(create, &[]).await.expect("a schema");
    transaction.commit().await.expect("commits");
    admin.close().await;
    let place = Place::parse(&format!("{url}&options[search_path]={schema}")).expect("a URL");
    let database = Database::open(&place, &Options::default()).await.expect("opens");
    Fresh { database, _dir: TempDir::new().expect("a directory") }
}
