//! What is kept of domains and versions.

use std::collections::BTreeSet;

use host::domains::{
    By, Change, DomainState, Domains, DomainsError, FetchSeen, Filter, NewDomain, Owner, Pointing,
    RecordSeen, Seen, Sighting, Task, step,
};
use jiff::{SignedDuration, Timestamp};
use protocol::Domain;
use protocol::sts::PolicyText;

use crate::databases::databases;

const BY: By<'_> = By { author: "somebody", reason: "a test" };

fn now() -> Timestamp {
    "2026-04-29T12:00:00Z".parse().expect("a time")
}

fn domain(name: &str) -> Domain {
    Domain::parse(name).expect("a domain")
}

fn policy(mode: &str, max_age: u32) -> PolicyText {
    let text = format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: {max_age}\n");
    PolicyText::read(text.as_bytes()).expect("a policy")
}

fn new(name: &str, owner: &str) -> NewDomain {
    NewDomain {
        domain: domain(name),
        owner: owner.parse().expect("an owner"),
        policy: Some(policy("testing", 86_400)),
        tlsrpt: None,
        quota: Some(2),
    }
}

fn change(body: PolicyText) -> Change {
    Change { body, expected: None, back_to: None }
}

#[tokio::test]
async fn versions_are_added_and_ids_never_used_twice() {
    for stand in databases("versions").await {
        let domains = Domains::open(stand.database.clone()).await.expect("opens");
        let name = domain("example.com");
        domains.add(new("example.com", "operator"), BY, now()).await.expect("added");
        for (body, number) in
            [(policy("enforce", 604_800), 2), (policy("enforce", 604_800), 2), (policy("testing", 86_400), 3)]
        {
            let changed =
                domains.change(&name, None, &change(body.clone()), BY, now()).await.expect("changed");
            assert_eq!((changed.now.number, &changed.now.body), (number, &body));
        }
        let stale = Change { expected: Some(1), ..change(policy("none", 86_400)) };
        let refused = domains.change(&name, None, &stale, BY, now()).await.expect_err("somebody was quicker");
        assert!(matches!(refused, DomainsError::Changed { found: 3, .. }), "{refused}");
        let history = domains.history(&name).await.expect("read");
        let ids: BTreeSet<&str> = history.iter().map(|version| version.id.as_str()).collect();
        assert_eq!((history.len(), ids.len()), (3, 3), "{history:?}");
        assert!(history.iter().all(|version| version.author == "somebody" && version.reason == "a test"));
        let refused = domains.version(&name, 7).await.expect_err("no such version").to_string();
        assert!(refused.contains("it has 1 to 3"), "{refused}");
    }
}

#[tokio::test]
async fn whose_a_domain_is() {
    for stand in databases("owners").await {
        let domains = Domains::open(stand.database.clone()).await.expect("opens");
        let first = domains.add(new("example.com", "a"), BY, now()).await.expect("added");
        assert_eq!(first.state, DomainState::OwnershipPending);
        let name = domain("example.com");
        let other: Owner = "b".parse().expect("an owner");
        let refused = domains.get(&name, Some(&other)).await.expect_err("not theirs");
        assert!(matches!(refused, DomainsError::Unknown(_)));
        let refused = domains.add(new("example.com", "b"), BY, now()).await.expect_err("asked for already");
        assert!(matches!(refused, DomainsError::Exists(_)));
        // Nobody keeps a domain by only asking for it; and what was told to one is never told to another.
        let later = now() + SignedDuration::from_hours(73);
        let second = domains.add(new("example.com", "b"), BY, later).await.expect("added");
        assert_ne!(first.label, second.label);
        assert_eq!(second.owner, other);
        domains.add(new("example.net", "b"), BY, later).await.expect("a second one");
        let refused = domains.add(new("example.org", "b"), BY, later).await.expect_err("two are allowed");
        assert!(matches!(refused, DomainsError::Quota { allowed: 2, .. }));
        let of_b = Filter { owner: Some(other), limit: 10, ..Filter::default() };
        let listed = domains.list(&of_b).await.expect("listed");
        let names: Vec<&str> = listed.iter().map(|hosted| hosted.domain.as_str()).collect();
        assert_eq!(names, ["example.com", "example.net"]);
    }
}

