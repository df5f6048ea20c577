use std::time::{Duration, Instant};

use futures_util::future::join_all;
use lab::{Lab, Options, VisitKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::lab;
use crate::visitor::{PATIENCE, Visitor};

/// Sends a command (or nothing) and reads until the reply ends: a line with a blank after the code.
async fn command(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), words: &str) -> Result<String, String> {
    if !words.is_empty() {
        stream.write_all(format!("{words}\r\n").as_bytes()).await.map_err(|error| error.to_string())?;
    }
    let mut reply = String::new();
    let reading = async {
        let mut chunk = [0; 4096];
        loop {
            let count = stream.read(&mut chunk).await.map_err(|error| error.to_string())?;
            reply.push_str(&String::from_utf8_lossy(&chunk[..count]));
            let last = reply.trim_end().rsplit("\r\n").next().unwrap_or_default();
            if count == 0
                || reply.len() > 100_000
                || (reply.ends_with("\r\n") && last.as_bytes().get(3) == Some(&b' '))
            {
                return Ok::<(), String>(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.map_err(|_| "silence".to_owned())??;
    Ok(reply)
}

/// A whole session with STARTTLS; the EHLO reply inside TLS, or where and why it ended.
async fn session(visitor: &Visitor<'_>, host: &str, sni: bool) -> Result<String, String> {
    let mut stream: TcpStream = visitor.connect(host, 25).await?;
    let greeting = command(&mut stream, "").await?;
    if !greeting.starts_with("220") || greeting.len() > 1000 {
        return Err(format!("greeting {greeting:.60}"));
    }
    let ehlo = command(&mut stream, "EHLO visitor.test").await?;
    if !ehlo.contains("STARTTLS") {
        return Err(format!("EHLO {ehlo:.60}"));
    }
    let reply = command(&mut stream, "STARTTLS").await?;
    if !reply.starts_with("220") || reply.contains("injected") {
        return Err(format!("STARTTLS {reply}"));
    }
    let mut stream = visitor.secure(host, stream, sni).await?;
    let inside = command(&mut stream, "EHLO visitor.test").await?;
    let bye = command(&mut stream, "QUIT").await?;
    assert!(bye.starts_with("221"), "{bye}");
    Ok(inside)
}

#[tokio::test]
async fn mail_hosts_answer_as_their_scenarios_say() {
    let cases: &[(&str, &str, Result<&str, &str>)] = &[
        ("healthy", "mx1", Ok("250-mx1.healthy.test")),
        ("mx-starttls-missing", "mx1", Err("EHLO 250-")),
        ("mx-no-ehlo", "mx1", Err("EHLO 502")),
        ("mx-starttls-refused", "mx1", Err("STARTTLS 454")),
        ("mx-starttls-injection", "mx1", Err("injected")),
        ("mx-tls-handshake", "mx1", Err("HandshakeFailure")),
        ("mx-tls-garbage", "mx1", Err("corrupt")),
        ("mx-tls-reset", "mx1", Err("reset")),
        ("mx-tls-closed", "mx1", Err("eof")),
        ("mx-tls-silent", "mx1", Err("silence")),
        ("mx-cert-expired", "mx1", Err("expired")),
        ("mx-cert-self-signed", "mx1", Err("UnknownIssuer")),
        ("mx-cert-sha1", "mx1", Err("UnsupportedSignatureAlgorithm")),
        ("mx-cert-three-days", "mx1", Ok("250")),
        ("mx-tls-version", "mx1", Err("ProtocolVersion")),
        ("mx-tls-old-versions", "mx1", Ok("250")),
        ("mx-only-dane-covers", "mx1", Err("UnknownIssuer")),
        ("mx-needs-sni", "mx1", Ok("250")),
        ("mx-unreachable", "mx2", Err("refused")),
        ("mx-silent", "mx2", Err("silence")),
        ("mx-greeting-554", "mx2", Err("greeting 554")),
        ("mx-greeting-multiline", "mx1", Ok("250")),
        ("mx-greeting-421", "mx1", Err("greeting 421")),
        ("hostile-endless-greeting", "mx2", Err("greeting 220-and another")),
        ("hostile-endless-line", "mx2", Err("greeting 220 on and on")),
        ("hostile-endless-ehlo", "mx2", Err("EHLO 250-X-AND-ANOTHER")),
        ("hostile-no-greeting", "mx2", Err("silence")),
        ("hostile-tarpit", "mx2", Err("silence")),
        ("hostile-many-mx", "m7.pool", Ok("250")),
    ];
    let names: Vec<&str> = cases.iter().map(|case| case.0).collect();
    let lab = lab(&names).await;
    let visitor = Visitor::new(&lab);
    let sessions = join_all(cases.iter().map(|(name, host, _)| {
        let host = format!("{host}.{name}.test");
        let visitor = &visitor;
        async move { session(visitor, &host, true).await }
    }));
    for ((name, _, expected), found) in cases.iter().zip(sessions.await) {
        let agrees = match (expected, &found) {
            (Ok(part), Ok(answer)) => answer.contains(part),
            (Err(part), Err(reason)) => reason.contains(part),
            _ => false,
        };
        assert!(agrees, "{name}: expected {expected:?}, found {found:?}");
    }
}

#[tokio::test]
async fn without_sni_two_hosts_behave_differently() {
    let lab = lab(&["healthy", "mx-needs-sni", "mx-other-without-sni"]).await;
    let visitor = Visitor::new(&lab);
    assert!(session(&visitor, "mx1.healthy.test", false).await.is_ok());
    let refused = session(&visitor, "mx1.mx-needs-sni.test", false).await.unwrap_err();
    assert!(refused.contains("UnrecognisedName"), "{refused}");
    let other = session(&visitor, "mx1.mx-other-without-sni.test", false).await.unwrap_err();
    assert!(other.contains("not valid for name"), "{other}");
}

/// A TLS 1.0 client sees a ServerHello of TLS 1.0 where it is still spoken, and an alert elsewhere.
#[tokio::test]
async fn old_clients_are_answered_where_the_scenario_says_so() {
    let lab = lab(&["mx-tls-old-versions", "mx-tls-version", "healthy"]).await;
    let visitor = Visitor::new(&lab);
    for (domain, first, version) in
        [("mx-tls-old-versions.test", 22, 1), ("mx-tls-version.test", 22, 1), ("healthy.test", 21, 1)]
    {
        let mut stream = visitor.connect(&format!("mx1.{domain}"), 25).await.unwrap();
        command(&mut stream, "").await.unwrap();
        command(&mut stream, "EHLO visitor.test").await.unwrap();
        command(&mut stream, "STARTTLS").await.unwrap();
        // ClientHello: TLS 1.0, no session, AES-128-CBC-SHA and SCSV, no compression, no extensions.
        let mut body = vec![3, 1];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0x00, 0x2f, 0x00, 0xff, 1, 0]);
        let mut hello = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
        hello.extend(body);
        stream.write_all(&hello).await.unwrap();
        let mut answer = [0; 11];
        let count = stream.read(&mut answer).await.unwrap();
        assert!(count >= 7, "{domain}: {count}");
        assert_eq!(answer[0], first, "{domain}: {answer:?}");
        if first == 22 {
            assert_eq!((answer[5], answer[9], answer[10]), (2, 3, version), "{domain}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn visits_are_logged_and_answers_delayed() {
    let delay = Duration::from_millis(40);
    let lab = Lab::start(Options { only: vec!["healthy".to_owned()], delay }).await.unwrap();
    let visitor = Visitor::new(&lab);
    let began = Instant::now();
    session(&visitor, "mx1.healthy.test", true).await.unwrap();
    let took = began.elapsed();
    let visits = lab.visits();
    let count = |kind| visits.iter().filter(|visit| visit.kind == kind).count() as u32;
    // A and AAAA; the connection; one flight of TLS 1.3; greeting, EHLO, STARTTLS, EHLO, QUIT.
    let counts =
        (count(VisitKind::Dns), count(VisitKind::Tcp), count(VisitKind::Tls), count(VisitKind::Smtp));
    assert_eq!(counts, (2, 1, 1, 5), "{visits:#?}");
    // All of them one after the other, so that no answer came before its delay.
    assert!(took >= delay * 9, "{took:?}");
    assert!(visits.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert!(
        visits.iter().any(|visit| visit.peer.starts_with("mx1.healthy.test ") && visit.what == "STARTTLS")
    );
}
