use super::super::PolicyText;
use super::*;
use crate::MxPatternFault;

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n";

fn defect(text: &str) -> (PolicyDefect, usize, usize) {
    let error = PolicyText::read(text.as_bytes()).expect_err(text);
    (error.defect, error.line, error.column)
}

#[test]
fn a_good_policy_in_many_dresses() {
    for text in [
        GOOD.to_owned(),
        GOOD.replace('\n', "\r\n"),
        GOOD.trim_end().to_owned(),
        GOOD.replace(": ", ":"),
        GOOD.replace(": ", ":\t"),
        GOOD.replace('\n', " \t \r\n"),
        GOOD.replacen('\n', "\r\n", 1),
        GOOD.replace("604800", "0000604800"),
        format!("{GOOD}mode: none\n"),
        format!("{GOOD}mode: bogus\nversion: STSv2\n"),
    ] {
        let read = PolicyText::read(text.as_bytes()).expect(&text);
        assert_eq!(read.policy().to_string(), GOOD);
        assert_eq!(read.bytes(), text.as_bytes());
    }
    let with_more = format!("{GOOD}url: https://a:1/x\nnote: gr\u{fc}\u{df}e 😀\nnote: again\nc1: \u{85}\n");
    let extensions = PolicyText::read(with_more.as_bytes()).expect("valid").policy().extensions.clone();
    assert_eq!(extensions.len(), 3);
    assert_eq!(
        PolicyText::read(b"version: STSv1\nmode: none\nmax_age: 0").expect("none").policy().max_age,
        0
    );
}

#[test]
fn each_defect_at_its_place() {
    use PolicyDefect as P;
    for (text, expected) in [
        ("", (P::Empty, 1, 1)),
        ("  \r\n", (P::Empty, 1, 1)),
        ("\u{feff}version: STSv1", (P::ByteOrderMark, 1, 1)),
        ("version: STSv1\n\nmode: none", (P::BlankLine, 2, 1)),
        ("version: STSv1\n \n", (P::BlankLine, 2, 1)),
        (" version: STSv1", (P::LeadingBlank, 1, 1)),
        ("version: STSv1\r\r\n", (P::StrayCarriageReturn, 1, 15)),
        ("version: STSv1\r", (P::StrayCarriageReturn, 1, 15)),
        ("version: STSv1\u{b}mode: none", (P::Control, 1, 15)),
        ("version: STSv1\nnote: a\tb", (P::Control, 2, 8)),
        ("v=STSv1; id=1", (P::NoColon, 1, 1)),
        ("mode : none", (P::BlankBeforeColon, 1, 5)),
        (": x", (P::NameEmpty, 1, 1)),
        ("_x: x", (P::NameCharset, 1, 1)),
        ("x y: x", (P::NameCharset, 1, 2)),
        ("\u{fc}ber: x", (P::NameCharset, 1, 1)),
        ("note:  ", (P::ValueEmpty, 1, 8)),
        ("version: STSv2", (P::VersionValue, 1, 10)),
        ("version: STSv1", (P::ModeMissing, 1, 15)),
        ("mode: none", (P::VersionMissing, 1, 11)),
        ("mode: Enforce", (P::ModeValue, 1, 7)),
        ("version: STSv1\nmode: none", (P::MaxAgeMissing, 2, 11)),
        ("max_age: -1", (P::MaxAgeValue, 1, 10)),
        ("max_age: 10000000000", (P::MaxAgeValue, 1, 10)),
        ("max_age: 31557601", (P::MaxAgeTooLarge, 1, 10)),
        ("version: STSv1\nmode: testing\nmax_age: 1\n", (P::MxMissing, 4, 1)),
        ("mx: a.*.com", (P::MxValue(MxPatternFault::Wildcard), 1, 7)),
    ] {
        assert_eq!(defect(text), expected, "{text}");
    }
    assert_eq!(PolicyText::read(b"note: gr\xfc").expect_err("latin").defect, P::NotUtf8);
    assert_eq!(defect(&"a".repeat(MAX_POLICY_OCTETS + 1)).0, P::TooLarge);
}

#[test]
fn the_daemon_tolerates_two_slips_and_no_more() {
    let blank = GOOD.replace('\n', "\r\n\r\n");
    assert!(PolicyText::read(blank.as_bytes()).is_err());
    assert_eq!(
        PolicyText::read_tolerantly(blank.as_bytes()).expect("blank lines").policy().to_string(),
        GOOD
    );
    let long = GOOD.replace("604800", "99999999");
    assert_eq!(PolicyText::read_tolerantly(long.as_bytes()).expect("long").policy().max_age, MAX_AGE_LIMIT);
    for bad in [GOOD.replace("enforce", "Enforce"), GOOD.replace(".com", ".com."), format!("{GOOD} x: y\n")] {
        assert!(PolicyText::read_tolerantly(bad.as_bytes()).is_err(), "{bad}");
    }
}
