use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::lab;
use crate::visitor::{PATIENCE, Visitor};

/// Asks for the policy; the whole answer, or why there is none.
async fn policy(visitor: &Visitor<'_>, domain: &str) -> Result<String, String> {
    let host = format!("mta-sts.{domain}");
    let stream = visitor.connect(&host, 443).await?;
    let mut stream = visitor.secure(&host, stream, true).await?;
    let request =
        format!("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    let mut bounded = stream.take(200_000);
    let read = tokio::time::timeout(PATIENCE, bounded.read_to_end(&mut answer)).await;
    if read.is_err() && answer.is_empty() {
        return Err("silence".to_owned());
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn policy_hosts_answer_as_their_scenarios_say() {
    let cases: &[(&str, Result<&str, &str>)] = &[
        ("healthy", Ok("\r\n\r\nversion: STSv1\nmode: enforce\nmx: mx1.healthy.test\nmax_age: 1209600\n")),
        ("healthy-wildcard-certificate", Ok("version: STSv1")),
        ("policy-host-refused", Err("refused")),
        ("policy-host-timeout", Err("silence")),
        ("policy-host-reset", Err("reset")),
        ("policy-tls-silent", Err("silence")),
        ("policy-tls-reset", Err("reset")),
        ("policy-tls-expired", Err("expired")),
        ("policy-tls-not-yet-valid", Err("not valid yet")),
        ("policy-tls-name-mismatch", Err("not valid for name")),
        ("policy-tls-common-name-only", Err("not valid for name")),
        ("policy-tls-wildcard-too-high", Err("not valid for name")),
        ("policy-tls-untrusted", Err("UnknownIssuer")),
        ("policy-tls-self-signed", Err("UnknownIssuer")),
        ("policy-tls-incomplete-chain", Err("UnknownIssuer")),
        ("policy-tls-version", Err("ProtocolVersion")),
        ("policy-tls-ancient", Err("HandshakeFailure")),
        ("policy-tls-handshake", Err("HandshakeFailure")),
        ("policy-tls-garbage", Err("corrupt")),
        ("policy-tls-plain-text", Err("corrupt")),
        ("policy-tls-only-1-2", Ok("version: STSv1")),
        ("policy-tls-old-too", Ok("version: STSv1")),
        ("policy-tls-three-days", Ok("version: STSv1")),
        ("policy-http-redirect-301", Ok("location: https://www.policy-http-redirect-301.test/")),
        ("policy-http-404", Ok("HTTP/1.1 404")),
        ("policy-http-503", Ok("HTTP/1.1 503")),
        ("policy-http-hang", Err("silence")),
        ("policy-http-drip-head", Ok("H")),
        ("policy-http-slow", Ok("\r\n\r\nv")),
        ("policy-http-garbage", Ok("GARBAGE/9.9")),
        ("policy-http-cut-short", Ok("version: STSv1")),
        ("policy-http-closed", Ok("")),
        ("policy-http-two-lengths", Ok("Content-Length: 5\r\nContent-Length: ")),
        ("policy-http-bad-chunk", Ok("zebra")),
        ("policy-http-endless-head", Ok("X-And-Another: header\r\nX-And-Another")),
        ("policy-http-content-type", Ok("content-type: text/html")),
        ("policy-http-age", Ok("age: 7200")),
        ("policy-at-other-path", Ok("HTTP/1.1 404")),
        ("policy-over-plain-http", Err("refused")),
        ("policy-escape-sequence", Ok("\u{1b}[31menforce")),
    ];
    let names: Vec<&str> = cases.iter().map(|case| case.0).collect();
    let lab = lab(&names).await;
    let visitor = Visitor::new(&lab);
    let answers = join_all(names.iter().map(|name| {
        let domain = format!("{name}.test");
        let visitor = &visitor;
        async move { policy(visitor, &domain).await }
    }));
    for ((name, expected), found) in cases.iter().zip(answers.await) {
        let agrees = match (expected, &found) {
            (Ok(part), Ok(answer)) => answer.contains(part),
            (Err(part), Err(reason)) => reason.contains(part),
            _ => false,
        };
        assert!(agrees, "{name}: expected {expected:?}, found {found:?}");
    }
}

#[tokio::test]
async fn a_body_without_content_type_header_is_possible() {
    let lab = lab(&["policy-http-no-content-type", "policy-http-too-large"]).await;
    let visitor = Visitor::new(&lab);
    let answer = policy(&visitor, "policy-http-no-content-type.test").await.unwrap();
    assert!(answer.contains("version: STSv1") && !answer.contains("content-type:"), "{answer}");
    let answer = policy(&visitor, "policy-http-too-large.test").await.unwrap();
    assert!(answer.len() > 65_536 + 400, "{}", answer.len());
}

#[tokio::test]
async fn one_address_may_differ() {
    let lab = lab(&["policy-host-ipv6-broken"]).await;
    let visitor = Visitor::new(&lab);
    let addresses = visitor.addresses("mta-sts.policy-host-ipv6-broken.test").await;
    let [v4, v6] = addresses.as_slice() else { panic!("{addresses:?}") };
    assert!(tokio::net::TcpStream::connect(visitor.real(*v4, 443)).await.is_ok());
    assert!(tokio::net::TcpStream::connect(visitor.real(*v6, 443)).await.is_err());
}

#[tokio::test]
async fn the_neighbour_takes_reports() {
    let lab = lab(&["healthy"]).await;
    let visitor = Visitor::new(&lab);
    let stream = visitor.connect("reports.test", 443).await.unwrap();
    let mut stream = visitor.secure("reports.test", stream, true).await.unwrap();
    let request =
        "POST /v1/tlsrpt HTTP/1.1\r\nHost: reports.test\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
