use super::*;

async fn is_let_in(house: &House) -> bool {
    house.connect(HERE).await.is_ok()
}

#[tokio::test]
async fn an_address_has_its_share() {
    let house = House::with(DoorSettings { connections_per_address: 3, ..settings() }, AccessLog::off());
    let mut inside = Vec::new();
    for _ in 0..3 {
        inside.push(house.connect(HERE).await.expect("room"));
    }
    assert!(!is_let_in(&house).await);
    assert_eq!(house.door.tally().get(Count::TooMany), 1);
    // Another address has a share of its own.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, 2], 0))).expect("bound");
    let stream = socket.connect(house.https()).await.expect("a connection");
    let name = ServerName::try_from(HERE).expect("a name");
    let connector = TlsConnector::from(Arc::new(house.client(&[])));
    let _other = connector.connect(name, stream).await.expect("a handshake");

    inside.pop();
    // The place is free as soon as the door has noticed.
    while !is_let_in(&house).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn idle_ones_do_not_keep_others_out() {
    // Two descriptors each, within what a process usually may have.
    const IDLE: usize = 200;
    let house = House::with(DoorSettings { connections_per_address: 1000, ..settings() }, AccessLog::off());
    let mut idle = Vec::new();
    for number in 0..IDLE {
        // Before and after the handshake.
        if number % 2 == 0 {
            idle.push((Some(TcpStream::connect(house.https()).await.expect("a connection")), None));
        } else {
            idle.push((None, Some(house.connect(HERE).await.expect("a connection"))));
        }
    }
    let mut stream = house.connect(HERE).await.expect("a connection");
    stream.write_all(get(HERE).as_bytes()).await.expect("sent");
    assert!(one_answer(&mut stream).await.ends_with(POLICY));
}

#[tokio::test]
async fn a_full_house_takes_the_next_one_when_another_leaves() {
    // Long enough for the third to be served on a busy machine.
    let short = Duration::from_secs(2);
    let patience = Patience { handshake: short, request: short, ..Patience::default() };
    let house = House::with(DoorSettings { connections: 2, patience, ..settings() }, AccessLog::off());
    let _first = TcpStream::connect(house.https()).await.expect("a connection");
    let _second = TcpStream::connect(house.https()).await.expect("a connection");
    while house.door.tally().get(Count::Admitted) < 2 {
        tokio::task::yield_now().await;
    }
    // Waits in the system's queue, and is served once the silent ones have been shown out.
    let mut third = house.connect(HERE).await.expect("a connection");
    third.write_all(get(HERE).as_bytes()).await.expect("sent");
    assert!(one_answer(&mut third).await.ends_with(POLICY));
    // The other silent one may leave a moment after the first.
    while house.door.tally().get(Count::TooSlow) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.door.tally().get(Count::TooSlow), 2);
}

#[tokio::test]
async fn a_port_has_one_door() {
    let house = House::open();
    let taken = DoorSettings::at(vec![house.https()], Vec::new());
    let interior = house.door.shared.interior.clone();
    let fault = Door::open(taken, interior).expect_err("the port is taken");
    let DoorFault::Listen { address, error } = &fault else { panic!("{fault}") };
    assert_eq!((*address, error.kind()), (house.https(), io::ErrorKind::AddrInUse));
    assert!(fault.to_string().contains("another program listens there"), "{fault}");
    assert!(is_let_in(&house).await);
}

#[tokio::test]
async fn a_door_that_is_dropped_is_closed() {
    let house = House::open();
    let address = house.https();
    let mut inside = house.connect(HERE).await.expect("a connection");
    drop(house);
    let mut rest = Vec::new();
    let _ = inside.read_to_end(&mut rest).await;
    // The threads close their sockets one after the other.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
