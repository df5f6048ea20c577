//! Lists as people have them, and lists that nobody should have.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn open(octets: &[u8], kind: InputKind, from: &Mark) -> Source {
    Source::from_stream(Box::new(Cursor::new(octets.to_vec())), kind, from).expect("in memory")
}

/// Each entry in short: a name, or the kind of junk.
fn all(octets: &[u8], kind: InputKind) -> Vec<String> {
    let mut source = open(octets, kind, &Mark::default());
    let mut found = Vec::new();
    while let Some(entry) = source.next_entry().expect("in memory") {
        match entry {
            Entry::Name { line, text } => found.push(format!("{line} {text}")),
            Entry::Junk { line, why, .. } => found.push(format!("{line} {why:?}")),
            Entry::Nothing => {}
        }
    }
    found
}

fn csv(title: &str) -> InputKind {
    InputKind::Csv(Column::Title(title.to_owned()))
}

#[test]
fn lines() {
    let long = [vec![b'x'; 5000], b"\nlast.example".to_vec()].concat();
    let long_comment = [b"a.example # ".to_vec(), vec![b'y'; 5000], b"\nb.example\n".to_vec()].concat();
    for (text, expected) in [
        (&b"a.example\nb.example\n"[..], &["1 a.example", "2 b.example"][..]),
        (
            b"\xef\xbb\xbfa.example\r\n\r\n  b.example \t\r\nc.example",
            &["1 a.example", "3 b.example", "4 c.example"],
        ),
        (b"# all of them\na.example # mine\n\t#x\nb#c.example\n", &["2 a.example", "4 b#c.example"]),
        (b"\xff\xfe\x00a\nb.example\n", &["1 NotText", "2 b.example"]),
        ("bücher.example\n".as_bytes(), &["1 bücher.example"]),
        (&long, &["1 TooLong", "2 last.example"]),
        (&long_comment, &["1 a.example", "2 b.example"]),
        (b"", &[]),
    ] {
        assert_eq!(all(text, InputKind::Lines), expected, "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn columns() {
    for (text, kind, expected) in [
        (
            &b"1,a.example\n2,b.example\n"[..],
            InputKind::Csv(Column::Number(2)),
            &["1 a.example", "2 b.example"][..],
        ),
        (
            b"\xef\xbb\xbfRank,\"Domain\"\r\n1,\"a.example\"\r\n\r\n2,b.example\r\n",
            csv("domain"),
            &["2 a.example", "4 b.example"],
        ),
        (
            b"x,domain\n\"two\nlines\",a.example\nshort\n3,b.example",
            csv("DOMAIN"),
            &["2 a.example", "4 NoColumn", "5 b.example"],
        ),
        (b"domain\n\xff\xfe\n,\nb.example\n", csv("domain"), &["2 NotText", "4 b.example"]),
    ] {
        assert_eq!(all(text, kind), expected, "{:?}", String::from_utf8_lossy(text));
    }
    let mut source = open(b"rank,host\n1,a\n", csv("domain"), &Mark::default());
    let error = source.next_entry().expect_err("no such column");
    assert!(error.to_string().contains("`domain`"), "{error}");
}

#[test]
fn a_quotation_mark_that_nothing_closes_loses_little() {
    let mut text = b"domain\na.example\n\"b.example\n".to_vec();
    for number in 0..9_000 {
        text.extend_from_slice(format!("c{number}.example\n").as_bytes());
    }
    let found = all(&text, csv("domain"));
    assert_eq!(found.first().map(String::as_str), Some("2 a.example"));
    assert!(found.get(1).is_some_and(|second| second.ends_with("Unclosed")), "{:?}", found.get(1));
    assert_eq!(found.last().map(String::as_str), Some("9003 c8999.example"));
    assert!(found.len() > 3_000, "{} are left", found.len());
}

#[test]
fn zones() {
    let zone = b"$ORIGIN example.\n$TTL 1d\n@ IN SOA ns.example. h.example. (1 2\n 3 4 5 )\n@ NS ns\na NS ns.b.test.\n  NS ns2.b.test.\n\
        A.EXAMPLE. NS ns3\nns A 192.0.2.1\n; nothing\nc 300 IN MX 10 mail\n_x NS ns\n\"broken\nd TYPE2 \\# 0\n";
    let expected =
        ["5 example", "6 a.example", "11 c.example", "12 _x.example", "13 NoZoneEntry", "14 d.example"];
    assert_eq!(all(zone, InputKind::Zone { origin: String::new() }), expected);
    let unclosed = [b"a NS (\n".to_vec(), b"b NS ns\n".repeat(3)].concat();
    let found = all(&unclosed, InputKind::Zone { origin: "test".to_owned() });
    assert_eq!(found, ["1 NoZoneEntry", "1 b.test"]);
}

fn kinds() -> impl Strategy<Value = InputKind> {
    prop_oneof![
        Just(InputKind::Lines),
        Just(InputKind::Csv(Column::Number(1))),
        Just(InputKind::Csv(Column::Number(2))),
        Just(InputKind::Zone { origin: "example".to_owned() }),
    ]
}

fn junk() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-c]{1,3}\\.example".prop_map(String::into_bytes),
        2 => "[,\"()# \t\r;]{0,3}".prop_map(String::into_bytes),
        2 => Just(b"\n".to_vec()),
        1 => Just(b" NS ns\n".to_vec()),
        1 => Just("grüße".as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reading_goes_on_where_it_stopped(octets in junk(), kind in kinds(), stop in 0usize..30) {
        let collect = |source: &mut Source, most: usize| {
            let (mut found, mut mark) = (Vec::new(), None);
            while let Some(entry) = source.next_entry().expect("in memory") {
                found.push(entry);
                // A mark can be had between pieces only.
                if found.len() >= most && source.mark().is_some() {
                    mark = source.mark();
                    break;
                }
            }
            (found, mark)
        };
        let (whole, _) = collect(&mut open(&octets, kind.clone(), &Mark::default()), usize::MAX);
        let (mut parts, mark) = collect(&mut open(&octets, kind.clone(), &Mark::default()), stop);
        if let Some(mark) = mark {
            let kept = serde_json::to_string(&mark).expect("JSON");
            let mark: Mark = serde_json::from_str(&kept).expect("JSON");
            parts.extend(collect(&mut open(&octets, kind, &mark), usize::MAX).0);
        }
        prop_assert_eq!(parts, whole);
    }
}
