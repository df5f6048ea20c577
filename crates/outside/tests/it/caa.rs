//! CAA records as an authority looks for them: the first set on the way up, aliases followed.

use hickory_proto::rr::rdata::NULL;
use hickory_proto::rr::{RData, RecordType};
use outside::{Clock, Outside, TrustAnchor, Watcher};

use super::dns::{Data, Dns, a, cname};
use super::world::{WEB, settings};

/// RFC 8659 §4.1, written out.
fn caa(flags: u8, tag: &str, value: &str) -> RData {
    let length = u8::try_from(tag.len()).unwrap();
    let octets = [&[flags, length], tag.as_bytes(), value.as_bytes()].concat();
    RData::Unknown { code: RecordType::CAA, rdata: NULL::with(octets) }
}

async fn relevant(records: Vec<Data>, name: &str) -> (String, Vec<(u8, String, Vec<u8>)>) {
    relevant_by(true, records, name).await
}

async fn relevant_by(
    validated: bool,
    records: Vec<Data>,
    name: &str,
) -> (String, Vec<(u8, String, Vec<u8>)>) {
    let dns = Dns::start(records, Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.trust_anchor = if validated { TrustAnchor::Text(dns.anchor.clone()) } else { TrustAnchor::Off };
    let seen = Outside::new(settings, Clock::system()).unwrap().relevant_caa(name, &Watcher::none()).await;
    let Some((at, records)) = seen.relevant() else { panic!("{seen:?}") };
    let shown = records.iter().map(|record| (record.flags, record.tag.clone(), record.value.clone()));
    (at.to_owned(), shown.collect())
}

fn issue(value: &str) -> (u8, String, Vec<u8>) {
    (0, "issue".to_owned(), value.as_bytes().to_vec())
}

#[tokio::test]
async fn the_first_set_on_the_way_up_decides() {
    let apex = ("lab.test.", caa(0, "issue", "apex.example"));
    let host = ("mta-sts.a.lab.test.", a(WEB));
    let found = relevant(vec![apex.clone(), host.clone()], "mta-sts.a.lab.test").await;
    assert_eq!(found, ("lab.test".to_owned(), vec![issue("apex.example")]));
    let between = ("a.lab.test.", caa(128, "issue", "a.example"));
    let found = relevant(vec![apex, host, between], "mta-sts.a.lab.test").await;
    let (at, records) = found;
    assert_eq!((at.as_str(), records[0].0), ("a.lab.test", 128));
}

#[tokio::test]
async fn what_stands_at_the_target_of_an_alias_decides() {
    let records = vec![
        ("lab.test.", caa(0, "issue", "apex.example")),
        ("mta-sts.a.lab.test.", cname("x7.p.lab.test.")),
        ("x7.p.lab.test.", caa(0, "issue", "host.example; validationmethods=http-01")),
    ];
    let found = relevant(records, "mta-sts.a.lab.test").await;
    assert_eq!(found.0, "mta-sts.a.lab.test");
    assert_eq!(found.1, [issue("host.example; validationmethods=http-01")]);
}

#[tokio::test]
async fn names_above_the_target_of_an_alias_do_not_decide() {
    // RFC 8659 §3: it goes on up from the name itself.
    let records = vec![
        ("a.lab.test.", caa(0, "issue", "a.example")),
        ("mta-sts.a.lab.test.", cname("x7.p.lab.test.")),
        ("p.lab.test.", caa(0, "issue", "host.example")),
        ("x7.p.lab.test.", a(WEB)),
    ];
    // Not validated: this server leaves out the SOA record where an alias leads to nothing.
    let found = relevant_by(false, records, "mta-sts.a.lab.test").await;
    assert_eq!(found, ("a.lab.test".to_owned(), vec![issue("a.example")]));
}
