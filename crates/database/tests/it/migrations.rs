//! Tables of rooms.

use database::{DatabaseFault, Migration, Migrations, Sql};

use crate::stand::stands;

const FIRST: Migration = Migration { name: "first", sql: Sql::same("CREATE TABLE a (x BIGINT)") };
const SECOND: Migration =
    Migration { name: "second", sql: Sql::same("CREATE TABLE b (x BIGINT); CREATE INDEX b_x ON b (x);") };

#[tokio::test]
async fn each_step_is_taken_once_and_newer_ones_are_not_touched() {
    for stand in stands("migrations").await {
        let database = &stand.database;
        let old = Migrations { room: "r", steps: &[FIRST] };
        let new = Migrations { room: "r", steps: &[FIRST, SECOND] };
        old.run(database).await.expect("one step");
        new.run(database).await.expect("the other");
        new.run(database).await.expect("none");
        let error = old.run(database).await.expect_err("made by a newer one");
        assert_eq!(error.fault(), DatabaseFault::Newer);
        assert!(error.to_string().contains("newer"), "{error}");
        Migrations { room: "other", steps: &[] }.run(database).await.expect("rooms count for themselves");
    }
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing() {
    const WRONG: Migration =
        Migration { name: "wrong", sql: Sql::same("CREATE TABLE c (x BIGINT); CREATE TABLE c (x BIGINT)") };
    for stand in stands("wrong").await {
        let error = Migrations { room: "r", steps: &[FIRST, WRONG] }.run(&stand.database).await;
        assert!(error.is_err());
        Migrations { room: "r", steps: &[FIRST] }.run(&stand.database).await.expect("from the start");
    }
}

#[tokio::test]
async fn several_nodes_at_once() {
    for stand in stands("nodes").await {
        let mut nodes = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let database = stand.database.clone();
            nodes
                .spawn(async move { Migrations { room: "r", steps: &[FIRST, SECOND] }.run(&database).await });
        }
        for result in nodes.join_all().await {
            result.expect("each finds them made");
        }
    }
}
