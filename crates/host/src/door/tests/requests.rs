use super::*;

/// Each status line of what came back, in order.
fn statuses(answer: &str) -> Vec<u16> {
    let lines = answer.split("HTTP/1.").skip(1);
    lines.map(|line| line[2..5].parse().expect("a status")).collect()
}

#[tokio::test]
async fn the_stored_octets() {
    let house = House::open();
    let mut stream = house.connect(HERE).await.expect("a connection");
    stream.write_all(get(HERE).as_bytes()).await.expect("sent");
    let answer = one_answer(&mut stream).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body, POLICY);
    let mut fields: Vec<&str> = head.lines().filter(|line| !line.starts_with("date: ")).collect();
    fields.sort_unstable();
    let length = format!("content-length: {}", POLICY.len());
    assert_eq!(fields, ["HTTP/1.1 200 OK", &length, "content-type: text/plain"]);

    // A change shows at the next request, over the same connection too.
    house.policies.put(HERE, Posted::new("2", b"version: STSv1\n"));
    stream.write_all(get(HERE).as_bytes()).await.expect("sent");
    assert!(one_answer(&mut stream).await.ends_with("\r\n\r\nversion: STSv1\n"));
    house.policies.remove(HERE);
    stream.write_all(get(HERE).as_bytes()).await.expect("sent");
    assert!(one_answer(&mut stream).await.starts_with("HTTP/1.1 404 "));
    assert_eq!(house.door.tally().get(Count::Served), 2);
    assert_eq!(house.door.tally().get(Count::NotFound), 1);
}

