//! One worker, one list: what is in it comes out of it.

use std::io::Cursor;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use outside::{Clock, SweepSettings, Swept, VisitSettings, Visits};
use protocol::DomainFault;
use protocol::observed::Profile;
use scan::{End, Exclusion, InputKind, Junk, Kept, Mark, Plan, Progress, Row, Scan, Source, Stage, Work};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::answerer::Answerer;
use crate::stand::stands;

pub(crate) fn source(list: &str, mark: &Mark) -> Source {
    let stream = Box::new(Cursor::new(list.as_bytes().to_vec()));
    Source::from_stream(stream, InputKind::Lines, mark).expect("in memory")
}

pub(crate) fn plan(list: &str) -> Plan {
    Plan {
        stage: Stage::Txt,
        profile: Profile::Basic,
        input: InputKind::Lines,
        list: "-".to_owned(),
        path: None,
        fingerprint: source(list, &Mark::default()).fingerprint().clone(),
        settings: Kept::new(),
    }
}

pub(crate) fn work(server: &Answerer, owner: &str) -> Work {
    let clock = Clock::system();
    Work {
        sweep: SweepSettings {
            resolvers: vec![server.address],
            in_flight: 100,
            patience: Some(Duration::from_secs(60)),
            ..SweepSettings::default()
        },
        outside: None,
        visits: Visits::new(VisitSettings::default(), clock.clone()),
        surveys: 1,
        owner: owner.to_owned(),
        lease: Duration::from_secs(60),
        patience: Duration::from_secs(5),
        clock,
    }
}

pub(crate) async fn rows(scan: &Scan) -> Vec<Row> {
    scan.rows().try_collect().await.expect("readable")
}

pub(crate) async fn run(scan: &Scan, source: Option<Source>, work: Work) -> End {
    let (tell, _told) = watch::channel(Progress::default());
    scan.run(source, work, &tell, &CancellationToken::new()).await.expect("runs")
}

/// A list with a bit of everything, and its names in order.
pub(crate) fn long_list(count: usize) -> (String, Vec<String>) {
    let name = |number: usize| match number % 100 {
        7 => format!("hit{number}.example"),
        8 => format!("empty{number}.example"),
        9 => format!("fail{number}.example"),
        _ => format!("n{number}.example"),
    };
    let names: Vec<String> = (0..count).map(name).collect();
    (names.join("\n"), names)
}

#[tokio::test]
async fn what_is_in_the_list_comes_out_in_order() {
    for stand in stands("order").await {
        let server = Answerer::start().await;
        let (list, names) = long_list(9_500);
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        let end = run(&scan, Some(source(&list, &Mark::default())), work(&server, "w")).await;
        assert_eq!(end, End::Complete);
        let rows = rows(&scan).await;
        assert_eq!(rows.iter().map(|row| row.domain.to_string()).collect::<Vec<_>>(), names);
        for (position, row) in rows.iter().enumerate() {
            assert_eq!(row.position, position as u64);
            let name = row.domain.as_str();
            match &row.swept {
                Swept::Records(_) => assert!(name.starts_with("hit")),
                Swept::NoData => assert!(name.starts_with("empty")),
                Swept::Failed(_) => assert!(name.starts_with("fail")),
                Swept::NxDomain => assert!(name.starts_with('n')),
                Swept::Excluded => panic!("nobody is"),
            }
        }
        let standing = scan.standing().await.unwrap();
        assert_eq!((standing.swept, standing.hits, standing.failed.serv_fail), (9_500, 95, 95));
        assert!(standing.is_complete(Stage::Txt) && !standing.is_complete(Stage::Full));
        assert!(server.asked("n").values().all(|count| *count == 1), "no name twice");
    }
}

#[tokio::test]
async fn junk_is_counted_and_never_fatal() {
    let list = "\u{feff}# a list\nhit1.example\r\nHIT1.example.\n\nb\u{fc}cher.example\nme@example.com\nhttps://x.example/\n\
        192.0.2.1\n_mta-sts.x.example\n*.x.example\na..example\n-a.example\nleave.me.example\nnot.leave.me.example\nn2.example\n";
    let label = format!("{}.example\n", "l".repeat(64));
    let name = format!("{}example\n", "abcdefghi.".repeat(29));
    let list = [list, &label, &name].concat();
    for stand in stands("junk").await {
        let server = Answerer::start().await;
        let exclusion = Exclusion::parse("me.example").unwrap();
        let scan = Scan::create(&stand.database, "a", &plan(&list), &exclusion, 0).await.unwrap();
        run(&scan, Some(source(&list, &Mark::default())), work(&server, "w")).await;
        let found: Vec<String> = rows(&scan).await.iter().map(|row| row.domain.to_string()).collect();
        assert_eq!(found, ["hit1.example", "xn--bcher-kva.example", "n2.example"]);
        let intake = scan.standing().await.unwrap().intake;
        assert_eq!((intake.names, intake.duplicates.count, intake.excluded.count), (3, 1, 2));
        assert_eq!(intake.duplicates.examples[0].line, 3);
        let kinds: Vec<Junk> = intake.junk.keys().copied().collect();
        let expected = [
            DomainFault::EmptyLabel,
            DomainFault::Hyphen,
            DomainFault::LabelTooLong,
            DomainFault::NameTooLong,
            DomainFault::Underscore,
            DomainFault::Wildcard,
            DomainFault::Address,
            DomainFault::Mailbox,
            DomainFault::Url,
        ]
        .map(Junk::NoName);
        assert_eq!(kinds, expected);
        assert!(intake.junk.values().all(|tally| tally.count == 1 && tally.examples.len() == 1));
        assert!(server.asked("leave").is_empty() && server.asked("not").is_empty(), "they asked not to be");
    }
}

