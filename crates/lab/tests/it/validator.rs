//! The validator of the `domain` crate in front of a resolver of the lab.

use std::net::SocketAddr;
use std::str::FromStr;

use bytes::Bytes;
use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::dnssec::validator::context::{ValidationContext, ValidationState};
use domain::net::client::dgram_stream;
use domain::net::client::protocol::{TcpConnect, UdpConnect};
use domain::net::client::request::{ComposeRequest, RequestMessage, SendRequest};

type Connection = dgram_stream::Connection<UdpConnect, RequestMessage<Vec<u8>>>;

pub(crate) struct Validator {
    connection: Connection,
    context: ValidationContext<Connection>,
}

impl Validator {
    pub(crate) fn new(resolver: SocketAddr, anchor: &str) -> Self {
        let (connection, transport) =
            dgram_stream::Connection::new(UdpConnect::new(resolver), TcpConnect::new(resolver));
        tokio::spawn(transport.run());
        let anchors = TrustAnchors::from_u8(format!("{anchor}\n").as_bytes()).unwrap();
        Self { context: ValidationContext::new(anchors, connection.clone()), connection }
    }

    /// Asks with RD, CD and DO.
    pub(crate) async fn ask(&self, name: &str, kind: Rtype) -> Message<Bytes> {
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_rd(true);
        message.header_mut().set_cd(true);
        let mut message = message.question();
        message.push((Name::<Vec<u8>>::from_str(name).unwrap(), kind)).unwrap();
        let mut request = RequestMessage::new(message).unwrap();
        request.set_dnssec_ok(true);
        request.set_udp_payload_size(1232);
        self.connection.send_request(request).get_response().await.unwrap()
    }

    /// Asks and validates.
    pub(crate) async fn state(&self, name: &str, kind: Rtype) -> (ValidationState, Rcode, String) {
        let mut message = self.ask(name, kind).await;
        let rcode = message.header().rcode();
        let (state, reason) =
            self.context.validate_msg(&mut message).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        (state, rcode, reason.map(|reason| format!("{reason:?}")).unwrap_or_default())
    }
}
