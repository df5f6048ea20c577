//! An imitation of the API of PowerDNS on loopback: what is sent there, and what is left alone.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::*;

#[test]
fn every_provider_of_the_table_opens() {
    for (name, _) in PROVIDERS {
        let secret = if name == "route53" { "id\nsecret\n" } else { "token\n" };
        let url = (name == "powerdns").then_some("http://127.0.0.1:9");
        let provider = Provider::open(name, secret, "example.com", url).expect(name);
        assert_eq!(format!("{provider:?}"), format!("Provider({name} example.com)"), "no secret is shown");
        for wrong in ["", "a b", "two\nlines\nor three", "ctrl\u{1}"] {
            assert!(
                matches!(Provider::open(name, wrong, "example.com", url), Err(ProviderFault::Secret { .. })),
                "{name}"
            );
        }
    }
    assert!(matches!(Provider::open("nobody", "x", "example.com", None), Err(ProviderFault::Unknown(_))));
    assert_eq!(Provider::open("desec", "x", "example.com", Some("http://x")).err(), Some(ProviderFault::Url));
    assert_eq!(Provider::open("powerdns", "x", "example.com", None).err(), Some(ProviderFault::Url));
}

const NAME: &str = "_mta-sts.example.com";

/// Answers like the API of PowerDNS, one request a connection, with these TXT records; tells what it is asked before it
/// answers.
async fn powerdns(
    listener: TcpListener,
    status: &'static str,
    contents: Vec<&'static str>,
    asked: UnboundedSender<String>,
) {
    let record = |content| serde_json::json!({ "content": content, "disabled": false });
    let records: Vec<serde_json::Value> = contents.into_iter().map(record).collect();
    let zone = serde_json::json!({ "rrsets": [
        { "name": format!("{NAME}."), "type": "TXT", "ttl": 300, "records": records },
    ] })
    .to_string();
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        let whole = |request: &[u8]| {
            let text = String::from_utf8_lossy(request).into_owned();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
            });
            (body.len() >= length.unwrap_or(0)).then_some(text)
        };
        let text = loop {
            let read = stream.read(&mut piece).await.expect("a request");
            assert!(read > 0, "the request ends too early");
            request.extend_from_slice(&piece[..read]);
            if let Some(text) = whole(&request) {
                break text;
            }
        };
        let is_get = text.starts_with("GET");
        let (status, body) = match is_get {
            true => ("200 OK", zone.as_str()),
            false => (status, ""),
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
        asked.send(text).expect("someone listens");
        stream.write_all(answer.as_bytes()).await.expect("answered");
    }
}

/// Puts the record with id 2 in place of what is there; what came of it, and the calls that change something. With
/// `meanwhile`, someone else put that into the set since it was read.
async fn replaced(
    status: &'static str,
    contents: &[&'static str],
    meanwhile: Option<&str>,
) -> (Result<(), AnnounceError>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let (sender, mut asked) = unbounded_channel();
    let server = tokio::spawn(powerdns(listener, status, contents.to_vec(), sender));
    let provider = Provider::open("powerdns", "the-secret", "example.com", Some(&url)).expect("opens");
    let mut present = provider.present(NAME).await.expect("asked");
    let record = protocol::sts::Record { id: "2".to_owned(), extensions: Vec::new() };
    let wanted = present.with(&record);
    present.texts.extend(meanwhile.map(|text| Txt { strings: vec![text.into()] }));
    let change = Change { name: NAME, seen: &present.texts, wanted: &wanted, ttl: 300 };
    let result = provider.replace(change).await;
    server.abort();
    let mut changes = Vec::new();
    while let Some(request) = asked.recv().await {
        changes.extend((!request.starts_with("GET")).then_some(request));
    }
    (result, changes)
}

#[tokio::test]
async fn powerdns_replaces_the_set_in_one_call() {
    for contents in [
        &["\"v=STSv1; id=1;\""][..],
        &[],
        // Two that begin alike: no sender takes either, and one takes their place.
        &["\"v=STSv1; id=1;\"", "\"v=STSv1; id=0;\""],
    ] {
        let (result, changes) = replaced("204 No Content", contents, None).await;
        assert_eq!(result, Ok(()), "{contents:?}");
        let [change] = &changes[..] else { panic!("not one change: {changes:?}") };
        for part in ["PATCH /", "REPLACE", "_mta-sts.example.com.", "v=STSv1; id=2;", "the-secret"] {
            assert!(change.contains(part), "{part}: {change}");
        }
        assert_eq!(change.matches("v=STSv1").count(), 1, "{change}");
    }
    let (result, _) = replaced("401 Unauthorized", &["\"v=STSv1; id=1;\""], None).await;
    let failure = result.expect_err("refused").to_string();
    assert!(failure.contains("does not accept the secret"), "{failure}");
}

#[tokio::test]
async fn records_for_other_uses_are_not_put_at_risk() {
    for other in [
        "\"verification=abc\"",
        // In two strings; with octets that are no ASCII: the library gives neither as it is.
        "\"one\" \"two\"",
        r#""caf\195\169""#,
    ] {
        let (result, changes) = replaced("204 No Content", &["\"v=STSv1; id=1;\"", other], None).await;
        assert_eq!(changes, Vec::<String>::new(), "{other}");
        let failure = result.expect_err("refused");
        assert!(matches!(failure, AnnounceError::Others { others: 1, .. }), "{failure:?}");
        let words = failure.to_string();
        assert!(words.contains("`_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=2;\"`"), "{words}");
    }
}

#[tokio::test]
async fn what_someone_else_changed_is_left_alone() {
    let contents = ["\"v=STSv1; id=1;\""];
    let (result, changes) = replaced("204 No Content", &contents, Some("v=STSv1; id=x;")).await;
    assert_eq!(result, Err(AnnounceError::Changed { name: NAME.to_owned() }));
    assert_eq!(changes, Vec::<String>::new());
}
