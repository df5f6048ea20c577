//! What goes wrong around a scan.

use std::sync::atomic::Ordering;
use std::time::Duration;

use database::{Database, Options, Place};
use scan::{End, Exclusion, Mark, Progress, Scan, ScanError, StoreLock};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::answerer::Answerer;
use crate::list::{long_list, plan, rows, run, source, work};
use crate::stand::stands;

#[tokio::test]
async fn when_everything_fails_it_is_asked_for_again() {
    for stand in stands("fails").await {
        let server = Answerer::start().await;
        server.broken.store(true, Ordering::SeqCst);
        let list: String = (0..500).map(|number| format!("n{number}.example\n")).collect();
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        let (tell, mut told) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        let mended = async {
            // Mended as soon as the trouble is said.
            told.wait_for(|progress| !progress.troubles.is_empty()).await.unwrap();
            server.broken.store(false, Ordering::SeqCst);
            std::future::pending::<()>().await;
        };
        let end = tokio::select! {
            end = scan.run(Some(source(&list, &Mark::default())), work(&server, "w"), &tell, &stop) => end.unwrap(),
            () = mended => unreachable!(),
        };
        assert_eq!(end, End::Complete);
        let standing = scan.standing().await.unwrap();
        assert_eq!(
            (standing.swept, standing.failed.total()),
            (500, 0),
            "no name was lost to the resolver's trouble"
        );
    }
}

#[tokio::test]
async fn a_resolver_that_fails_everything_marks_no_name() {
    let dir = TempDir::new().unwrap();
    let database = Database::open(&Place::File(dir.path().join("s")), &Options::default()).await.unwrap();
    let server = Answerer::start().await;
    server.broken.store(true, Ordering::SeqCst);
    let mut short = work(&server, "w");
    short.patience = Duration::from_secs(1);
    let (list, names) = long_list(3_000);
    let scan = Scan::create(&database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
    let (tell, _told) = watch::channel(Progress::default());
    let error = scan
        .run(Some(source(&list, &Mark::default())), short, &tell, &CancellationToken::new())
        .await
        .expect_err("everything fails");
    assert!(matches!(error, ScanError::Resolvers(_)), "{error}");
    let standing = scan.standing().await.unwrap();
    assert_eq!((standing.swept, standing.claimed), (0, 0));
    server.broken.store(false, Ordering::SeqCst);
    let end = run(&scan, Some(source(&list, &scan.mark().await.unwrap())), work(&server, "v")).await;
    assert_eq!((end, rows(&scan).await.len()), (End::Complete, names.len()));
}

#[tokio::test]
async fn names_that_all_fail_are_believed_when_the_resolver_answers_others() {
    let dir = TempDir::new().unwrap();
    let database = Database::open(&Place::File(dir.path().join("s")), &Options::default()).await.unwrap();
    let server = Answerer::start().await;
    let list: String = (0..200).map(|number| format!("fail{number}.example\n")).collect();
    let scan = Scan::create(&database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
    let end = run(&scan, Some(source(&list, &Mark::default())), work(&server, "w")).await;
    let standing = scan.standing().await.unwrap();
    assert_eq!((end, standing.swept, standing.failed.serv_fail), (End::Complete, 200, 200));
}

#[tokio::test]
async fn a_resolver_that_is_dead_marks_no_name() {
    let dir = TempDir::new().unwrap();
    let database = Database::open(&Place::File(dir.path().join("s")), &Options::default()).await.unwrap();
    let server = Answerer::start().await;
    let mut work_of_dead = work(&server, "w");
    // Somebody holds the port and never answers.
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    work_of_dead.sweep.resolvers = vec![silent.local_addr().unwrap()];
    work_of_dead.sweep.timeout = Duration::from_millis(100);
    work_of_dead.sweep.patience = Some(Duration::from_secs(2));
    let (list, names) = long_list(3_000);
    let scan = Scan::create(&database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
    let (tell, _told) = watch::channel(Progress::default());
    let error = scan
        .run(Some(source(&list, &Mark::default())), work_of_dead, &tell, &CancellationToken::new())
        .await
        .expect_err("nobody answers");
    assert!(matches!(error, ScanError::Sweep(_)), "{error}");
    let standing = scan.standing().await.unwrap();
    assert_eq!((standing.swept, standing.claimed), (0, 0));
    let end = run(&scan, Some(source(&list, &scan.mark().await.unwrap())), work(&server, "v")).await;
    assert_eq!((end, rows(&scan).await.len()), (End::Complete, names.len()));
}

#[tokio::test]
async fn the_rest_of_a_list_must_be_given() {
    let dir = TempDir::new().unwrap();
    let database = Database::open(&Place::File(dir.path().join("s")), &Options::default()).await.unwrap();
    let server = Answerer::start().await;
    let scan = Scan::create(&database, "a", &plan("x.example"), &Exclusion::default(), 0).await.unwrap();
    let (tell, _told) = watch::channel(Progress::default());
    let error = scan.run(None, work(&server, "w"), &tell, &CancellationToken::new()).await;
    assert!(matches!(error, Err(ScanError::ListNeeded)), "{error:?}");
}

#[tokio::test]
async fn names_of_scans() {
    for stand in stands("names").await {
        let none = Exclusion::default();
        let error = Scan::open(&stand.database, Some("a")).await.expect_err("none yet");
        assert!(matches!(error, ScanError::Unknown { .. }), "{error}");
        Scan::create(&stand.database, "a", &plan("x"), &none, 0).await.unwrap();
        let error = Scan::create(&stand.database, "a", &plan("x"), &none, 0).await.expect_err("twice");
        assert!(matches!(error, ScanError::Exists(_)), "{error}");
        Scan::create(&stand.database, "b", &plan("y"), &none, 0).await.unwrap();
        assert_eq!(Scan::names(&stand.database).await.unwrap(), ["a", "b"]);
        assert!(Scan::open(&stand.database, None).await.is_err(), "which of them?");
        let b = Scan::open(&stand.database, Some("b")).await.unwrap();
        assert_eq!(b.plan().await.unwrap(), plan("y"));
    }
}

#[test]
fn a_store_has_one_process() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("s");
    let first = StoreLock::take(&path).unwrap().expect("free");
    assert!(StoreLock::take(&path).unwrap().is_none(), "held");
    drop(first);
    assert!(StoreLock::take(&path).unwrap().is_some(), "free again");
}
