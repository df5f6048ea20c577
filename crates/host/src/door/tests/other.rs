use std::net::IpAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::sync::Semaphore;

use super::*;

/// Gives back what it gets.
pub(super) struct Echo {
    /// Has a permit for each request that has begun.
    pub(super) begun: Arc<Semaphore>,
}

impl Handler for Echo {
    fn handle(&self, request: Request<Incoming>, from: IpAddr) -> Answer {
        self.begun.add_permits(1);
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let body = request
                .into_body()
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            let text = format!("{from} {path} {}", String::from_utf8_lossy(&body));
            Response::new(Full::new(Bytes::from(text)))
        })
    }
}

#[tokio::test]
async fn another_service_shares_the_port() {
    let house = House::open();
    let request = format!(
        "POST /v1/reports HTTP/1.1\r\nHost: {OTHER}\r\nContent-Length: 6\r\nConnection: close\r\n\r\nreport"
    );
    let answer = house.exchange(OTHER, request.as_bytes()).await;
    assert!(answer.ends_with("\r\n\r\n127.0.0.1 /v1/reports report"), "{answer}");
}

#[tokio::test]
async fn a_drain_lets_those_inside_finish() {
    let house = House::open();
    let address = house.https();
    let mut idle = house.connect(HERE).await.expect("a connection");
    idle.write_all(get(HERE).as_bytes()).await.expect("sent");
    one_answer(&mut idle).await;
    let mut busy = house.connect(OTHER).await.expect("a connection");
    let head = format!("POST / HTTP/1.1\r\nHost: {OTHER}\r\nContent-Length: 3\r\n\r\n");
    busy.write_all(head.as_bytes()).await.expect("sent");
    busy.write_all(b"ab").await.expect("sent");
    house.begun.acquire().await.expect("it has begun").forget();

    let drained = tokio::spawn(house.door.drain(Duration::from_secs(60)));
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.expect("closed kindly");
    assert!(rest.is_empty());
    busy.write_all(b"c").await.expect("sent");
    assert!(one_answer(&mut busy).await.ends_with("\r\n\r\n127.0.0.1 / abc"));
    assert!(drained.await.expect("no panic"), "all had finished");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_drain_does_not_wait_for_ever() {
    let house = House::open();
    let mut stuck = house.connect(OTHER).await.expect("a connection");
    let head = format!("POST / HTTP/1.1\r\nHost: {OTHER}\r\nContent-Length: 3\r\n\r\na");
    stuck.write_all(head.as_bytes()).await.expect("sent");
    house.begun.acquire().await.expect("it has begun").forget();
    assert!(!house.door.drain(Duration::from_millis(50)).await);
    let mut rest = Vec::new();
    // Cut off.
    let _ = stuck.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}
