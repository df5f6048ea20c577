use super::*;

#[test]
fn names_are_brought_to_one_form() {
    for (text, expected) in [
        ("example.com", "example.com"),
        ("EXAMPLE.Com.", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("xn--zz.example", "xn--zz.example"),
        ("ex--ample.com", "ex--ample.com"),
        ("localhost", "localhost"),
        ("1.example", "1.example"),
    ] {
        assert_eq!(Domain::parse(text).map(|d| d.to_string()), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_no_name_is_refused_with_a_mend() {
    for (text, fault, mend) in [
        ("", DomainFault::Empty, None),
        (".", DomainFault::Empty, None),
        ("example.com..", DomainFault::EmptyLabel, None),
        (".example.com", DomainFault::EmptyLabel, None),
        ("a..b", DomainFault::EmptyLabel, None),
        ("-a.example", DomainFault::Hyphen, None),
        ("*", DomainFault::Wildcard, None),
        ("*.example.com", DomainFault::Wildcard, Some("example.com")),
        ("_mta-sts.example.com", DomainFault::Underscore, Some("example.com")),
        ("user@example.com", DomainFault::Mailbox, Some("example.com")),
        ("https://example.com/x", DomainFault::Url, Some("example.com")),
        (" example.com", DomainFault::Blank, Some("example.com")),
        ("192.0.2.1", DomainFault::Address, None),
        ("2001:db8::1", DomainFault::Address, None),
        ("[192.0.2.1]", DomainFault::Address, None),
        ("a\u{202e}b.example", DomainFault::Unseen, Some("ab.example")),
        ("\u{201c}example.com\u{201d}", DomainFault::Pasted, Some("example.com")),
        ("a\u{fffd}b.example", DomainFault::Idna, None),
        ("exa\u{1b}mple.com", DomainFault::Character, None),
    ] {
        let error = Domain::parse(text).expect_err(text);
        assert_eq!((error.fault, error.mend.as_deref()), (fault, mend), "{text}: {error}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    assert_eq!(Domain::parse(&"a".repeat(2000)).expect_err("long").fault, DomainFault::NameTooLong);
}

#[test]
fn family_relations() {
    let name = |text: &str| Domain::parse(text).expect("a name");
    assert!(name("mx.example.com").is_within(&name("example.com")));
    assert!(name("example.com").is_within(&name("example.com")));
    assert!(!name("badexample.com").is_within(&name("example.com")));
    assert_eq!(name("mx.example.com").parent(), Some(name("example.com")));
    assert_eq!(name("com").parent(), None);
    assert_eq!(name("mx.example.com").label_count(), 3);
    assert_eq!(name("xn--bcher-kva.example").to_unicode(), "bücher.example");
    assert_eq!(name("xn--zz.example").to_unicode(), "xn--zz.example");
    assert_eq!(name("example.com").with_label("mta-sts"), Ok(name("mta-sts.example.com")));
}

#[test]
fn serde_reads_only_names() {
    assert_eq!(
        serde_json::to_string(&Domain::parse("A.example").expect("name")).expect("json"),
        "\"a.example\""
    );
    assert!(serde_json::from_str::<Domain>("\"a b\"").is_err());
    assert!(serde_json::from_str::<Domain>("\"a.example\"").is_ok());
}
