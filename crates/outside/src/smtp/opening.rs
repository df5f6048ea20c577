//! From the banner to the moment before the handshake (RFC 5321 §3.1, RFC 3207 §4).

use protocol::observed::{NotTested, NotTestedReason, Octets, Reply, SessionOutcome, Stage};
use tokio::io::{AsyncRead, AsyncWrite};

use super::dialogue::{Dialogue, NoReply};
use super::reply::offers;
use crate::deadline::Deadline;
use crate::net::Slot;

/// What was said in the clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) banner: Option<Reply>,
    pub(super) ehlo: Option<Reply>,
    pub(super) starttls: Option<Reply>,
    pub(super) injected: Option<Octets>,
}

/// Goes as far as STARTTLS. Gives the stream and its slot back when the server is ready for the handshake, else how
/// far it came; in that case leave has been taken.
pub(super) async fn open<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    mut dialogue: Dialogue<'_, S>,
    slot: Slot,
    helo: &str,
    deadline: &Deadline,
) -> (Opening, Result<(S, Slot), SessionOutcome>) {
    let mut opening = Opening::default();
    match speak(&mut dialogue, helo, &mut opening, deadline).await {
        Ok(()) => {
            let (stream, rest) = dialogue.into_parts();
            // RFC 3207 §6, RFC 9325 §3.2 (rule 75): whatever came in the clear after the answer is not to be used.
            opening.injected = (!rest.0.is_empty()).then_some(rest);
            (opening, Ok((stream, slot)))
        }
        Err(outcome) => {
            if !matches!(outcome, SessionOutcome::Closed(_) | SessionOutcome::Protocol { .. }) {
                dialogue.quit(slot).await;
            }
            (opening, Err(outcome))
        }
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    dialogue: &mut Dialogue<'_, S>,
    helo: &str,
    opening: &mut Opening,
    deadline: &Deadline,
) -> Result<(), SessionOutcome> {
    let end = |stage| move |why| outcome(why, stage, deadline);
    let banner = dialogue.reply().await.map_err(end(Stage::Banner))?;
    let code = banner.code;
    opening.banner = Some(banner);
    check(code, Stage::Banner, opening.banner.as_ref())?;

    let ehlo = dialogue.command(&format!("EHLO {helo}")).await.map_err(end(Stage::Ehlo))?;
    let code = ehlo.code;
    opening.ehlo = Some(ehlo);
    // RFC 5321 §4.1.1.1: a server that does not know EHLO knows no extension either.
    if matches!(code, 500 | 502 | 504) {
        return Err(SessionOutcome::NoStarttls);
    }
    check(code, Stage::Ehlo, opening.ehlo.as_ref())?;
    if !opening.ehlo.as_ref().is_some_and(|ehlo| offers(ehlo, "STARTTLS")) {
        return Err(SessionOutcome::NoStarttls);
    }

    let starttls = dialogue.command("STARTTLS").await.map_err(end(Stage::Starttls))?;
    let code = starttls.code;
    opening.starttls = Some(starttls);
    match code {
        220 => Ok(()),
        // 421 closes the channel whatever the command (RFC 5321 §4.2.3): the host is busy, not without TLS.
        421 => Err(put_off(opening.starttls.as_ref(), Stage::Starttls)),
        _ => Err(SessionOutcome::StarttlsRefused),
    }
}

fn check(code: u16, stage: Stage, reply: Option<&Reply>) -> Result<(), SessionOutcome> {
    match code {
        200..300 => Ok(()),
        // RFC 5321 §4.2.1: 4yz may work later. Rule 73: not tested, never a fault.
        400..500 => Err(put_off(reply, stage)),
        500..600 => Err(SessionOutcome::Refused(stage)),
        _ => Err(SessionOutcome::Protocol {
            stage,
            text: format!("an answer with code {code} makes no sense here"),
        }),
    }
}

fn put_off(reply: Option<&Reply>, stage: Stage) -> SessionOutcome {
    let at = match stage {
        Stage::Banner => "its greeting",
        Stage::Ehlo => "its answer to EHLO",
        _ => "its answer to STARTTLS",
    };
    let words = reply.map_or_else(String::new, |reply| {
        let line = reply.lines.first().map(Octets::lossy).unwrap_or_default();
        format!("{} {line}", reply.code)
    });
    SessionOutcome::NotTested(NotTested::new(
        NotTestedReason::PutOff,
        format!("the server asked us to come back later in {at}: \"{}\"", words.trim_end()),
    ))
}

pub(super) fn outcome(why: NoReply, stage: Stage, deadline: &Deadline) -> SessionOutcome {
    match why {
        NoReply::Timeout => SessionOutcome::Timeout(stage),
        NoReply::Closed => SessionOutcome::Closed(stage),
        NoReply::Fault(text) => SessionOutcome::Protocol { stage, text: format!("the server {text}") },
        NoReply::Deadline => SessionOutcome::NotTested(deadline.not_tested()),
    }
}
