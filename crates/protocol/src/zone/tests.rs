use super::*;

fn zone(text: &str) -> Zone {
    read_zone(text.as_bytes(), "")
}

#[test]
fn ordinary_zones_have_no_fault() {
    let text = "\u{feff}$TTL 1d\n$ORIGIN Example.com. ; where\n@ 1h IN SOA ns.a. h.a. (\n 2026010101 2h\n 15m 1w2d\n1h )\n\
        \tIN NS ns1\n\tLOC 52 22 23.000 N 4 53 32.000 E -2.00m\n$GENERATE 1-9 a$ A 192.0.2.$\n@ SPF \"v=spf1 -all\"\n\
        _x._tcp URI 10 1 \"ftp://a.example/\"\nc CERT PGP 0 0 AA==\nd IN 300 TYPE65534 \\# 1 00\n\
        version.bind. CH TXT \"x\"\n_mta-sts CLASS1 300 TXT \"v=STSv1; id=1;\"\n";
    let zone = zone(text);
    assert_eq!(zone.faults, []);
    let [txt] = zone.texts.as_slice() else { panic!("{zone:?}") };
    assert_eq!(txt.owner, "_mta-sts.example.com");
    assert_eq!(txt.octets, b"v=STSv1; id=1;");
}

#[test]
fn faults_are_said_at_their_line_and_reading_goes_on() {
    let good = "_mta-sts.a. 1 TXT \"v=STSv1; id=1;\"\n";
    let long_name = format!("{}. A 192.0.2.1\n", "y".repeat(256));
    let long_string = format!("_mta-sts.b. 1 TXT \"{}\"\n", "$".repeat(256));
    for (bad, at) in [
        ("x 1 IN TXT \"unclosed\n", "\"unclosed"),
        ("x 1 IN TXT ( \"a\"\n", "("),
        ("x 1 IN TXT ( \"a\n \"b\" )\n", "\"a"),
        ("x 1 IN TXT \"a\" )\n", ")"),
        ("x\n", "x"),
        ("x 1 IN \"TXT\" a\n", "\"TXT\""),
        ("$TTL soon\n", "$TTL"),
        ("$ORIGIN\n", "$ORIGIN"),
        ("$WHAT x\n", "$WHAT"),
        ("x TXT\n", "TXT"),
        ("  TXT \"a\"\n", "TXT"),
        (&long_name, "yyy"),
        (&long_string, "$$$"),
        ("x TXT \\#\n", "\\#"),
        ("x TXT \\# two 0161\n", "two"),
        ("x TXT \\# 65536 0161\n", "65536"),
        ("x TXT \\# 2 016\n", "016"),
        ("x TXT \\# 2 01 6x\n", "6x"),
        ("x TXT \\# 3 0161\n", "3 0161"),
        ("x TXT \\# 2 0261\n", "\\# 2"),
        ("x TXT \\# 0\n", "\\# 0"),
    ] {
        let text = format!("{bad}{good}");
        let zone = zone(&text);
        assert_eq!((zone.faults.len(), zone.texts.len()), (1, 1), "{bad}: {zone:?}");
        assert!(text[zone.faults[0].span.start..].starts_with(at), "{bad}: {zone:?}");
    }
}

#[test]
fn octets_know_their_places() {
    let text = "_mta-sts 300 IN TXT ( \"v=STSv1; \" ; a comment\n   \"id=\\\"1\\052\" ) ";
    let zone = zone(text);
    let txt = &zone.texts[0];
    assert_eq!(txt.octets, b"v=STSv1; id=\"1\x34");
    for at in 0..9 {
        assert_eq!(text.as_bytes()[txt.place(at..at + 1).start], txt.octets[at]);
    }
    assert_eq!(&text[txt.place(12..13)], "\\\"");
    assert_eq!(&text[txt.place(14..15)], "\\052");
    assert_eq!(&text[txt.place(99..99)].len(), &0);
    assert!(text[txt.span.clone()].starts_with('"') && text[txt.span.clone()].ends_with('"'));
}

// RFC 3597 §5: the same record in the form that every type has.
#[test]
fn the_generic_form_is_decoded() {
    for (written, octets, place) in [
        ("TXT \\# 15 0e763d53545376313b2069643d313b", "v=STSv1; id=1;", "76"),
        ("TYPE16 \\# 15 ( 0E763D53 ; the version\n 545376313B2069643D313B )", "v=STSv1; id=1;", "76"),
        ("IN TXT \\# 16 08763D53545376313B 06 2069643D313B; all", "v=STSv1; id=1;", "76"),
        ("TXT \\# 1 00", "", ""),
        ("TXT \"\\#\" 1 00", "#100", "\\#"),
        ("TXT \\#1 00", "#100", "\\#"),
    ] {
        let text = format!("_mta-sts.a. {written}\n");
        let zone = zone(&text);
        let [txt] = zone.texts.as_slice() else { panic!("{zone:?}") };
        assert_eq!(String::from_utf8_lossy(&txt.octets), octets, "{written}");
        assert_eq!(&text[txt.place(0..1)], place, "{written}");
        assert!(zone.faults.is_empty() && txt.cut_off.is_none(), "{zone:?}");
    }
}

#[test]
fn records_are_rewritten_within_their_strings() {
    for (old, new, after) in [
        ("\"v=STSv1; \" \"id=1-2;\"", "v=STSv1; id=12;", "\"v=STSv1; \" \"id=12;\""),
        ("\"v=STSv1; i\" \"d=1-2;\"", "v=STSv1; ID=12;", "\"v=STSv1; ID=12;\" "),
        ("\"v=STSv1; id=1\"", "v=STSv1; id=1;", "\"v=STSv1; id=1;\""),
        ("v=STSv1\\; \"id=1-2\"", "v=STSv1; id=12", "v=STSv1\\; \" id=12\""),
        ("\"v=STSv1; id=1\"", "v=STSv1; id=\"1", "\"v=STSv1; id=\\\"1\""),
        ("\"v=STSv1;\" \"\"", "v=STSv1; id=1;", "\"v=STSv1;\" \" id=1;\""),
        ("\\# 14 0d763d53545376313b2069643d31", "v=STSv1; id=1;", "\"v=STSv1; id=1;\"  "),
    ] {
        let text = format!("_mta-sts TXT {old}\n");
        let mut whole = text.clone();
        for (span, written) in zone(&text).texts[0].rewritten(new.as_bytes()).into_iter().rev() {
            whole.replace_range(span, &written);
        }
        assert_eq!(whole, format!("_mta-sts TXT {after}\n"));
        assert_eq!(zone(&whole).texts[0].octets, new.as_bytes());
    }
    let long = format!("_mta-sts TXT \"v=STSv1; {}\"\n", "a".repeat(240));
    let edits = zone(&long).texts[0].rewritten("b".repeat(300).as_bytes());
    assert_eq!(edits[0].1.matches("\" \"").count(), 1);
}

#[test]
fn what_lies_elsewhere_is_noticed() {
    let zone = zone(
        "$INCLUDE other.zone\n_mta-sts.a. CNAME b.\n_smtp._tls.a. TXT v=TLSRPTv1; rua=mailto:x@a\na. TXT \"v=STSv1\"\n",
    );
    assert_eq!((zone.includes.len(), zone.aliases.len(), zone.texts.len()), (1, 1, 2));
    assert!(zone.texts[0].cut_off.is_some() && zone.texts[1].looks_like_sts());
}

#[test]
fn faults_are_bounded() {
    let zone = zone(&"x\n".repeat(3_000));
    assert_eq!((zone.faults.len(), zone.more_faults), (MAX_FAULTS, 2_000));
}
