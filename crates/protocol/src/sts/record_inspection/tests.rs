use super::*;

fn codes(text: &[u8]) -> Vec<&'static str> {
    inspect_record(text).1.into_iter().map(|oddity| oddity.code).collect()
}

#[test]
fn clean_records_have_no_oddities() {
    for text in ["v=STSv1; id=20240101", "v=STSv1;id=a1;", "v=STSv1; id=a ; "] {
        assert!(codes(text.as_bytes()).is_empty(), "{text}");
        assert_eq!(mend_record(text.as_bytes()).as_deref(), Some(text));
    }
}

#[test]
fn slips_are_named_and_mended() {
    for (text, code, mended) in [
        ("v=STSv1 ; id=a1", "blank_before_semicolon", Some("v=STSv1; id=a1")),
        ("v=STSv1; id=2024-01-02T10:20Z", "id_charset", Some("v=STSv1; id=20240102T1020Z")),
        ("v=STSv1; id=\"abc\"", "id_charset", Some("v=STSv1; id=abc")),
        ("v=STSv1; id=a b", "id_charset", Some("v=STSv1; id=ab")),
        ("v=STSv1; id=a x=b", "semicolon_missing", Some("v=STSv1; id=a; x=b")),
        ("v=STSv1; id= a", "blank_around_equals", Some("v=STSv1; id=a")),
        ("v=STSv1; id =a", "blank_around_equals", Some("v=STSv1; id=a")),
        ("v=STSv1; id:a", "colon_for_equals", Some("v=STSv1; id=a")),
        ("v=STSv1; ID=a", "name_case", Some("v=STSv1; id=a")),
        ("v=STSv1; id=a;;", "empty_field", Some("v=STSv1; id=a;")),
        ("v=STSv1; ;id=a", "empty_field", Some("v=STSv1;id=a")),
        ("v=STSv1; id=a ", "trailing_blank", Some("v=STSv1; id=a")),
        ("v=STSv1; id=a\n", "trailing_line_break", Some("v=STSv1; id=a")),
        ("v=STSv1;\u{a0}id=a", "no_break_space", Some("v=STSv1; id=a")),
        ("v=STSv1; id=\u{201c}a\u{201d}", "smart_quote", Some("v=STSv1; id=a")),
        ("v=STSv1; id=a\u{200b}", "zero_width", Some("v=STSv1; id=a")),
        ("v=STSv1; id=a; id=b", "duplicate_id", Some("v=STSv1; id=a;")),
        ("v=STSv1; id=a; v=STSv2", "duplicate_version", Some("v=STSv1; id=a;")),
        ("v=STSv1\\; id=a", "backslash", Some("v=STSv1; id=a")),
        ("v=STSv1, id=a", "comma_delimiter", Some("v=STSv1; id=a")),
        ("v=STSv1 id=a", "semicolon_missing", Some("v=STSv1; id=a")),
        ("V=stsv1; id=a", "version_case", Some("v=STSv1; id=a")),
        ("v= STSv1; id=a", "version_blank", Some("v=STSv1; id=a")),
        ("\u{feff}v=STSv1; id=a", "byte_order_mark", Some("v=STSv1; id=a")),
        (" v=STSv1; id=a", "leading_blank", Some("v=STSv1; id=a")),
        ("\"v=STSv1; id=a\"", "quoted", Some("v=STSv1; id=a")),
        ("id=a; v=STSv1", "version_not_first", Some("v=STSv1; id=a")),
        ("v=STSv1; foo=bar", "id_missing", None),
        ("v=STSv1; id=a; x=b=c", "value_charset", None),
        ("v=STSv1", "version_only", None),
        ("v=STSv2; id=a", "version_unknown", None),
        ("v=spf1 -all", "foreign_record", None),
        ("hello", "not_a_record", None),
        ("", "not_a_record", None),
    ] {
        let found = codes(text.as_bytes());
        assert!(found.contains(&code), "{text}: {found:?}");
        assert_eq!(mend_record(text.as_bytes()).as_deref(), mended, "{text}");
    }
}

#[test]
fn what_senders_ignore_is_noted() {
    let (record, oddities) = inspect_record(b"v=STSv1; id=a; x=1; x=2");
    assert!(record.is_some());
    assert!(oddities.iter().all(|oddity| oddity.weight == Weight::Noted));
    assert_eq!(codes(b"v=STSv1; id=a; x=1; x=2"), ["unknown_field", "duplicate_field"]);
}

#[test]
fn hostile_sizes_stay_bounded() {
    let many = [b"v=STSv1; id=a".as_slice(), &b"; _=".repeat(100_000)].concat();
    assert!(inspect_record(&many).1.len() <= crate::oddity::MAX_ODDITIES + 1);
    assert_eq!(mend_record(&many), None);
}
