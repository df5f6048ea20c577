//! One owner for each job.

use database::Lease;

use crate::stand::stands;

#[tokio::test]
async fn a_job_has_one_owner_until_its_time_is_over() {
    for stand in stands("lease").await {
        let database = &stand.database;
        Lease::prepare(database).await.expect("a table");
        Lease::prepare(database).await.expect("again");
        let first = Lease::acquire(database, "renew", "a", 1_000, 100).await.unwrap().expect("free");
        assert_eq!(Lease::acquire(database, "renew", "b", 1_099, 100).await.unwrap(), None);
        assert!(Lease::acquire(database, "other", "b", 1_099, 100).await.unwrap().is_some());
        assert!(first.renew(database, 1_090, 100).await.unwrap());
        assert_eq!(Lease::acquire(database, "renew", "b", 1_189, 100).await.unwrap(), None);
        let second = Lease::acquire(database, "renew", "b", 1_190, 100).await.unwrap().expect("over");
        assert!(!first.renew(database, 1_191, 100).await.unwrap(), "it is lost");
        let mut open = database.begin().await.unwrap();
        assert!(!first.holds(&mut open).await.unwrap());
        assert!(second.holds(&mut open).await.unwrap());
        open.commit().await.unwrap();
        first.release(database).await.unwrap();
        assert_eq!(
            Lease::acquire(database, "renew", "c", 1_192, 100).await.unwrap(),
            None,
            "what is lost cannot be given back"
        );
        second.release(database).await.unwrap();
        assert!(Lease::acquire(database, "renew", "c", 1_193, 100).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_it() {
    for stand in stands("race").await {
        Lease::prepare(&stand.database).await.expect("a table");
        let mut asking = tokio::task::JoinSet::new();
        for number in 0..16 {
            let database = stand.database.clone();
            asking.spawn(async move {
                Lease::acquire(&database, "job", &format!("node {number}"), 5, 10).await.unwrap()
            });
        }
        let got = asking.join_all().await;
        assert_eq!(got.iter().flatten().count(), 1, "{got:?}");
    }
}
