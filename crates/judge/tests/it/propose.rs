//! Proposals: what is proposed from live MX records, and what is refused.

use judge::MaxAgeProfile;
use judge::propose::*;
use proptest::prelude::*;
use protocol::observed::*;
use protocol::sts::{Mode, PolicyText, inspect_policy, inspect_record, read_records};
use protocol::{Domain, MxPattern, tlsrpt};

use crate::healthy::*;

fn with_mx(hosts: &[&str]) -> Setup {
    let mut setup = healthy();
    setup.no_record();
    let all = hosts.iter().enumerate().map(|(n, name)| mx(u16::try_from(n).unwrap_or(0), name)).collect();
    setup.evidence.mx = records("example.com", "MX", all);
    setup
}

fn proposed(setup: &Setup, wish: &Wish) -> Result<Proposal, ProposalRefused> {
    propose(&setup.evidence.domain, Some(&setup.evidence), wish, setup.now)
}

fn values(proposal: &Proposal) -> Vec<&str> {
    proposal.patterns.iter().map(|named| named.pattern.as_str()).collect()
}

fn codes(proposal: &Proposal) -> Vec<&str> {
    proposal.notes.iter().map(|note| note.code).collect()
}

fn targets(text: &str) -> Vec<Target> {
    Target::parse_list(text).unwrap()
}

/// Whatever is proposed is read by the strict readers, without any oddity, and covers what it was made from.
fn sound(proposal: &Proposal) {
    let text = proposal.policy.bytes();
    let read = PolicyText::read(text).unwrap();
    let odd = inspect_policy(text).1.len();
    let noted = proposal.notes.iter().filter(|note| note.code == "mx_disputed").count();
    assert_eq!(odd, noted, "{}", proposal.policy.as_str());
    for host in &proposal.hosts {
        assert!(read.policy().mx.iter().any(|pattern| pattern.matches(host)), "{host}");
    }
    assert_eq!(read_records(&[&proposal.sts_record]).unwrap().id, proposal.id);
    assert_eq!(inspect_record(proposal.sts_record.as_bytes()).1, []);
    if let Some(record) = &proposal.tlsrpt_record {
        assert_eq!(tlsrpt::inspect_record(record.as_bytes()).1, []);
    }
    for note in &proposal.notes {
        assert!(judge::explain(note.page).is_some(), "{} has no page {}", note.code, note.page);
        assert!(
            note.text.ends_with('.') || note.text.contains("mailto:") || note.text.contains("rua"),
            "{}",
            note.text
        );
    }
}

#[test]
fn every_preset_gives_a_sound_policy() {
    for preset in PRESETS {
        for family in preset.families {
            for mode in [Mode::Testing, Mode::Enforce, Mode::None] {
                let wish = Wish { mode, targets: targets("mailto:t@reports.example"), ..Wish::default() };
                let proposal = proposed(&with_mx(family.known), &wish).unwrap();
                sound(&proposal);
                assert_eq!(inspect_policy(proposal.policy.bytes()).1, []);
                assert_eq!(proposal.preset.map(|preset| preset.name), Some(preset.name), "{}", family.name);
                assert_eq!(proposal.trap, preset.trap);
                // None of them is what `check` calls too wide.
                let mut setup = with_mx(family.known);
                setup.record(&[RECORD]);
                setup.policy(proposal.policy.as_str());
                let found = judge::assess(
                    &setup.evidence,
                    &setup.history,
                    setup.now,
                    &judge::SeverityProfile::default(),
                );
                let of_policy = found.findings.iter().filter(|finding| finding.layer == judge::Layer::Policy);
                let codes: Vec<&str> = of_policy.map(|finding| finding.code).collect();
                assert!(
                    codes.iter().all(|code| ["mta_sts_mode_testing", "mta_sts_mode_none"].contains(code)),
                    "{codes:?}"
                );
            }
        }
    }
}

