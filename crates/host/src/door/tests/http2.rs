use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::*;

async fn client(house: &House, name: &'static str) -> SendRequest<Full<Bytes>> {
    let stream = house.connect_with(name, house.client(&["h2"])).await.expect("a connection");
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn the_same_answers_over_http_2() {
    let house = House::open();
    let mut client = client(&house, HERE).await;
    for (method, host, path, body, status, answer) in [
        ("GET", HERE, "/.well-known/mta-sts.txt", "", 200, Some(POLICY)),
        ("HEAD", HERE, "/.well-known/mta-sts.txt", "", 200, Some("")),
        ("GET", HERE, "/", "", 404, None),
        ("POST", HERE, "/.well-known/mta-sts.txt", "", 405, None),
        ("POST", HERE, "/.well-known/mta-sts.txt", "content", 400, None),
        ("GET", NEIGHBOUR, "/.well-known/mta-sts.txt", "", 421, None),
        ("GET", HERE, "/.well-known/mta-sts.txt", "", 200, Some(POLICY)),
    ] {
        let request = Request::builder().method(method).uri(format!("https://{host}{path}"));
        let request = request.body(Full::new(Bytes::from_static(body.as_bytes()))).expect("a request");
        let response = client.send_request(request).await.expect("an answer");
        let what = format!("{method} {host}{path} {body}");
        assert_eq!(response.status().as_u16(), status, "{what}");
        assert_eq!(response.headers()["content-type"], "text/plain", "{what}");
        if method == "HEAD" {
            assert_eq!(response.headers()["content-length"], POLICY.len().to_string());
        }
        let octets = response.into_body().collect().await.expect("a body").to_bytes();
        if let Some(answer) = answer {
            assert_eq!(octets, answer.as_bytes(), "{what}");
        }
        assert_ne!(octets, POLICY_OF_NEIGHBOUR.as_bytes(), "{what}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_long() {
    let house = House::open();
    let mut client = client(&house, HERE).await;
    let request = Request::builder().uri(format!("https://{HERE}/.well-known/mta-sts.txt"));
    let request = request.header("x", "a".repeat(20_000)).body(Full::new(Bytes::new())).expect("a request");
    // Either side may say so: the client knows the limit from the settings.
    match client.send_request(request).await {
        Ok(response) => assert_eq!(response.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        Err(error) => assert!(!error.is_timeout(), "{error}"),
    }
    assert_eq!(house.door.tally().get(Count::Served), 0);
}
