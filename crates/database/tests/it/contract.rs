//! Values, transactions, both texts.

use database::{DatabaseFault, Sql, Value};

use crate::stand::stands;

const TABLE: &str =
    "CREATE TABLE thing (number BIGINT PRIMARY KEY, words TEXT, octets BYTEA, size DOUBLE PRECISION)";

#[tokio::test]
async fn values_come_back_as_they_went() {
    for stand in stands("values").await {
        let mut open = stand.database.begin().await.expect("begins");
        open.execute(TABLE, &[]).await.expect("a table");
        let insert = "INSERT INTO thing (number, words, octets, size) VALUES ($1, $2, $3, $4)";
        let octets: Vec<u8> = (0..=255).collect();
        let rows: [[Value; 4]; 2] = [
            [i64::MIN.into(), "grüße '\"; --".into(), octets.clone().into(), 0.1.into()],
            [i64::MAX.into(), Value::Text(None), Value::Octets(None), Value::Real(None)],
        ];
        for row in &rows {
            assert_eq!(open.execute(insert, row).await.expect("inserted"), 1);
        }
        open.commit().await.expect("commits");
        let found = stand
            .database
            .fetch("SELECT number, words, octets, size FROM thing ORDER BY number", &[])
            .await
            .expect("read");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].integer(0).unwrap(), i64::MIN);
        assert_eq!(found[0].count(0).unwrap(), 0, "what counts is never below zero");
        assert_eq!(found[0].text(1).unwrap(), "grüße '\"; --");
        assert_eq!(found[0].octets(2).unwrap(), octets);
        assert!((found[0].real(3).unwrap() - 0.1).abs() < f64::EPSILON);
        assert_eq!(found[1].integer(0).unwrap(), i64::MAX);
        assert_eq!(found[1].text_or_null(1).unwrap(), None);
        assert_eq!(found[1].octets_or_null(2).unwrap(), None);
        assert!(found[1].text(1).is_err(), "NULL is no text");
        assert!(found[1].integer(9).is_err(), "no such column");
    }
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    for stand in stands("rollback").await {
        let mut open = stand.database.begin().await.expect("begins");
        open.execute(TABLE, &[]).await.expect("a table");
        open.commit().await.expect("commits");
        let mut open = stand.database.begin().await.expect("begins");
        open.execute("INSERT INTO thing (number) VALUES ($1)", &[1i64.into()]).await.expect("inserted");
        drop(open);
        assert!(stand.database.fetch("SELECT number FROM thing", &[]).await.expect("read").is_empty());
    }
}

#[tokio::test]
async fn the_same_row_twice_is_said_to_be_so() {
    for stand in stands("unique").await {
        let mut open = stand.database.begin().await.expect("begins");
        open.execute(TABLE, &[]).await.expect("a table");
        let insert = "INSERT INTO thing (number) VALUES ($1)";
        open.execute(insert, &[7i64.into()]).await.expect("inserted");
        let error = open.execute(insert, &[7i64.into()]).await.expect_err("twice");
        assert_eq!(error.fault(), DatabaseFault::Unique, "{error}");
        assert!(!error.waiting_helps());
    }
}

#[tokio::test]
async fn a_list_in_one_statement() {
    const NEW: Sql = Sql::each(
        "INSERT INTO thing (number, words) SELECT 1000 + key, value FROM json_each($1) WHERE true
         ON CONFLICT DO NOTHING RETURNING words",
        "INSERT INTO thing (number, words) SELECT 1000 + n, value
         FROM json_array_elements_text(CAST($1 AS json)) WITH ORDINALITY AS list (value, n)
         ON CONFLICT DO NOTHING RETURNING words",
    );
    for stand in stands("list").await {
        let mut open = stand.database.begin().await.expect("begins");
        open.execute(TABLE, &[]).await.expect("a table");
        let rows = open.fetch(NEW, &["[\"a\",\"b\",\"c\"]".into()]).await.expect("inserted");
        let mut words: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        words.sort();
        assert_eq!(words, ["a", "b", "c"]);
        assert!(open.fetch(NEW, &["[\"a\"]".into()]).await.expect("nothing new").len() <= 1);
    }
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    for stand in stands("readers").await {
        let mut open = stand.database.begin().await.expect("begins");
        open.execute(TABLE, &[]).await.expect("a table");
        open.commit().await.expect("commits");
        let mut open = stand.database.begin().await.expect("begins");
        open.execute("INSERT INTO thing (number) VALUES ($1)", &[1i64.into()]).await.expect("inserted");
        let count = "SELECT COUNT(*) FROM thing";
        let before = stand.database.fetch(count, &[]).await.expect("read")[0].integer(0).unwrap();
        open.commit().await.expect("commits");
        let after = stand.database.fetch(count, &[]).await.expect("read")[0].integer(0).unwrap();
        assert_eq!((before, after), (0, 1));
    }
}
