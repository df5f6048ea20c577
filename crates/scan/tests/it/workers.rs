//! Workers that stop, die and share.

use std::io::{Cursor, Read};
use std::time::Duration;

use database::{Database, Options};
use futures_util::TryStreamExt as _;
use scan::{End, Exclusion, InputKind, Mark, Progress, Scan, Source, Stage, Work};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::answerer::Answerer;
use crate::list::{long_list, plan, rows, run, source, work};
use crate::stand::stands;

#[tokio::test]
async fn stopped_again_and_again_it_comes_to_the_same_end() {
    for stand in stands("stopped").await {
        let server = Answerer::start().await;
        let (list, names) = long_list(30_000);
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        let mut ends = Vec::new();
        for round in 0.. {
            let stop = CancellationToken::new();
            let (tell, _told) = watch::channel(Progress::default());
            let rest = source(&list, &scan.mark().await.unwrap());
            let after = Duration::from_millis(30 + 40 * round);
            let ended = tokio::select! {
                ended = scan.run(Some(rest), work(&server, &format!("w{round}")), &tell, &stop) => ended,
                // The future is dropped, as if the process had died; what it claimed stays claimed.
                () = tokio::time::sleep(after), if round % 2 == 0 => {
                    scan.free_all().await.unwrap();
                    continue;
                }
                () = async { tokio::time::sleep(after).await; stop.cancel(); std::future::pending().await } => unreachable!(),
            };
            ends.push(ended.expect("runs"));
            if ends.last() == Some(&End::Complete) {
                break;
            }
        }
        let found: Vec<String> = rows(&scan).await.iter().map(|row| row.domain.to_string()).collect();
        assert_eq!(found, names, "{ends:?}");
        assert_eq!(scan.standing().await.unwrap().claimed, 0);
    }
}

#[tokio::test]
async fn two_workers_share_and_one_dies() {
    for stand in stands("share").await {
        let server = Answerer::start().await;
        let (list, names) = long_list(20_000);
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        // As another process: connections of its own.
        let other = Database::open(&stand.place, &Options::default()).await.unwrap();
        let doomed = Scan::open(&other, Some("a")).await.unwrap();
        let (tell, mut told) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        let short = |owner| Work { lease: Duration::from_secs(3), ..work(&server, owner) };
        tokio::select! {
            ended = doomed.run(Some(source(&list, &Mark::default())), short("dies"), &tell, &stop) => {
                panic!("{ended:?} before it could die");
            }
            // Dropped in the midst of it, as if the process had died: what it claimed stays claimed.
            told = told.wait_for(|progress| progress.standing.swept >= 2_000) => drop(told.unwrap()),
        }
        assert!(scan.standing().await.unwrap().claimed > 0, "it had work under way");
        let rest = source(&list, &scan.mark().await.unwrap());
        assert_eq!(run(&scan, Some(rest), short("lives")).await, End::Complete);
        let found: Vec<String> = rows(&scan).await.iter().map(|row| row.domain.to_string()).collect();
        assert_eq!(found, names);
        let standing = scan.standing().await.unwrap();
        assert_eq!((standing.swept, standing.claimed), (20_000, 0));
    }
}

/// A list that comes slowly.
struct Slow(Cursor<Vec<u8>>);

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        std::thread::sleep(Duration::from_millis(100));
        let most = into.len().min(20_000);
        self.0.read(&mut into[..most])
    }
}

#[tokio::test]
async fn who_has_the_list_too_goes_on_when_its_loader_dies() {
    for stand in stands("loader").await {
        if !stand.database.is_shared() {
            continue;
        }
        let server = Answerer::start().await;
        let (list, names) = long_list(40_000);
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("list");
        std::fs::write(&path, &list).unwrap();
        let open = || Source::open(&path, InputKind::Lines, &Mark::default()).unwrap();
        let mut plan = plan(&list);
        plan.fingerprint = open().fingerprint().clone();
        let scan = Scan::create(&stand.database, "a", &plan, &Exclusion::default(), 0).await.unwrap();
        let (tell, mut told) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        let short = |owner| Work { lease: Duration::from_secs(3), ..work(&server, owner) };
        let slow = Box::new(Slow(Cursor::new(list.clone().into_bytes())));
        let slow = Source::from_stream(slow, InputKind::Lines, &Mark::default()).unwrap();
        // Opened while the other one is loading: what it has of the list is its beginning.
        let mut seen = told.clone();
        let second = async {
            let (tell, _told) = watch::channel(Progress::default());
            let (source, stop) = (open(), CancellationToken::new());
            let work = Work { patience: Duration::from_secs(60), ..short("lives") };
            seen.wait_for(|told| told.standing.intake.names >= 4_000).await.unwrap();
            scan.run(Some(source), work, &tell, &stop).await
        };
        let first = async {
            tokio::select! {
                ended = scan.run(Some(slow), short("dies"), &tell, &stop) => panic!("{ended:?} before it could die"),
                told = told.wait_for(|told| told.standing.intake.names >= 20_000) => drop(told.unwrap()),
            }
            assert!(!scan.standing().await.unwrap().loaded, "the list was loaded before its loader died");
        };
        let (second, ()) = tokio::join!(second, first);
        assert_eq!(second.expect("it goes on by itself"), End::Complete);
        let found: Vec<String> = rows(&scan).await.iter().map(|row| row.domain.to_string()).collect();
        assert_eq!(found, names);
        assert_eq!(scan.standing().await.unwrap().intake.duplicates.count, 0, "nothing was loaded twice");
    }
}

#[tokio::test]
async fn a_worker_without_the_list_waits_for_it() {
    for stand in stands("waits").await {
        if !stand.database.is_shared() {
            continue;
        }
        let server = Answerer::start().await;
        let (list, names) = long_list(3_000);
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        let second = Scan::open(&stand.database, Some("a")).await.unwrap();
        let (first, second) = tokio::join!(
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                run(&scan, Some(source(&list, &Mark::default())), work(&server, "first")).await
            },
            run(&second, None, work(&server, "second")),
        );
        assert_eq!((first, second), (End::Complete, End::Complete));
        let found: Vec<_> = scan.rows().try_collect().await.unwrap();
        assert_eq!(found.len(), names.len());
        assert!(scan.standing().await.unwrap().is_complete(Stage::Txt));
    }
}
