//! The state of the `_mta-sts` record.

use protocol::observed::{Answer, DnsFailure, NotTested, Outcome, Txt};
use protocol::sts::{self, Record, RecordError};
use protocol::{Oddity, Weight};

use crate::draft::quoted;

/// What there is at `_mta-sts.`.
#[derive(Debug, Clone)]
pub(crate) enum RecordState {
    /// One valid record. The oddities are those worth saying all the same.
    Valid { record: Record, text: String, oddities: Vec<Oddity> },
    /// Certainly none, and no attempt at one.
    Absent,
    /// Something that was meant as one, and senders find none.
    Faulty(RecordFault),
    /// The lookup fails, by no fault of ours.
    Failed(DnsFailure),
    /// Our own trouble.
    NotTested(NotTested),
}

/// Why a record that was meant does not count.
#[derive(Debug, Clone)]
pub(crate) enum RecordFault {
    /// Several.
    Multiple { texts: Vec<String> },
    /// One that breaks the grammar.
    Syntax { text: String, detail: String, why: String, oddities: Vec<Oddity>, mended: Option<String> },
    /// A CNAME that leads nowhere.
    Dangling { target: String },
}

impl RecordState {
    pub(crate) fn of(answer: &Answer<Txt>) -> Self {
        match &answer.outcome {
            Outcome::NotTested(why) => Self::NotTested(why.clone()),
            Outcome::Failed(failure) => Self::Failed(failure.clone()),
            Outcome::NoData | Outcome::NxDomain => match answer.aliases.last() {
                Some(target) => Self::Faulty(RecordFault::Dangling { target: quoted(target) }),
                None => Self::Absent,
            },
            Outcome::Records(records) => of_texts(&records.iter().map(Txt::joined).collect::<Vec<_>>()),
        }
    }

    pub(crate) const fn is_valid(&self) -> bool {
        matches!(self, Self::Valid { .. })
    }

    /// The id, when there is one valid record.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Valid { record, .. } => Some(&record.id),
            _ => None,
        }
    }
}

fn of_texts(texts: &[Vec<u8>]) -> RecordState {
    // RFC 8461 §3.1 (rules 3 to 5)
    match sts::read_records(texts) {
        Ok(record) => {
            let text = sts::selected_record(texts).unwrap_or_default().to_vec();
            let (_, oddities) = sts::inspect_record(&text);
            RecordState::Valid { record, text: lossy(&text), oddities }
        }
        Err(RecordError::Multiple { .. }) => RecordState::Faulty(RecordFault::Multiple {
            texts: texts
                .iter()
                .filter(|text| text.starts_with(sts::RECORD_PREFIX))
                .map(|t| lossy(t))
                .collect(),
        }),
        Err(error) => match texts.iter().find(|text| is_attempt(text)) {
            None => RecordState::Absent,
            Some(text) => faulty(text, &error),
        },
    }
}

fn faulty(text: &[u8], error: &RecordError) -> RecordState {
    let (_, oddities) = sts::inspect_record(text);
    let mended = sts::mend_record(text);
    let breaking = oddities.iter().find(|oddity| oddity.weight == Weight::Breaks);
    let disputed = oddities.iter().find(|oddity| oddity.weight == Weight::Disputed);
    // Only disputed points: some senders take the record as its mended form reads (rules 7 and 12).
    if let (None, Some(_), Some(Ok(record))) =
        (breaking, disputed, mended.as_ref().map(|text| sts::read_records(&[text])))
    {
        return RecordState::Valid { record, text: lossy(text), oddities };
    }
    let (detail, why) = match (breaking.or(disputed), error) {
        (Some(oddity), _) => (oddity.code.to_owned(), quoted(&oddity.text)),
        (None, RecordError::Syntax(error)) => (error.kind.code().to_owned(), error.to_string()),
        (None, _) => ("version".to_owned(), "a record must begin with exactly `v=STSv1;`".to_owned()),
    };
    RecordState::Faulty(RecordFault::Syntax { text: lossy(text), detail, why, oddities, mended })
}

/// Whether a text was meant as an MTA-STS record.
pub(crate) fn is_attempt(text: &[u8]) -> bool {
    let head: Vec<u8> = text
        .iter()
        .filter(|b| b.is_ascii_graphic())
        .filter(|b| !matches!(b, b'"' | b'\'' | b'\\'))
        .take(8)
        .map(u8::to_ascii_lowercase)
        .collect();
    head.starts_with(b"v=stsv") || head.starts_with(b"v:stsv") || head.starts_with(b"v=mtasts")
}

fn lossy(text: &[u8]) -> String {
    quoted(&String::from_utf8_lossy(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(texts: &[&str]) -> RecordState {
        of_texts(&texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn attempts_are_no_absence() {
        assert!(matches!(state(&[]), RecordState::Absent));
        assert!(matches!(state(&["v=spf1 -all"]), RecordState::Absent));
        assert!(matches!(state(&["v=STSv1; id=1;"]), RecordState::Valid { .. }));
        for text in ["v=STSv1", "v=stsv1; id=1", " v=STSv1; id=1", "\"v=STSv1; id=1\"", "v=STSv2; id=1"] {
            assert!(matches!(state(&[text]), RecordState::Faulty(RecordFault::Syntax { .. })), "{text}");
        }
        assert!(matches!(
            state(&["v=STSv1; id=1", "v=STSv1; id=2"]),
            RecordState::Faulty(RecordFault::Multiple { .. })
        ));
    }
}
