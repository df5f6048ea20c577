//! `--fix`, round trip: what comes out is clean, or what is left is said.

use base64::Engine as _;
use judge::MaxAgeProfile;
use proptest::prelude::*;
use protocol::Weight;
use serde_json::Value;

use super::{Linted, lint_text};
use crate::cli::LintKind;

/// Every text of the vectors, with its kind.
fn texts() -> Vec<(LintKind, Vec<u8>)> {
    let record = |input: &Value| -> Option<Vec<u8>> {
        // Several records or none are a matter of the DNS, not of one text.
        let [Value::Array(strings)] = input["rrs"].as_array()?.as_slice() else { return None };
        Some(strings.iter().filter_map(Value::as_str).collect::<String>().into_bytes())
    };
    let policy = |input: &Value| match (&input["body"], &input["body_b64"]) {
        (Value::String(body), _) => Some(body.clone().into_bytes()),
        (_, Value::String(body)) => base64::engine::general_purpose::STANDARD.decode(body).ok(),
        _ => None,
    };
    let of = |kind: LintKind, file: &str, text: &dyn Fn(&Value) -> Option<Vec<u8>>| {
        let cases: Vec<Value> = serde_json::from_str(file).expect("vectors are JSON");
        cases.iter().filter_map(|case| Some((kind, text(&case["input"])?))).collect::<Vec<_>>()
    };
    let all = [
        of(LintKind::Policy, include_str!("../../../../vectors/policies.json"), &policy),
        of(LintKind::Sts, include_str!("../../../../vectors/records.json"), &record),
        of(LintKind::Tlsrpt, include_str!("../../../../vectors/tlsrpt_records.json"), &record),
    ]
    .concat();
    assert!(all.len() > 220, "{} texts", all.len());
    all
}

/// What must hold of a text and its mended form.
fn round_trip(kind: LintKind, text: &[u8]) -> Result<(), String> {
    let shown = String::from_utf8_lossy(text).into_owned();
    let before = lint_text(kind, text, None, MaxAgeProfile::default());
    let mended = before.mended.clone().unwrap_or_else(|| text.to_vec());
    let after = lint_text(kind, &mended, None, MaxAgeProfile::default());
    let told = format!("{kind:?} {shown:?} → {:?}: {:?}", String::from_utf8_lossy(&mended), after.oddities);
    let has = |linted: &Linted, is: fn(&super::Spotted) -> bool| linted.oddities.iter().any(is);
    let breaks = |linted: &Linted| has(linted, |oddity| oddity.weight == Weight::Breaks);
    // What is only worth knowing is left to the author.
    let unmended = has(&after, |oddity| oddity.mend.is_some() && oddity.weight != Weight::Noted);
    let claims = [
        ("mended again, it changes again", after.mended.is_none()),
        ("something mechanical is left", !unmended),
        ("it is refused, and nothing says why", after.valid || breaks(&after)),
        ("it is accepted, and something says that it is refused", !after.valid || !breaks(&after)),
        ("a good text is mended into a bad one", !before.valid || after.valid),
    ];
    match claims.into_iter().find(|(_, holds)| !holds) {
        Some((broken, _)) => Err(format!("{broken}: {told}")),
        None => Ok(()),
    }
}

#[test]
fn mended_vectors_are_clean_or_say_what_is_left() {
    let broken: Vec<String> =
        texts().iter().filter_map(|(kind, text)| round_trip(*kind, text).err()).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

proptest! {
    #[test]
    fn mended_texts_near_the_vectors_are_clean_or_say_what_is_left(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\t\r\n;:=,é]{0,3}", 0..3_usize), 1..4),
    ) {
        let texts = texts();
        let (kind, mut text) = which.get(&texts).clone();
        for (place, new, gone) in edits {
            let at = place.index(text.len() + 1);
            let end = (at + gone).min(text.len());
            text.splice(at..end, new.into_bytes());
        }
        if let Err(why) = round_trip(kind, &text) {
            return Err(TestCaseError::fail(why));
        }
    }
}
