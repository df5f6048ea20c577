//! Layer 6: the TLSRPT record.

use protocol::observed::{Outcome, Txt};
use protocol::sts::{DaneState, Mode};
use protocol::tlsrpt::{self, Record, RecordError, Rua, RuaTarget};
use protocol::{Oddity, Weight};

use super::record::{failure_words, sentence};
use super::report_target;
use super::wording::OTHER_MAILBOX;
use crate::case::{Case, RecordState, untested};
use crate::draft::{Draft, listed, quoted};

/// Most targets that are pasted: nobody needs more.
const MAX_PASTED: usize = 8;

const REPORTS_LOST: &str = "Senders send no reports, or some of them nowhere: failures stay unseen.";

/// What there is at `_smtp._tls.`.
#[derive(Debug)]
pub(crate) enum TlsrptState {
    /// One valid record.
    Valid { record: Record, oddities: Vec<Oddity> },
    /// Certainly none.
    Absent,
    /// Several.
    Multiple { texts: Vec<String> },
    /// One that breaks the grammar.
    Syntax { text: String, why: String, code: &'static str, oddities: Vec<Oddity>, mended: Option<String> },
    /// The lookup fails, or our own trouble hides it.
    Unknown,
}

impl TlsrptState {
    pub(crate) fn of(case: &Case<'_>) -> Self {
        let texts: Vec<Vec<u8>> = match &case.evidence.tlsrpt.outcome {
            Outcome::Records(records) => records.iter().map(Txt::joined).collect(),
            Outcome::NoData | Outcome::NxDomain => return Self::Absent,
            Outcome::Failed(_) | Outcome::NotTested(_) => return Self::Unknown,
        };
        let lossy = |text: &Vec<u8>| quoted(&String::from_utf8_lossy(text));
        // RFC 8460 §3 (rules 102 to 104)
        match tlsrpt::read_records(&texts) {
            Ok(record) => {
                let text = tlsrpt::selected_record(&texts).unwrap_or_default().to_vec();
                Self::Valid { record, oddities: tlsrpt::inspect_record(&text).1 }
            }
            Err(RecordError::Multiple { .. }) => Self::Multiple {
                texts: texts
                    .iter()
                    .filter(|text| text.starts_with(tlsrpt::RECORD_PREFIX))
                    .map(lossy)
                    .collect(),
            },
            Err(error) => match texts.iter().find(|text| is_attempt(text)) {
                None => Self::Absent,
                Some(text) => {
                    let code = match &error {
                        RecordError::Syntax(error) => error.kind.code(),
                        _ => "version",
                    };
                    Self::Syntax {
                        text: lossy(text),
                        why: error.to_string(),
                        code,
                        oddities: tlsrpt::inspect_record(text).1,
                        mended: tlsrpt::mend_record(text),
                    }
                }
            },
        }
    }
}

/// Whether a text was meant as a TLSRPT record.
fn is_attempt(text: &[u8]) -> bool {
    let head: Vec<u8> = text
        .iter()
        .filter(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\'))
        .take(8)
        .map(u8::to_ascii_lowercase)
        .collect();
    head.starts_with(b"v=tlsrpt")
}

/// The findings on the record and its targets.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    let name = name(case);
    match TlsrptState::of(case) {
        TlsrptState::Unknown => found.extend(dns_failure(case, &name)),
        TlsrptState::Absent if case.takes_no_mail() => {}
        TlsrptState::Absent => found.push(missing(case, name)),
        TlsrptState::Multiple { texts } => {
            let mut draft = Draft::new("tlsrpt_multiple", name.clone())
                .fact(format!(
                    "{} records at {name} begin `v=TLSRPTv1;`; senders accept exactly one.",
                    texts.len()
                ))
                .meaning("Senders act as if there were none, and send no reports.")
                .remedy("Merge them into one; several targets stand in one `rua`, with commas between.")
                .paste(example(case));
            for text in texts {
                draft = draft.evidence("record", text);
            }
            found.push(draft);
        }
        TlsrptState::Syntax { text, why, code, oddities, mended } => {
            let groups = by_code(&oddities, Some((code, &why)));
            found.extend(groups.into_iter().map(|(code, detail, words)| {
                let paste = match &mended {
                    Some(text) => format!("{name}. 3600 IN TXT \"{text}\""),
                    None => example(case),
                };
                Draft::new(code, name.clone())
                    .detail(detail)
                    .fact(format!("The record at {name} is not valid: {}", sentence(&words)))
                    .meaning(REPORTS_LOST)
                    .remedy("Publish the record in this form.")
                    .paste(paste)
                    .evidence("record", &text)
            }));
        }
        TlsrptState::Valid { record, oddities } => {
            found.extend(by_code(&oddities, None).into_iter().map(|(code, detail, words)| {
                Draft::new(code, name.clone())
                    .detail(detail)
                    .fact(format!("The record at {name} has a fault: {}", sentence(&words)))
                    .meaning(REPORTS_LOST)
                    .remedy("Mend or remove that part of the record.")
                    .paste(example(case))
            }));
            found.extend(same_domain(case, &record));
            found.extend(report_target::findings(case));
            found.extend(without_policy(case, &name));
        }
    }
    found
}

fn name(case: &Case<'_>) -> String {
    format!("_smtp._tls.{}", case.evidence.domain)
}

/// A record with the usable targets that are published, or with a mark where one has to be filled in.
pub(crate) fn example(case: &Case<'_>) -> String {
    let mut targets: Vec<String> = Vec::new();
    for text in case.evidence.tlsrpt.records().iter().map(Txt::joined).filter(|text| is_attempt(text)) {
        let text = String::from_utf8_lossy(&text).into_owned();
        let words = text.split([';', ',', '=', ' ', '"']).filter_map(|word| Rua::parse(word.trim()).ok());
        for rua in words.filter(Rua::is_usable) {
            if targets.len() < MAX_PASTED && !targets.iter().any(|known| known == rua.as_str()) {
                targets.push(rua.as_str().to_owned());
            }
        }
    }
    if targets.is_empty() {
        targets.push(OTHER_MAILBOX.to_owned());
    }
    format!("{}. 3600 IN TXT \"v=TLSRPTv1; rua={}\"", name(case), targets.join(","))
}

/// Whether there is one valid record, or our own trouble hides it.
pub(crate) fn is_there(case: &Case<'_>) -> bool {
    matches!(TlsrptState::of(case), TlsrptState::Valid { .. } | TlsrptState::Unknown)
}

/// Groups oddities by the finding that they belong to: code, detail, words. `refused` is the strict reader's reason,
/// which counts when nothing else explains the refusal.
fn by_code(
    oddities: &[Oddity],
    refused: Option<(&'static str, &str)>,
) -> Vec<(&'static str, &'static str, String)> {
    let mut groups: Vec<(&'static str, &'static str, String)> = Vec::new();
    let mut add = |code: &'static str, detail: &'static str, words: &str| {
        if !groups.iter().any(|(known, ..)| *known == code) {
            groups.push((code, detail, quoted(words)));
        }
    };
    for oddity in oddities {
        let code = finding_of(oddity.code);
        let counts = code != "tlsrpt_syntax" || (refused.is_some() && oddity.weight != Weight::Noted);
        if counts {
            add(code, oddity.code, &oddity.text);
        }
    }
    if let Some((code, why)) = refused.filter(|_| groups.is_empty()) {
        groups.push((finding_of(code), code, quoted(why)));
    }
    groups
}

/// The finding that an oddity belongs to (rules 104 to 107).
fn finding_of(oddity: &str) -> &'static str {
    match oddity {
        "rua_http" | "rua_scheme_unknown" | "rua_none_usable" => "tlsrpt_rua_scheme",
        "rua_scheme" | "rua_mailto" | "rua_https" | "rua_domain" | "rua_uri" => "tlsrpt_rua_address",
        "rua_size_suffix" | "mailto_slashes" | "dmarc_field" | "rua_angle_brackets" => {
            "tlsrpt_rua_dmarc_habit"
        }
        _ => "tlsrpt_syntax",
    }
}

fn dns_failure(case: &Case<'_>, name: &str) -> Option<Draft> {
    let Outcome::Failed(failure) = &case.evidence.tlsrpt.outcome else { return None };
    let (detail, fact, remedy) = failure_words(failure);
    Some(
        Draft::new("tlsrpt_dns_failure", name)
            .detail(detail)
            .fact(format!("The TXT lookup for {name} fails: {fact}."))
            .meaning("Senders do not learn where to send reports.")
            .remedy(remedy),
    )
}

fn missing(case: &Case<'_>, name: String) -> Draft {
    let testing = case.used_policy().is_some_and(|policy| policy.mode == Mode::Testing);
    let meaning = match testing {
        // Rule 81
        true => "The policy is in mode testing, and nobody will hear what fails: the test tells nothing.",
        false => "Senders have nowhere to report failed TLS: faults and attacks stay unseen.",
    };
    Draft::new("tlsrpt_missing", name.clone())
        .milder(!testing)
        .fact(format!("There is no TLSRPT record at {name}."))
        .meaning(meaning)
        .remedy("Publish one, with a target outside the domain itself.")
        .paste(example(case))
}

fn same_domain(case: &Case<'_>, record: &Record) -> Option<Draft> {
    let domain = &case.evidence.domain;
    let inside = |rua: &Rua| match rua.target() {
        RuaTarget::Mailto { domain: Ok(target), .. } => target.is_within(domain),
        _ => false,
    };
    let mut usable = record.rua.iter().filter(|rua| rua.is_usable()).peekable();
    let first = (*usable.peek()?).clone();
    // Rule 108, R61, R107: another target outside makes up for it.
    usable.all(inside).then(|| {
        Draft::new("tlsrpt_rua_same_domain", name(case))
            .fact(format!(
                "Reports about {domain} go to {}, a mailbox in {domain} itself.",
                quoted(first.as_str())
            ))
            .meaning("When mail to the domain fails, the reports that say so may fail with it.")
            .remedy("Add a target elsewhere, by mail or by HTTPS.")
            .paste(format!(
                "{}. 3600 IN TXT \"v=TLSRPTv1; rua={},{OTHER_MAILBOX}\"",
                name(case),
                first.as_str()
            ))
    })
}

fn without_policy(case: &Case<'_>, name: &str) -> Option<Draft> {
    // Rule 114. Where DANE was not looked at, nothing is known.
    let known =
        case.hosts.iter().all(|host| host.dane.tested) && untested(&case.evidence.mx.outcome).is_none();
    let dane = case.hosts.iter().any(|host| !matches!(host.dane.state, DaneState::Absent));
    (matches!(case.record, RecordState::Absent) && known && !dane && !case.is_unvalidated()).then(|| {
        Draft::new("tlsrpt_without_policy", name)
            .fact("There is a TLSRPT record, and neither MTA-STS nor DANE.")
            .meaning("Reports will say only that no policy was found.")
            .remedy("A good beginning: publish a policy in mode testing next.")
    })
}

/// One line on the layer.
pub(crate) fn summary(case: &Case<'_>) -> String {
    match TlsrptState::of(case) {
        TlsrptState::Valid { record, .. } => {
            let targets: Vec<&str> = record.rua.iter().map(Rua::as_str).collect();
            format!("reports go to {}", listed(&targets))
        }
        TlsrptState::Absent => "no record".to_owned(),
        TlsrptState::Multiple { texts } => format!("{} records where one is allowed", texts.len()),
        TlsrptState::Syntax { code, .. } => format!("the record is not valid ({code})"),
        TlsrptState::Unknown => match &case.evidence.tlsrpt.outcome {
            Outcome::Failed(failure) => format!("the lookup fails: {}", failure_words(failure).1),
            Outcome::NotTested(why) => format!("not tested, because {}", why.text),
            _ => "unknown".to_owned(),
        },
    }
}