#[tokio::test]
async fn an_empty_list_is_done_at_once() {
    for stand in stands("empty").await {
        let server = Answerer::start().await;
        let scan = Scan::create(&stand.database, "a", &plan(""), &Exclusion::default(), 0).await.unwrap();
        let end = run(&scan, Some(source("", &Mark::default())), work(&server, "w")).await;
        assert_eq!((end, rows(&scan).await.len()), (End::Complete, 0));
    }
}

#[tokio::test]
async fn who_is_excluded_later_is_not_asked_for() {
    for stand in stands("later").await {
        let server = Answerer::start().await;
        let (list, names) = long_list(3_000);
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        let (tell, mut told) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        server.broken.store(true, std::sync::atomic::Ordering::SeqCst);
        tokio::select! {
            ended = scan.run(Some(source(&list, &Mark::default())), work(&server, "w"), &tell, &stop) => {
                panic!("{ended:?} with nobody to ask");
            }
            told = told.wait_for(|told| told.standing.loaded && !told.troubles.is_empty()) => drop(told.unwrap()),
        }
        scan.free_all().await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let before = server.asked("hit2007").values().sum::<u64>();
        // Two workers at the same time: neither loses what the other adds.
        let (one, two) =
            (Exclusion::parse("n2999.example").unwrap(), Exclusion::parse("hit2007.example").unwrap());
        let (one, two) = {
            let none = Kept::new();
            tokio::join!(scan.extend(None, &none, &one), scan.extend(None, &none, &two))
        };
        assert!(one.is_ok() && two.is_ok());
        server.broken.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(run(&scan, None, work(&server, "v")).await, End::Complete);
        let rows = rows(&scan).await;
        assert_eq!(rows.len(), names.len());
        let excluded =
            rows.iter().filter(|row| row.swept == Swept::Excluded).map(|row| row.domain.to_string());
        assert_eq!(excluded.collect::<Vec<_>>(), ["hit2007.example", "n2999.example"]);
        assert_eq!(server.asked("hit2007").values().sum::<u64>(), before, "not asked for any more");
        let standing = scan.standing().await.unwrap();
        assert_eq!((standing.swept, standing.excluded, standing.hits), (3_000, 2, 29));
    }
}

#[tokio::test]
async fn names_without_an_answer_are_asked_for_again_when_it_is_wanted() {
    for stand in stands("again").await {
        let server = Answerer::start().await;
        let (list, names) = long_list(4_500);
        let scan = Scan::create(&stand.database, "a", &plan(&list), &Exclusion::default(), 0).await.unwrap();
        run(&scan, Some(source(&list, &Mark::default())), work(&server, "w")).await;
        let others = || [server.asked("hit"), server.asked("n"), server.asked("empty")];
        let before = others();
        assert_eq!(scan.retry_failed().await.unwrap(), 45);
        // They fail as before, and the resolver answers for others: that is believed, without any waiting.
        assert_eq!(run(&scan, None, work(&server, "v")).await, End::Complete);
        let fails = server.asked("fail");
        assert!(fails.len() == 45 && fails.values().all(|count| *count >= 2), "{fails:?}");
        assert!(server.asked("arpa").values().sum::<u64>() >= 5, "once for each chunk");
        assert_eq!(others(), before, "who had answered is not asked again");
        assert_eq!(rows(&scan).await.len(), names.len());
        // Mended, they are answered, and nobody else is asked.
        server.mended.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(scan.retry_failed().await.unwrap(), 45);
        assert_eq!(run(&scan, None, work(&server, "u")).await, End::Complete);
        let standing = scan.standing().await.unwrap();
        assert_eq!((standing.swept, standing.hits, standing.failed.total()), (4_500, 45, 0));
        assert_eq!(others(), before);
    }
}