#[test]
fn patterns_say_where_they_come_from() {
    let google = ["aspmx.l.google.com", "alt1.aspmx.l.google.com"];
    let proposal = proposed(&with_mx(&google), &Wish::default()).unwrap();
    assert_eq!(values(&proposal), ["aspmx.l.google.com", "*.aspmx.l.google.com"]);
    assert!(proposal.patterns.iter().all(|named| named.origin.as_str() == "google"));
    // One host more than the preset knows, and the hosts are named themselves.
    let proposal = proposed(&with_mx(&[google[0], google[1], "mx.example.com"]), &Wish::default()).unwrap();
    assert_eq!(values(&proposal), ["aspmx.l.google.com", "alt1.aspmx.l.google.com", "mx.example.com"]);
    assert!(proposal.patterns.iter().all(|named| named.origin.as_str() == "exact"));
    assert!(proposal.preset.is_none() && proposal.trap.contains("Backup"));
    // A gateway's hosts stand as they are, and its trap is told.
    let proposal = proposed(&with_mx(&["mx.example.com.cust.a.hostedemail.com"]), &Wish::default()).unwrap();
    assert_eq!(values(&proposal), ["mx.example.com.cust.a.hostedemail.com"]);
    assert_eq!((proposal.patterns[0].origin.as_str(), proposal.preset.unwrap().name), ("exact", "gateway"));
    let mx =
        ["MX.example.net", "mx.example.net", "*.example.org"].map(|text| MxPattern::parse(text).unwrap());
    let given =
        propose(&domain("example.com"), None, &Wish { mx: mx.into(), ..Wish::default() }, at(NOW)).unwrap();
    assert_eq!(
        given.policy.as_str(),
        "version: STSv1\nmode: testing\nmx: mx.example.net\nmx: *.example.org\nmax_age: 86400\n"
    );
    assert_eq!(given.patterns[0].origin.as_str(), "given");
    sound(&given);
}

#[test]
fn the_usual_proposal() {
    let setup = with_mx(&["mx1.example.com"]);
    let wish = Wish { targets: targets("mailto:t@reports.example"), ..Wish::default() };
    let proposal = proposed(&setup, &wish).unwrap();
    assert_eq!(
        proposal.policy.as_str(),
        "version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 86400\n"
    );
    let lines: Vec<String> = proposal.records.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "_mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20260701T120000Z;\"",
            "_smtp._tls.example.com. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:t@reports.example;\"",
        ]
    );
    assert_eq!(proposal.policy_url(), "https://mta-sts.example.com/.well-known/mta-sts.txt");
    assert_eq!(proposal.change, Change::First);
}

#[test]
fn max_age_by_mode_and_at_the_bounds() {
    let setup = with_mx(&["mx1.example.com"]);
    for (mode, max_age, used, note) in [
        (Mode::Testing, None, 86_400, None),
        (Mode::None, None, 86_400, None),
        (Mode::Enforce, None, 604_800, None),
        (Mode::Testing, Some(86_399), 86_399, Some("max_age_short")),
        (Mode::Testing, Some(86_400), 86_400, None),
        (Mode::Enforce, Some(86_399), 86_399, Some("max_age_short")),
        (Mode::Enforce, Some(604_799), 604_799, Some("max_age_short")),
        (Mode::Enforce, Some(604_800), 604_800, None),
        (Mode::Enforce, Some(31_536_000), 31_536_000, Some("max_age_very_long")),
        (Mode::Enforce, Some(31_557_600), 31_557_600, Some("max_age_very_long")),
    ] {
        let proposal = proposed(&setup, &Wish { mode, max_age, ..Wish::default() }).unwrap();
        assert_eq!(proposal.policy.policy().max_age, used);
        let found = codes(&proposal).into_iter().find(|code| code.starts_with("max_age"));
        assert_eq!(found, note, "{mode} {max_age:?}");
    }
    for (max_age_profile, mode, used) in [
        (MaxAgeProfile::Ncsc, Mode::Enforce, 1_209_600),
        (MaxAgeProfile::Ncsc, Mode::Testing, 86_400),
        (MaxAgeProfile::Rfc, Mode::Testing, 1_209_600),
        (MaxAgeProfile::Rfc, Mode::None, 86_400),
    ] {
        let proposal = proposed(&setup, &Wish { mode, max_age_profile, ..Wish::default() }).unwrap();
        assert_eq!(proposal.policy.policy().max_age, used);
        assert!(!codes(&proposal).iter().any(|code| code.starts_with("max_age")));
    }
    let refused = proposed(&setup, &Wish { max_age: Some(31_557_601), ..Wish::default() }).unwrap_err();
    assert!(refused.is_wish() && refused.to_string().contains("31557600"), "{refused}");
}