/// A request within a request, and others that readers of HTTP have disagreed about. However they are read, nobody gets
/// an answer to what is hidden, nor another owner's policy.
#[tokio::test]
async fn smuggled_requests() {
    let house = House::open();
    let path = "/.well-known/mta-sts.txt";
    let hidden = get(NEIGHBOUR);
    let length = hidden.len();
    for (what, request, expected) in [
        (
            "content",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
            &[400][..],
        ),
        (
            "chunked content",
            format!(
                "GET {path} HTTP/1.1\r\nHost: {HERE}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
            ),
            &[400],
        ),
        (
            "both lengths",
            format!(
                "POST {path} HTTP/1.1\r\nHost: {HERE}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
                 0\r\n\r\n{hidden}"
            ),
            &[400],
        ),
        (
            "two lengths",
            format!(
                "GET {path} HTTP/1.1\r\nHost: {HERE}\r\nContent-Length: 0\r\nContent-Length: {length}\r\n\r\n{hidden}"
            ),
            &[400],
        ),
        (
            "a length with a sign",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nContent-Length: +{length}\r\n\r\n{hidden}"),
            &[400],
        ),
        (
            "an unknown coding",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nTransfer-Encoding: xchunked\r\n\r\n{hidden}"),
            &[400],
        ),
        (
            "a blank before the colon",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nContent-Length : {length}\r\n\r\n{hidden}"),
            &[400],
        ),
        (
            "a folded field",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nX: a\r\n {NEIGHBOUR}\r\n\r\n"),
            &[400],
        ),
        ("a NUL", format!("GET {path} HTTP/1.1\r\nHost: {HERE}\0\r\n\r\n"), &[400]),
        ("no host", format!("GET {path} HTTP/1.1\r\n\r\n{hidden}"), &[400]),
        ("no host, HTTP/1.0", format!("GET {path} HTTP/1.0\r\n\r\n"), &[400]),
        ("two hosts", format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nHost: {NEIGHBOUR}\r\n\r\n"), &[400]),
        ("another host", hidden.clone(), &[421]),
        (
            "another host in the target",
            format!("GET https://{NEIGHBOUR}{path} HTTP/1.1\r\nHost: {HERE}\r\n\r\n"),
            &[421],
        ),
        ("another host after the first", format!("{}{hidden}", get(HERE)), &[200, 421]),
        ("a proxy's request", format!("CONNECT {NEIGHBOUR}:443 HTTP/1.1\r\nHost: {HERE}\r\n\r\n"), &[421]),
        ("another version", format!("GET {path} HTTP/3.0\r\nHost: {HERE}\r\n\r\n"), &[400]),
        ("no HTTP", "EHLO mail.example.org\r\n\r\n".to_owned(), &[400]),
        (
            "a long head",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\nX: {}\r\n\r\n", "a".repeat(10_000)),
            &[431],
        ),
        (
            "many fields",
            format!("GET {path} HTTP/1.1\r\nHost: {HERE}\r\n{}\r\n", "X: a\r\n".repeat(65)),
            &[431],
        ),
        ("a long target", format!("GET /{} HTTP/1.1\r\nHost: {HERE}\r\n\r\n", "a".repeat(10_000)), &[431]),
    ] {
        let answer = house.exchange(HERE, request.as_bytes()).await;
        assert!(!answer.contains(POLICY_OF_NEIGHBOUR), "{what}: {answer}");
        assert_eq!(statuses(&answer), expected, "{what}: {answer}");
    }
    // Nobody has been let in for the neighbour, and the door is as it was.
    let close = get(HERE).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    assert!(house.exchange(HERE, close.as_bytes()).await.ends_with(POLICY));
}

#[tokio::test]
async fn challenges_and_nothing_else_on_the_plain_port() {
    let house = House::open();
    for (request, expected) in [
        (format!("GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: {HERE}\r\n"), Ok("token.thumb")),
        (format!("GET /.well-known/acme-challenge/other HTTP/1.1\r\nHost: {HERE}\r\n"), Err(404)),
        (format!("GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: {NEIGHBOUR}\r\n"), Err(404)),
        ("GET /.well-known/acme-challenge/token HTTP/1.1\r\n".to_owned(), Err(404)),
        (format!("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {HERE}\r\n"), Err(404)),
        (format!("GET / HTTP/1.1\r\nHost: {HERE}\r\nX: {}\r\n", "a".repeat(10_000)), Err(431)),
    ] {
        let mut stream = TcpStream::connect(house.http()).await.expect("a connection");
        stream.write_all(format!("{request}Connection: close\r\n\r\n").as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        match expected {
            Ok(text) => {
                assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(text), "{answer}");
            }
            Err(status) => assert_eq!(statuses(&answer), [status], "{request}"),
        }
        assert!(!answer.to_lowercase().contains("\r\nlocation:"), "{answer}");
    }
    assert_eq!(house.door.tally().get(Count::ValidatedHttp), 1);
}

#[tokio::test]
async fn visits_are_noted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.jsonl");
    let clock = outside::Clock::fixed("2026-04-29T12:00:00Z".parse().expect("a time"));
    let log = AccessLog::open(path.clone(), Privacy::Full, clock).expect("a log");
    let house = House::with(settings(), log.clone());
    let request = get(HERE).replace("\r\n\r\n", "\r\nUser-Agent: Sender/1\r\nConnection: close\r\n\r\n");
    house.exchange(HERE, request.as_bytes()).await;
    house.exchange(HERE, get(NEIGHBOUR).as_bytes()).await;
    log.flush();
    assert_eq!(
        std::fs::read_to_string(&path).expect("a log"),
        "{\"at\":\"2026-04-29T12:00:00Z\",\"from\":\"127.0.0.1\",\"host\":\"mta-sts.example.com\",\"id\":\"20260429\",\
         \"status\":200,\"method\":\"GET\",\"http\":\"1.1\",\"agent\":\"Sender/1\"}\n\
         {\"at\":\"2026-04-29T12:00:00Z\",\"from\":\"127.0.0.1\",\"host\":\"mta-sts.example.com\",\
         \"status\":421,\"method\":\"GET\",\"http\":\"1.1\"}\n"
    );
}
