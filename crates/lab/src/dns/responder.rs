//! Turns a query message into an answer message, as a recursive resolver or as an authoritative server.

use std::collections::HashMap;
use std::sync::Arc;

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use super::answer::{Next, Reply};
use super::fault::{Fault, FaultRule};
use super::zone::Zone;

/// Aliases followed before a resolver gives up with SERVFAIL; well-known resolvers allow 8 to 17.
const MAX_ALIASES: usize = 12;
/// What a server lets a UDP answer grow to (the value agreed on "DNS flag day 2020"), in octets.
const MAX_UDP: u16 = 1232;
/// UDP answers to clients that speak no EDNS (RFC 1035 §4.2.1), in octets.
const PLAIN_UDP: u16 = 512;

/// In which way the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Follows aliases through all zones and assembles one answer.
    Recursive,
    /// Answers from its own zones only, refers to children, sets AA.
    Authoritative,
}

/// Over what the question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
}

/// What to do with a query.
#[derive(Debug)]
pub(crate) enum Response {
    /// Send these octets.
    Send(Vec<u8>),
    /// Say nothing.
    Silence,
    /// Close the connection (over UDP: say nothing).
    Close,
}

/// A question in words, and what its answer gives away.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) question: String,
    pub(crate) told: Vec<String>,
}

/// The zones that one server answers from, and its faults.
pub(crate) struct Responder {
    role: Role,
    zones: HashMap<Name, Arc<Zone>>,
    faults: Vec<FaultRule>,
}

impl Responder {
    pub(crate) fn new(
        role: Role,
        zones: impl IntoIterator<Item = Arc<Zone>>,
        faults: Vec<FaultRule>,
    ) -> Self {
        Self { role, zones: zones.into_iter().map(|zone| (zone.apex.clone(), zone)).collect(), faults }
    }

    /// Reads a query and makes the answer. Also returns the question in words, for the log of visits, and the
    /// names and addresses that the answer gives away.
    pub(crate) fn respond(&self, octets: &[u8], transport: Transport) -> (Option<Asked>, Response) {
        let Ok(request) = Message::from_vec(octets) else { return (None, Response::Silence) };
        let Some(query) = request.queries.first() else { return (None, Response::Silence) };
        if request.metadata.message_type != MessageType::Query {
            return (None, Response::Silence);
        }
        let question = format!("{} {}", query.name().to_ascii(), query.query_type());
        let response = self.respond_to(&request, query, transport);
        let told = match &response {
            Response::Send(answer) => told(answer),
            Response::Silence | Response::Close => Vec::new(),
        };
        (Some(Asked { question, told }), response)
    }

    fn respond_to(&self, request: &Message, query: &Query, transport: Transport) -> Response {
        let name = query.name().to_lowercase();
        let kind = query.query_type();
        let mut message = Message::response(request.metadata.id, request.metadata.op_code);
        message.metadata.recursion_desired = request.metadata.recursion_desired;
        message.metadata.recursion_available = self.role == Role::Recursive;
        message.metadata.checking_disabled = request.metadata.checking_disabled;
        message.add_query(query.clone());
        let proofs_wanted = request.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
        if request.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(MAX_UDP).set_dnssec_ok(proofs_wanted);
            message.set_edns(edns);
        }
        let fault = self.faults.iter().find(|rule| rule.applies(&name, kind)).map(|rule| rule.fault);
        match fault {
            Some(Fault::Drop) => return Response::Silence,
            Some(Fault::Garbage) => return Response::Send(vec![0xff; 40]),
            Some(Fault::Servfail) => {
                message.metadata.response_code = ResponseCode::ServFail;
                return send(&message);
            }
            Some(Fault::Refused) => {
                message.metadata.response_code = ResponseCode::Refused;
                return send(&message);
            }
            Some(Fault::TruncateOnly) if transport == Transport::Tcp => return Response::Close,
            Some(Fault::Truncate | Fault::TruncateOnly) if transport == Transport::Udp => {
                message.metadata.truncation = true;
                return send(&message);
            }
            Some(Fault::WrongId) => message.metadata.id = request.metadata.id.wrapping_add(1),
            _ => {}
        }
        let reply = self.reply(&name, kind);
        message.metadata.authoritative =
            self.role == Role::Authoritative && reply.code != ResponseCode::Refused;
        message.metadata.response_code = reply.code;
        message.add_answers(reply.answers);
        message.add_authorities(reply.authorities);
        let message = message.maybe_strip_dnssec_records(proofs_wanted);
        let Response::Send(octets) = send(&message) else { return Response::Silence };
        let most = match request.edns.as_ref() {
            Some(edns) => edns.max_payload().clamp(PLAIN_UDP, MAX_UDP),
            None => PLAIN_UDP,
        };
        if transport == Transport::Udp && octets.len() > usize::from(most) {
            let mut short = message;
            short.metadata.truncation = true;
            short.answers.clear();
            short.authorities.clear();
            return send(&short);
        }
        // What fits no message at all (RFC 1035 §4.2.2: 65535 octets) cannot be answered.
        let counted: Option<[u8; 2]> = octets.get(6..8).and_then(|count| count.try_into().ok());
        let sent = counted.map(|count| usize::from(u16::from_be_bytes(count)));
        if sent != Some(message.answers.len()) {
            let mut failed = Message::response(request.metadata.id, request.metadata.op_code);
            failed.metadata.response_code = ResponseCode::ServFail;
            failed.add_query(query.clone());
            return send(&failed);
        }
        Response::Send(octets)
    }

    fn reply(&self, name: &Name, kind: RecordType) -> Reply {
        let mut reply = Reply::default();
        let mut name = name.clone();
        for _ in 0..MAX_ALIASES {
            let Some(zone) = self.zone_for(&name, kind) else {
                reply.code = ResponseCode::Refused;
                return reply;
            };
            match zone.answer(&name, kind, self.role == Role::Authoritative, &mut reply) {
                Next::Done => return reply,
                Next::Alias(target) => {
                    let seen = reply.answers.iter().any(|record| record.name == target);
                    let ours = self.role == Role::Recursive || self.zone_for(&target, kind).is_some();
                    if seen || !ours {
                        return reply;
                    }
                    name = target;
                }
            }
        }
        Reply { code: ResponseCode::ServFail, ..Reply::default() }
    }

    /// The closest zone; the parent's for a DS question about a zone's own name (RFC 4035 §3.1.4.1).
    fn zone_for(&self, name: &Name, kind: RecordType) -> Option<&Arc<Zone>> {
        let mut at = if kind == RecordType::DS && !name.is_root() { name.base_name() } else { name.clone() };
        loop {
            if let Some(zone) = self.zones.get(&at) {
                return Some(zone);
            }
            if at.is_root() {
                return None;
            }
            at = at.base_name();
        }
    }
}

/// The data of the answer's records, as text, without signatures and proofs; bounded, since it is only for the log.
fn told(answer: &[u8]) -> Vec<String> {
    const MOST: usize = 64;
    let Ok(message) = Message::from_vec(answer) else { return Vec::new() };
    let told = message.answers.iter().filter(|record| {
        matches!(
            record.record_type(),
            RecordType::A
                | RecordType::AAAA
                | RecordType::CNAME
                | RecordType::MX
                | RecordType::NS
                | RecordType::TXT
        )
    });
    told.take(MOST).map(|record| record.data.to_string().to_ascii_lowercase()).collect()
}

fn send(message: &Message) -> Response {
    message.to_vec().map_or(Response::Silence, Response::Send)
}