#[test]
fn domains_without_mail_hosts_are_refused_with_the_reason() {
    let refused = |outcome: Outcome<MxRecord>| {
        let mut setup = healthy();
        setup.evidence.mx = secure("example.com", "MX", outcome);
        proposed(&setup, &Wish::default()).unwrap_err()
    };
    for (outcome, words, ours) in [
        (Outcome::Records(vec![mx(0, "")]), "null MX", false),
        (Outcome::NoData, "no MX records", false),
        (Outcome::NxDomain, "does not exist", false),
        (Outcome::Failed(DnsFailure::ServFail), "SERVFAIL", false),
        (
            Outcome::NotTested(NotTested::new(NotTestedReason::ResolverDown, "the resolver is down")),
            "the resolver is down",
            true,
        ),
        (Outcome::Records(vec![mx(1, "mx.example.com"), mx(2, "192.0.2.1")]), "192.0.2.1", false),
        (Outcome::Records(vec![mx(1, "under_score.example.com")]), "under_score", false),
        (Outcome::Records((0..501).map(|n| mx(n, &format!("m{n}.example.com"))).collect()), "501 MX", false),
    ] {
        let refused = refused(outcome);
        assert!(refused.to_string().contains(words) && refused.is_ours() == ours, "{words}: {refused}");
        assert!(!refused.is_wish());
    }
    let offline = propose(&domain("example.com"), None, &Wish::default(), at(NOW)).unwrap_err();
    assert!(offline.to_string().contains("--mx"), "{offline}");
    let address = Wish { mx: vec![MxPattern::parse("192.0.2.1").unwrap()], ..Wish::default() };
    assert!(propose(&domain("example.com"), None, &address, at(NOW)).unwrap_err().is_wish());
}

#[test]
fn a_policy_is_withdrawn_whatever_became_of_the_hosts() {
    let mut setup = healthy();
    setup.evidence.mx = records("example.com", "MX", vec![mx(0, "")]);
    let proposal = proposed(&setup, &Wish { mode: Mode::None, ..Wish::default() }).unwrap();
    assert_eq!(proposal.policy.as_str(), "version: STSv1\nmode: none\nmax_age: 86400\n");
    assert!(codes(&proposal).contains(&"mode_none"));
    sound(&proposal);
}

#[test]
fn the_id_differs_from_the_one_in_use() {
    let setup = healthy();
    let in_use = "20260601T120000Z".to_owned();
    let proposal = proposed(&setup, &Wish::default()).unwrap();
    assert_eq!(proposal.change, Change::Changed { previous: in_use.clone() });
    assert_eq!(proposal.id, "20260701T120000Z");
    let id = |id: IdWish| proposed(&setup, &Wish { id, ..Wish::default() });
    assert_eq!(id(IdWish::Given("x7".to_owned())).unwrap().id, "x7");
    let refused = id(IdWish::Given(in_use)).unwrap_err();
    assert!(refused.is_wish() && refused.to_string().contains("the id in use"), "{refused}");
    assert_eq!(id(IdWish::Made(IdStrategy::Counter)).unwrap().id, "20260601T120000Z1");
    let counted =
        Wish { id: IdWish::Made(IdStrategy::Counter), previous_id: Some("41".to_owned()), ..Wish::default() };
    assert_eq!(proposed(&setup, &counted).unwrap().id, "42");
    let dated = id(IdWish::Given("20260701".to_owned())).unwrap();
    assert!(codes(&dated).contains(&"id_day_granularity"));
}

