use super::*;

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n";

fn codes(text: &[u8]) -> Vec<&'static str> {
    inspect_policy(text).1.into_iter().map(|oddity| oddity.code).collect()
}

fn assert_mended(text: &[u8], code: &str, mended: Option<&str>) {
    let shown = String::from_utf8_lossy(text);
    let found = codes(text);
    assert!(found.contains(&code), "{shown:?}: {found:?}");
    assert_eq!(mend_policy(text).as_deref(), mended, "{shown:?}");
}

#[test]
fn a_clean_policy_has_no_oddities() {
    assert!(codes(GOOD.as_bytes()).is_empty());
    assert!(codes(GOOD.replace('\n', " \r\n").as_bytes()).is_empty());
    assert_eq!(mend_policy(GOOD.as_bytes()).as_deref(), Some(GOOD));
}

#[test]
fn slips_that_mend_to_the_good_policy() {
    for (from, to, code) in [
        ("\nmode", "\n\nmode", "blank_line"),
        ("604800\n", "604800\n\n", "blank_line"),
        ("604800\n", "604800\n  ", "blank_line"),
        ("\n", "\r\r\n", "line_ending"),
        ("\n", "\u{b}", "line_ending"),
        ("\n", "\u{2028}", "line_ending"),
        ("604800\n", "604800\n\r", "line_ending"),
        ("version", "\u{feff}version", "byte_order_mark"),
        ("version", " version", "leading_blank"),
        ("mode:", "mode :", "blank_before_colon"),
        ("mode: ", "mode=", "colon_missing"),
        ("mode:", "Mode:", "field_typo"),
        ("max_age", "max-age", "field_typo"),
        ("mx:", "nmx:", "field_typo"),
        ("version:", "v:", "field_typo"),
        ("version: STSv1\n", "", "version_missing"),
        ("STSv1", "stsv1", "version_value"),
        ("STSv1", "\"STSv1\"", "version_value"),
        ("enforce", "Enforce", "mode_value"),
        ("enforce", "\u{a0}enforce", "mode_value"),
        ("604800", "7d", "max_age_value"),
        ("604800", "\"604800\"", "max_age_value"),
        ("604800", "604_800", "max_age_value"),
        ("604800", "604,800", "max_age_value"),
        ("604800", "604 800", "max_age_value"),
        ("604800", "604800.0", "max_age_value"),
        ("604800", "604800;", "max_age_value"),
        ("604800", "604800 # one week", "max_age_value"),
        ("mail.example.com", "mail.example.com.", "mx_trailing_dot"),
        ("mail.example.com", "10 mail.example.com", "mx_preference"),
        ("mail.example.com", "mail.example.com;", "mx_octet"),
        ("mail.example.com", "https://mail.example.com/", "mx_url"),
        ("mail.example.com", "mail\u{200b}.example.com", "zero_width"),
        ("mail.example.com", "\u{ff4d}ail.example.com", "full_width"),
        ("mail.example.com", "\u{201c}mail.example.com\u{201d}", "smart_quote"),
        ("mx: mail", "mx: \nmx: mail", "value_empty"),
        ("mode: enforce\n", "mode: enforce\n# a comment\n", "comment"),
        ("604800\n", "604800\nmode: none\n", "duplicate_field"),
        ("604800\n", "604800\nmode: bogus\n", "duplicate_field"),
    ] {
        assert_mended(GOOD.replace(from, to).as_bytes(), code, Some(GOOD));
    }
    assert_mended(GOOD.replace('\n', "\\n").as_bytes(), "literal_newline", Some(GOOD));
    let utf16: Vec<u8> =
        "\u{feff}".chars().chain(GOOD.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
    assert_mended(&utf16, "utf16", Some(GOOD));
}

#[test]
fn other_mends() {
    for (from, to, code, mended_from, mended_to) in [
        (
            "mail.example.com",
            "b\u{fc}cher.example",
            "mx_not_ascii",
            "mail.example.com",
            "xn--bcher-kva.example",
        ),
        (
            "mail.example.com",
            "a.example, b.example",
            "mx_list",
            "mail.example.com",
            "a.example\nmx: b.example",
        ),
        (
            "mail.example.com",
            "a.example,\n b.example",
            "folded_line",
            "mail.example.com",
            "a.example\nmx: b.example",
        ),
        ("mail.example.com", ".example.com", "mx_leading_dot", "mail.example.com", "*.example.com"),
        ("604800", "99999999", "max_age_too_large", "604800", "31557600"),
        ("604800", "99999999999", "max_age_value", "604800", "31557600"),
        ("enforce", "report", "mode_report", "enforce", "testing"),
    ] {
        assert_mended(GOOD.replace(from, to).as_bytes(), code, Some(&GOOD.replace(mended_from, mended_to)));
    }
    let latin = [GOOD.as_bytes(), b"note: gr\xfc\xdfe\n"].concat();
    assert_mended(&latin, "not_utf8", Some(&format!("{GOOD}note: gr\u{fc}\u{df}e\n")));
    let tab = format!("{GOOD}note: a\tb\n");
    assert_mended(tab.as_bytes(), "tab", Some(&tab.replace('\t', " ")));
}

#[test]
fn what_no_machine_can_mend() {
    for (text, code) in [
        (String::new(), "empty"),
        ("   ".to_owned(), "empty"),
        ("<html></html>".to_owned(), "html"),
        ("{\"version\":\"STSv1\"}".to_owned(), "json"),
        ("v=STSv1; id=1".to_owned(), "dns_record"),
        (GOOD.replace("mode: enforce\n", ""), "mode_missing"),
        (GOOD.replace("max_age: 604800\n", ""), "max_age_missing"),
        (GOOD.replace("mx: mail.example.com\n", ""), "mx_line_missing"),
        (GOOD.replace("enforce", "strict"), "mode_value"),
        (GOOD.replace("604800", "soon"), "max_age_value"),
        (GOOD.replace("604800", "-1"), "max_age_value"),
        (GOOD.replace("mail.", "a.*."), "mx_wildcard"),
        (GOOD.replace("mail.", "mx_1."), "mx_underscore"),
        (GOOD.replace("mail.example.com", "[192.0.2.1]"), "mx_address_literal"),
        (format!("{GOOD}_x: v\n"), "name_charset"),
        (format!("{GOOD}: v\n"), "name_empty"),
        (format!("{GOOD}{}: v\n", "n".repeat(33)), "name_length"),
        (format!("{GOOD}note:\n"), "value_empty"),
        (format!("{GOOD}something\n"), "no_colon"),
        ("x".repeat(MAX_POLICY_OCTETS + 1), "too_large"),
    ] {
        assert!(inspect_policy(text.as_bytes()).0.is_none());
        assert_mended(text.as_bytes(), code, None);
    }
}

#[test]
fn accepted_but_worth_a_word() {
    for (text, code, weight) in [
        (format!("{GOOD}foo: bar\n"), "unknown_field", Weight::Noted),
        (format!("{GOOD}max-age: 1\n"), "field_typo", Weight::Noted),
        (format!("{GOOD}mx: MAIL.example.com\n"), "mx_duplicate", Weight::Noted),
        (format!("{GOOD}mode: enforce\n"), "duplicate_field", Weight::Noted),
        (format!("{GOOD}mode: none\n"), "duplicate_field", Weight::Disputed),
        (format!("{GOOD}mx: 192.0.2.1\n"), "mx_address", Weight::Disputed),
        (format!("{GOOD}mx: ex--ample.com\n"), "mx_reserved_label", Weight::Disputed),
        (format!("{GOOD}note: \u{85}x\n"), "c1_control", Weight::Disputed),
    ] {
        let (policy, oddities) = inspect_policy(text.as_bytes());
        assert!(policy.is_some(), "{text}");
        let mut found =
            oddities.iter().filter(|oddity| oddity.code != "unknown_field" || code == "unknown_field");
        assert_eq!(found.next().map(|oddity| (oddity.code, oddity.weight)), Some((code, weight)), "{text}");
        assert_eq!(found.next(), None, "{text}");
    }
    assert!(codes(b"version: STSv1\nmode: none\nmax_age: 0").is_empty());
}

#[test]
fn spans_point_at_the_slip() {
    let text = GOOD.replace("enforce", "Enforce");
    let (_, oddities) = inspect_policy(text.as_bytes());
    let oddity = oddities.first().expect("one oddity");
    assert_eq!(text.get(oddity.start..oddity.end), Some("Enforce"));
    assert_eq!(oddity.mend.as_deref(), Some("enforce"));
}

#[test]
fn one_slip_is_said_once() {
    for (text, code) in [
        ("version: STSv1\nmode=enforce\nmx: a.example\nmax_age: 86400\n", "colon_missing"),
        ("version: STSv1\nmode none\nmax_age: 86400\n", "colon_missing"),
    ] {
        let codes: Vec<_> = inspect_policy(text.as_bytes()).1.iter().map(|oddity| oddity.code).collect();
        assert_eq!(codes, [code], "{text}");
    }
    let marked = "\u{feff}version: STSv1\nmode: none\nmax_age: 86400\n";
    let codes: Vec<_> = inspect_policy(marked.as_bytes()).1.iter().map(|oddity| oddity.code).collect();
    assert!(codes.len() == 1 && codes[0] != "version_missing", "{codes:?}");
}
