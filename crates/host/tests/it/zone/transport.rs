//! UDP and TCP on loopback.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use domain::base::iana::{Rcode, Rtype};
use domain::base::{Message, MessageBuilder, Name};
use host::zone::{LimitSettings, Service};

use super::{LABEL, serve, zone};

/// Long enough for any machine; only a fault makes it pass.
const PATIENCE: Duration = Duration::from_secs(20);

fn question(name: &str, rtype: Rtype) -> Vec<u8> {
    let mut message = MessageBuilder::new_vec().question();
    message.header_mut().set_random_id();
    message.push((Name::<Vec<u8>>::vec_from_str(name).expect("a name"), rtype)).expect("room");
    message.finish()
}

fn by_udp(address: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(address).expect("loopback");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

fn receive(socket: &UdpSocket) -> Message<Vec<u8>> {
    let mut octets = vec![0; 4096];
    let length = socket.recv(&mut octets).expect("an answer");
    octets.truncate(length);
    Message::from_octets(octets).expect("a message")
}

fn by_tcp(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("loopback");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn frame(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("short");
    [length.to_be_bytes().as_slice(), message].concat()
}

fn read_frame(stream: &mut TcpStream) -> Message<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("an answer");
    let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut octets).expect("all of it");
    Message::from_octets(octets).expect("a message")
}

#[tokio::test(flavor = "multi_thread")]
async fn both_transports_say_the_same() {
    let zone = zone(Vec::new());
    let (server, address) = serve(&zone, LimitSettings::default());
    let name = Service::Id.name(LABEL, "host.test");
    let asked = question(&name, Rtype::TXT);
    let udp = by_udp(address);
    udp.send(&asked).expect("sent");
    let first = receive(&udp);
    let mut tcp = by_tcp(address);
    // Two questions at once, in pieces: answered in order.
    let other = question("host.test", Rtype::SOA);
    let both = [frame(&asked), frame(&other)].concat();
    for piece in both.chunks(7) {
        tcp.write_all(piece).expect("sent");
    }
    assert_eq!(read_frame(&mut tcp).as_slice(), first.as_slice());
    let second = read_frame(&mut tcp);
    assert_eq!(second.header().id(), Message::from_octets(other).expect("a message").header().id());
    let counts = server.counts();
    assert_eq!((counts.udp, counts.tcp, counts.records), (1, 2, 3));
    server.drain().await;
    assert_eq!(tcp.read(&mut [0; 1]).expect("closed in order"), 0);
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_question_sees_a_change() {
    let zone = zone(Vec::new());
    let (_server, address) = serve(&zone, LimitSettings::NONE);
    let name = Service::Id.name(LABEL, "host.test");
    let udp = by_udp(address);
    for number in 0..200 {
        let hosted = host::zone::Hosted::default().with_announced(&super::record(&format!("n{number}")));
        zone.put(LABEL, hosted).expect("a label");
        udp.send(&question(&name, Rtype::TXT)).expect("sent");
        let answer = receive(&udp);
        let text = format!("id=n{number};");
        assert!(answer.as_slice().windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_question_is_cut_off_and_led_to_tcp() {
    let zone = zone(Vec::new());
    let limits = LimitSettings { same: 1, ..LimitSettings::NONE };
    let (server, address) = serve(&zone, limits);
    let asked = question(&Service::Id.name(LABEL, "host.test"), Rtype::TXT);
    let udp = by_udp(address);
    let (mut whole, mut short) = (0, 0);
    // One after another until the third short answer: the burst is six, and every second answer after it is dropped.
    while short < 3 {
        udp.send(&asked).expect("sent");
        while server.counts().udp < server.counts().limited {
            std::thread::yield_now();
        }
        udp.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        let mut octets = [0; 512];
        if let Ok(length) = udp.recv(&mut octets) {
            let message = Message::from_octets(octets[..length].to_vec()).expect("a message");
            match message.header().tc() {
                true => short += 1,
                false => whole += 1,
            }
        }
        assert!(whole < 50, "no limit");
    }
    let mut tcp = by_tcp(address);
    tcp.write_all(&frame(&asked)).expect("sent");
    assert_eq!(read_frame(&mut tcp).header_counts().ancount(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_connections_are_closed_and_others_go_on() {
    let zone = zone(Vec::new());
    let (server, address) = serve(&zone, LimitSettings::NONE);
    // A message that is longer than any question; one that is an answer; one that is cut off.
    let answer = {
        let mut octets = question("host.test", Rtype::SOA);
        octets[2] |= 0x80;
        octets
    };
    for octets in [vec![0xff, 0xff, 0, 0], frame(&answer)] {
        let mut tcp = by_tcp(address);
        tcp.write_all(&octets).expect("sent");
        assert_eq!(tcp.read(&mut [0; 1]).unwrap_or(0), 0, "closed without an answer");
    }
    let mut half = by_tcp(address);
    half.write_all(&[0, 40, 1, 2]).expect("sent");
    // Idle connections up to the bound of one address; the next one is turned away.
    let mut idle = vec![half];
    while server.counts().turned_away == 0 {
        let mut tcp = by_tcp(address);
        tcp.write_all(&frame(&question("host.test", Rtype::SOA))).ok();
        let mut length = [0; 2];
        if tcp.read_exact(&mut length).is_ok() {
            idle.push(tcp);
        }
        assert!(idle.len() <= 32);
    }
    assert_eq!(idle.len(), 32);
    let udp = by_udp(address);
    udp.send(&question("example.test", Rtype::SOA)).expect("sent");
    assert_eq!(receive(&udp).header().rcode(), Rcode::REFUSED);
}