#[tokio::test]
async fn what_changed_is_posted_once() {
    for stand in databases("postings").await {
        let domains = Domains::open(stand.database.clone()).await.expect("opens");
        domains.add(new("example.com", "operator"), BY, now()).await.expect("added");
        domains.add(new("example.net", "a"), BY, now()).await.expect("added");
        let all = domains.postings(0, 10).await.expect("read");
        let shown: Vec<(&str, bool)> =
            all.iter().map(|posting| (posting.domain.as_str(), posting.policy.is_some())).collect();
        assert_eq!(shown, [("example.com", true), ("example.net", false)], "nobody showed that it is theirs");
        let at = all.last().expect("two").revision;
        assert_eq!(domains.postings(at, 10).await.expect("read"), []);
        let name = domain("example.com");
        domains.change(&name, None, &change(policy("none", 86_400)), BY, now()).await.expect("changed");
        let more = domains.postings(at, 10).await.expect("read");
        assert_eq!(more.len(), 1);
        let (_, body) = more[0].policy.as_ref().expect("served");
        assert_eq!(body, policy("none", 86_400).bytes());
        // A node that is behind is waited for.
        domains.node_is_at("one", at, now()).await.expect("kept");
        let since = now() - SignedDuration::from_secs(60);
        assert!(!domains.is_everywhere(&name, since).await.expect("read"));
        domains.node_is_at("one", more[0].revision, now()).await.expect("kept");
        assert!(domains.is_everywhere(&name, since).await.expect("read"));
    }
}

#[tokio::test]
async fn the_way_from_nothing_to_the_end() {
    for stand in databases("way").await {
        let domains = Domains::open(stand.database.clone()).await.expect("opens");
        let name = domain("example.com");
        domains.add(new("example.com", "a"), BY, now()).await.expect("added");
        let due = domains.due(now(), 10).await.expect("read");
        let [due] = due.as_slice() else { panic!("{due:?}") };
        let version = domains.version(&name, 1).await.expect("there");
        let seen = Seen {
            label: Sighting::Yes,
            token: Sighting::No,
            pointing: Pointing::Here,
            fetch: FetchSeen::Ours,
            record: RecordSeen::Id(version.id.clone()),
            left_out: Vec::new(),
        };
        let decided = step(&due.hosted, Some(&version), &seen, now());
        assert_eq!(decided.tasks, [Task::Certificate, Task::Announce { version: 1 }]);
        assert!(domains.stepped(due, &decided, now()).await.expect("kept"));
        assert!(!domains.stepped(due, &decided, now()).await.expect("read"), "it was changed since");
        assert!(domains.note_announced(&name, 1, now()).await.expect("kept"));
        let hosted = domains.get(&name, None).await.expect("there");
        assert_eq!(
            (hosted.state, hosted.live, hosted.verified),
            (DomainState::Live, Some(now()), Some(now()))
        );
        assert_eq!(domains.counts().await.expect("read"), [(DomainState::Live, 1)]);

        let longer = change(policy("enforce", 604_800));
        domains.change(&name, None, &longer, BY, now()).await.expect("changed");
        let end = now() + SignedDuration::from_hours(24);
        let retired = domains.retire(&name, None, BY, end).await.expect("retired");
        let until = end + SignedDuration::from_secs(604_800) + SignedDuration::from_hours(1);
        assert_eq!(retired.served_until, Some(until));
        assert_eq!(domains.retire(&name, None, BY, until).await.expect("again"), retired);
        let last = domains.version(&name, 3).await.expect("there");
        assert_eq!(last.body, policy("none", 86_400));
        let posted = domains.postings(0, 10).await.expect("read");
        assert_eq!(posted.last().and_then(|posting| posting.until), Some(until));
        let refused = domains.change(&name, None, &longer, BY, end).await.expect_err("it is retired");
        assert!(matches!(refused, DomainsError::Retired(_)));
        let refused = domains.add(new("example.com", "b"), BY, end).await.expect_err("still served");
        assert!(matches!(refused, DomainsError::Exists(_)));
        let other = domains.add(new("example.com", "b"), BY, until).await.expect("free again");
        assert_eq!(other.current, Some(4), "ids and numbers go on");
        assert_ne!(other.label, retired.label);
    }
}