#[test]
fn a_policy_that_says_the_same_keeps_its_id_and_its_octets() {
    let mut setup = healthy();
    // Other line ends and another order: the same to senders.
    let served = "version: STSv1\r\nmode: enforce\r\nmx: MX2.example.com\r\nmx: mx1.example.com\r\nmax_age: 2419200\r\n";
    setup.policy(served);
    let wish = Wish { mode: Mode::Enforce, max_age: Some(2_419_200), ..Wish::default() };
    for id in [
        IdWish::Made(IdStrategy::Timestamp),
        IdWish::Made(IdStrategy::Counter),
        IdWish::Given("20260601T120000Z".to_owned()),
    ] {
        let proposal = proposed(&setup, &Wish { id, ..wish.clone() }).unwrap();
        assert_eq!(proposal.change, Change::Unchanged);
        assert_eq!((proposal.id.as_str(), proposal.policy.as_str()), ("20260601T120000Z", served));
        assert_eq!(codes(&proposal)[0], "unchanged");
    }
    let other = proposed(&setup, &Wish { max_age: Some(2_419_201), ..wish.clone() }).unwrap();
    assert!(matches!(other.change, Change::Changed { .. }));
    // A new id for the same policy is there for those who ask for one.
    let given = Wish { id: IdWish::Given("new1".to_owned()), ..wish.clone() };
    assert_eq!(proposed(&setup, &given).unwrap().id, "new1");
    // The digest of the same octets is the same id.
    let hashed = Wish { id: IdWish::Made(IdStrategy::ContentHash), ..Wish::default() };
    let first = proposed(&with_mx(&["mx1.example.com"]), &hashed).unwrap();
    let again = Wish { previous_id: Some(first.id.clone()), ..hashed };
    assert_eq!(proposed(&with_mx(&["mx1.example.com"]), &again).unwrap().change, Change::Unchanged);
}

#[test]
fn enforce_without_evidence_is_noted_and_not_refused() {
    let enforce = Wish { mode: Mode::Enforce, ..Wish::default() };
    let proven = proposed(&healthy(), &enforce).unwrap();
    assert!(!codes(&proven).iter().any(|code| code.starts_with("enforce")), "{:?}", codes(&proven));
    let mut setup = healthy();
    setup.session_fails(&SessionOutcome::NoStarttls);
    let note = proposed(&setup, &enforce).unwrap().notes.remove(0);
    assert!(note.code == "enforce_unproven" && note.text.contains("mx1.example.com"), "{note:?}");
    let mut setup = healthy();
    setup.no_record();
    assert_eq!(codes(&proposed(&setup, &enforce).unwrap()), ["enforce_without_testing", "tlsrpt_stays"]);
    let given = Wish { mx: vec![MxPattern::parse("a.example").unwrap()], ..enforce };
    let offline = propose(&domain("example.com"), None, &given, at(NOW)).unwrap();
    let noted = ["enforce_unproven", "enforce_without_testing", "id_in_use_unknown", "no_tlsrpt"];
    assert_eq!(codes(&offline), noted);
}

