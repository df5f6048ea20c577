//! Clients that keep the door waiting. How long the door waits is not measured, only that it does not wait for ever: a
//! test that hangs has failed.

use super::*;

fn impatient() -> House {
    // Long enough for a handshake on a busy machine.
    let short = Duration::from_secs(1);
    let patience = Patience { handshake: short, request: short, ..Patience::default() };
    House::with(DoorSettings { patience, ..settings() }, AccessLog::off())
}

async fn until_closed(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut rest = Vec::new();
    // Closed with an end or a reset.
    let _ = stream.read_to_end(&mut rest).await;
    rest
}

#[tokio::test]
async fn nothing_is_said() {
    let house = impatient();
    for address in [house.https(), house.http()] {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        until_closed(&mut stream).await;
    }
    assert_eq!(house.door.tally().get(Count::TooSlow), 1, "the handshake");
}

#[tokio::test]
async fn a_hello_in_drops() {
    let house = impatient();
    let (mut read, mut write) = TcpStream::connect(house.https()).await.expect("a connection").into_split();
    let drops = tokio::spawn(async move {
        // The beginning of a record with 512 octets that never come to an end.
        let _ = write.write_all(&[22, 3, 1, 2, 0, 1, 0, 1, 252]).await;
        while write.write_all(&[3]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    until_closed(&mut read).await;
    drops.await.expect("no panic");
}

#[tokio::test]
async fn a_head_in_drops() {
    let house = impatient();
    let stream = house.connect(HERE).await.expect("a connection");
    let (mut read, mut write) = tokio::io::split(stream);
    let drops = tokio::spawn(async move {
        let _ = write.write_all(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n").await;
        while write.write_all(b"X: y\r\n").await.is_ok() && write.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let answer = until_closed(&mut read).await;
    assert!(!String::from_utf8_lossy(&answer).contains(" 200 "));
    drops.await.expect("no panic");
    assert_eq!(house.door.tally().get(Count::TooSlow), 1);
}

#[tokio::test]
async fn a_connection_that_is_kept_for_nothing() {
    let house = impatient();
    let mut stream = house.connect(HERE).await.expect("a connection");
    stream.write_all(get(HERE).as_bytes()).await.expect("sent");
    assert!(one_answer(&mut stream).await.ends_with(POLICY));
    until_closed(&mut stream).await;

    // HTTP/2: nothing after the preface, which is RFC 9113 §3.4 and an empty frame of settings.
    let mut stream = house.connect_with(HERE, house.client(&["h2"])).await.expect("a connection");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn a_connection_has_its_time() {
    let patience = Patience { connection: Duration::from_millis(300), ..Patience::default() };
    let house = House::with(DoorSettings { patience, ..settings() }, AccessLog::off());
    let mut stream = house.connect(HERE).await.expect("a connection");
    let mut answers = 0;
    // Busy all the time, and still it ends; kindly, between two requests.
    loop {
        if stream.write_all(get(HERE).as_bytes()).await.is_err() {
            break;
        }
        let mut octets = [0; 4096];
        match stream.read(&mut octets).await {
            Ok(0) | Err(_) => break,
            Ok(_) => answers += 1,
        }
    }
    assert!(answers > 0);
}
