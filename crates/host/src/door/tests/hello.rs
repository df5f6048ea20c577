use rustls::{AlertDescription, Error};

use super::*;

/// The TLS error of a failed handshake.
fn alert(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

#[tokio::test]
async fn names_that_are_not_here() {
    let house = House::open();
    for (name, expected) in [
        ("mta-sts.example.edu", AlertDescription::UnrecognisedName),
        ("example.com", AlertDescription::UnrecognisedName),
        ("x.mta-sts.example.com", AlertDescription::UnrecognisedName),
        // Known, and its certificate is still to come.
        (BARE, AlertDescription::AccessDenied),
    ] {
        let error = house.connect(name).await.expect_err(name);
        assert_eq!(alert(&error), Some(&Error::AlertReceived(expected)), "{name}");
    }
    let mut config = house.client(&[]);
    config.enable_sni = false;
    let error = house.connect_with(HERE, config).await.expect_err("no name");
    assert_eq!(alert(&error), Some(&Error::AlertReceived(AlertDescription::MissingExtension)));
    // RFC 6066 §3: an address is no server name.
    let error = house.connect("127.0.0.1").await.expect_err("an address");
    assert_eq!(alert(&error), Some(&Error::AlertReceived(AlertDescription::MissingExtension)));

    let tally = house.door.tally();
    let counts =
        [Count::Unknown, Count::Nameless, Count::Failed, Count::Greeted].map(|count| tally.get(count));
    assert_eq!(counts, [3, 2, 1, 0]);
}

#[tokio::test]
async fn protocols() {
    let house = House::open();
    for (offered, chosen) in [
        (&[][..], Ok(None)),
        (&["http/1.1"], Ok(Some("http/1.1"))),
        (&["http/1.1", "h2"], Ok(Some("h2"))),
        // RFC 8737 §3: a validation offers its protocol alone.
        (&["acme-tls/1", "http/1.1"], Ok(Some("http/1.1"))),
        (&["spdy/3"], Err(AlertDescription::NoApplicationProtocol)),
    ] {
        match (house.connect_with(HERE, house.client(offered)).await, chosen) {
            (Ok(stream), Ok(chosen)) => {
                assert_eq!(stream.get_ref().1.alpn_protocol(), chosen.map(str::as_bytes), "{offered:?}");
            }
            (Err(error), Err(expected)) => assert_eq!(alert(&error), Some(&Error::AlertReceived(expected))),
            (seen, expected) => panic!("{offered:?}: {seen:?} instead of {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_validation_sees_its_certificate_and_nothing_else() {
    let house = House::open();
    let config = house.client(&["acme-tls/1"]);
    // The special certificate is made out to another name, and the client must say so.
    let error = house.connect_with(HERE, config.clone()).await.expect_err("another name");
    assert!(matches!(alert(&error), Some(Error::InvalidCertificate(_))), "{error}");
    let mut stream = house.connect_with(VALIDATION, config).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"acme-tls/1"[..]));
    let _ = stream.write_all(get(HERE).as_bytes()).await;
    let mut answer = Vec::new();
    // Ends at once, with or without a complaint about what was sent.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    assert_eq!(house.door.tally().get(Count::Served), 0);
}

#[tokio::test]
async fn old_senders_speak_tls_1_2() {
    let house = House::open();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .expect("TLS")
            .with_root_certificates(Arc::clone(&house.roots))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut stream = house.connect_with(HERE, config).await.expect("a connection");
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        stream.write_all(get(HERE).as_bytes()).await.expect("sent");
        assert!(one_answer(&mut stream).await.ends_with(POLICY));
    }
}

#[tokio::test]
async fn what_is_no_hello() {
    let house = House::open();
    let long = [&[22, 3, 1, 0x40, 1][..], &[0; 0x4001]].concat();
    for octets in [
        get(HERE).as_bytes(),
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\xff",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x80\x2e\x01\x00\x02",
        &[0xff; 600],
        &long,
    ] {
        let mut stream = TcpStream::connect(house.https()).await.expect("a connection");
        let _ = stream.write_all(octets).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        // Closed, whether kindly or not, with no more than an alert.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.len() <= 7 && answer.first().is_none_or(|kind| *kind == 21), "{answer:?}");
    }
    assert!(house.connect(HERE).await.is_ok());
}