#[test]
fn an_id_that_nobody_knows_cannot_be_met_by_chance() {
    let mx = vec![MxPattern::parse("mx1.example.com").unwrap()];
    let offline = |wish: &Wish| {
        let wish = Wish { mx: mx.clone(), ..wish.clone() };
        let proposal = propose(&domain("example.com"), None, &wish, at(NOW)).unwrap();
        let mut said = proposal.notes.iter().filter(|note| note.code == "id_in_use_unknown");
        let words = said.next().map(|note| note.text.clone()).unwrap_or_default();
        assert!(said.next().is_none(), "one note");
        (proposal.id, words)
    };
    let made = |strategy| Wish { id: IdWish::Made(strategy), ..Wish::default() };
    let (time, words) = offline(&made(IdStrategy::Timestamp));
    assert!(
        time.contains('T') && words.contains("not known here: this one is made from the time"),
        "{words}"
    );
    // There is nothing to count on from: the number of today might be the one in use.
    let (id, words) = offline(&made(IdStrategy::Counter));
    assert!(id == time && words.contains("--previous-id"), "{id}: {words}");
    let known = Wish { previous_id: Some("2026042901".to_owned()), ..made(IdStrategy::Counter) };
    let (id, words) = offline(&known);
    assert!(id.len() == 10 && id.bytes().all(|b| b.is_ascii_digit()) && words.is_empty(), "{id}: {words}");
    let (id, words) = offline(&made(IdStrategy::ContentHash));
    assert!(id.len() == 32 && words.contains("made from the policy"), "{id}: {words}");
    let (id, words) = offline(&Wish { id: IdWish::Given("x1".to_owned()), ..Wish::default() });
    assert!(id == "x1" && words.contains("see that this one differs"), "{words}");
    let delegate = Some(domain("provider.example"));
    let (_, words) = offline(&Wish { delegate, ..Wish::default() });
    assert_eq!(words, "", "the id is the provider's");
}

#[test]
fn notes_on_what_is_there_today() {
    let note =
        |setup: &Setup, wish: &Wish, code: &str| codes(&proposed(setup, wish).unwrap()).contains(&code);
    let usual = Wish::default();
    let mut setup = healthy();
    assert!(note(&setup, &usual, "tlsrpt_stays") && note(&setup, &usual, "steps_back"));
    let enforce = Wish { mode: Mode::Enforce, ..Wish::default() };
    assert!(!note(&setup, &enforce, "steps_back"));
    let replaced = Wish { targets: targets("mailto:other@reports.example"), ..Wish::default() };
    assert!(note(&setup, &replaced, "tlsrpt_replaced"));
    setup.evidence.record.aliases = vec!["_mta-sts.provider.example".to_owned()];
    assert!(note(&setup, &usual, "record_is_alias"));
    let mut setup = healthy();
    setup.record(&["v=STSv1; id=1;", "v=STSv1; id=2;"]);
    assert!(note(&setup, &usual, "record_replaced"));
    let mut setup = healthy();
    setup.evidence.mx = records("example.com", "MX", vec![mx(0, ""), mx(10, "mx1.example.com")]);
    assert!(note(&setup, &usual, "mx_null_beside"));
    let given = Wish { mx: vec![MxPattern::parse("mx1.example.com").unwrap()], ..Wish::default() };
    assert!(note(&healthy(), &given, "mx_not_covered"));
    let wide = Wish { mx: vec![MxPattern::parse("*.google.com").unwrap()], ..Wish::default() };
    assert!(note(&healthy(), &wide, "pattern_too_wide"));
    let mut setup = healthy();
    setup.evidence.record = secure("_mta-sts.example.com", "TXT", Outcome::Failed(DnsFailure::ServFail));
    let counted = Wish { id: IdWish::Made(IdStrategy::Counter), ..Wish::default() };
    assert!(note(&setup, &counted, "id_in_use_unknown") && note(&setup, &usual, "id_in_use_unknown"));
    assert!(
        !note(&healthy(), &counted, "id_in_use_unknown") && !note(&healthy(), &usual, "id_in_use_unknown")
    );
    assert!(note(&with_mx(&["route1.mx.cloudflare.net"]), &usual, "provider_serves"));
}

#[test]
fn reports_to_oneself_are_warned_of() {
    for (mode, words) in
        [(Mode::Enforce, "may not come through either"), (Mode::Testing, "once the mode is enforce")]
    {
        let wish = Wish { mode, targets: targets("mailto:a!b@mail.example.com"), ..Wish::default() };
        let proposal = proposed(&healthy(), &wish).unwrap();
        let note = proposal.notes.iter().find(|note| note.code == "rua_same_domain").unwrap();
        assert!(note.text.contains(words), "{}", note.text);
        assert!(codes(&proposal).contains(&"rua_encoded"));
        assert_eq!(proposal.tlsrpt_record.as_deref(), Some("v=TLSRPTv1; rua=mailto:a%21b@mail.example.com;"));
    }
    for outside in ["https://example.com/r", "mailto:a@example.com,mailto:b@example.net"] {
        let wish = Wish { targets: targets(outside), ..Wish::default() };
        assert!(!codes(&proposed(&healthy(), &wish).unwrap()).contains(&"rua_same_domain"), "{outside}");
    }
    let nine: Vec<String> = (0..9).map(|n| format!("mailto:a{n}@x.example")).collect();
    let nine = nine.join(",");
    assert!(
        proposed(&healthy(), &Wish { targets: targets(&nine), ..Wish::default() }).unwrap_err().is_wish()
    );
}

#[test]
fn both_names_are_delegated_the_host_first() {
    let wish = Wish { delegate: Some(domain("provider.example")), ..Wish::default() };
    let proposal = proposed(&with_mx(&["mx1.example.com"]), &wish).unwrap();
    let lines: Vec<String> = proposal.records.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "mta-sts.example.com. 3600 IN CNAME mta-sts.provider.example.",
            "_mta-sts.example.com. 3600 IN CNAME _mta-sts.provider.example.",
        ]
    );
    assert!(codes(&proposal).contains(&"delegated"));
    sound(&proposal);
}

#[test]
fn names_that_leave_no_room_are_refused() {
    let label = "a".repeat(60);
    let long = Domain::parse(&format!("{label}.{label}.{label}.{label}.example")).unwrap();
    let wish = Wish { mx: vec![MxPattern::parse("mx.example").unwrap()], ..Wish::default() };
    assert!(propose(&long, None, &wish, at(NOW)).unwrap_err().is_wish());
}

/// Hosts of providers, of one's own, and what is no host.
fn host_name() -> impl Strategy<Value = String> {
    let known: Vec<&str> = PRESETS.iter().flat_map(|p| p.families).flat_map(|f| f.known).copied().collect();
    prop_oneof![
        6 => prop::sample::select(known).prop_map(str::to_owned),
        3 => "[a-z0-9]{1,8}(\\.[a-z0-9-]{1,8}){0,3}",
        1 => "[a-zA-Z0-9._*-]{0,30}",
        1 => "(mx|a\\.b|t)\\.(mx\\.microsoft|google\\.com|mail\\.protection\\.outlook\\.com|zoho\\.eu)",
    ]
}

proptest! {
    #[test]
    fn every_proposal_reads_back_and_covers_every_live_host(
        hosts in prop::collection::vec(host_name(), 1..7),
        mode in prop::sample::select(vec![Mode::Testing, Mode::Enforce, Mode::None]),
        max_age in prop::option::of(0_u64..40_000_000),
        strategy in prop::sample::select(IdStrategy::ALL.to_vec()),
        previous in prop::option::of("[a-z0-9]{1,32}"),
    ) {
        let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let mut setup = with_mx(&names);
        if let Some(previous) = &previous {
            setup.record(&[&format!("v=STSv1; id={previous};")]);
        }
        let wish = Wish { mode, max_age, id: IdWish::Made(strategy), ..Wish::default() };
        match proposed(&setup, &wish) {
            Err(refused) => prop_assert!(!refused.is_ours(), "{}", refused),
            Ok(proposal) => {
                sound(&proposal);
                let live = setup.evidence.mx.records().iter().filter(|mx| !mx.host.is_empty());
                for mx in live {
                    let covered = proposal.policy.policy().mx.iter().any(|pattern| pattern.matches(&mx.host));
                    prop_assert!(covered || mode == Mode::None, "{}", mx.host);
                }
                prop_assert!(proposal.change == Change::Unchanged || Some(&proposal.id) != previous.as_ref());
            }
        }
    }
}
