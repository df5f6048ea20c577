//! Whatever workers do, and in whatever order: what somebody has, nobody else gets before its time is over, and each
//! name is in the result exactly once.

use std::collections::BTreeMap;

use database::{Database, Options, Place};
use futures_util::TryStreamExt as _;
use outside::{SweepFailure, Swept};
use proptest::prelude::*;
use protocol::observed::{Octets, Profile};
use tempfile::TempDir;

use super::{Chunk, Claimant, Commit, Hit, InHand, Loaded, Scan, Surveyed};
use crate::intake::Sieve;
use crate::{Entry, Exclusion, Fingerprint, InputKind, Intake, Kept, Mark, Plan, Stage};

/// How long a claim holds.
const LEASE: i64 = 100;

/// What a worker does next.
#[derive(Debug, Clone, Copy)]
enum Act {
    Claim(usize),
    Commit,
    Renew,
    Release,
    /// Forgets what it has, as whoever dies does.
    Die,
    /// Time goes on.
    Wait(i64),
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let act = prop_oneof![
        4 => (1usize..3).prop_map(Act::Claim),
        4 => Just(Act::Commit),
        1 => Just(Act::Renew),
        1 => Just(Act::Release),
        1 => Just(Act::Die),
        2 => (1i64..150).prop_map(Act::Wait),
    ];
    proptest::collection::vec((0usize..3, act), 1..40)
}

async fn scan(dir: &TempDir) -> Scan {
    let place = Place::File(dir.path().join("store"));
    let database = Database::open(&place, &Options::default()).await.unwrap();
    let plan = Plan {
        stage: Stage::Full,
        profile: Profile::Basic,
        input: InputKind::Lines,
        list: "-".to_owned(),
        path: None,
        fingerprint: Fingerprint::default(),
        settings: Kept::new(),
    };
    let scan = Scan::create(&database, "a", &plan, &Exclusion::default(), 0).await.unwrap();
    let (mut sieve, mut counts) = (Sieve::default(), Intake::default());
    for number in 0..6_500 {
        let entry = Entry::Name { line: number, text: format!("n{number}.example") };
        sieve.take(entry, &Exclusion::default(), &mut counts);
    }
    let mut mark = Mark::default();
    mark.octets = 1;
    let after = Loaded { mark, intake: counts, whole: true };
    scan.load(&sieve, &Mark::default(), after.clone()).await.unwrap();
    // Whoever comes with the same piece again changes nothing.
    assert_eq!(scan.load(&sieve, &Mark::default(), after).await.unwrap().intake.names, 6_500);
    scan
}

/// Every thousandth name is a hit.
fn answers(chunk: &Chunk) -> Vec<Swept> {
    let hit = Swept::Records(vec![Octets::from(&b"v=STSv1; id=1;"[..])]);
    let mut answers = vec![Swept::NxDomain; chunk.names.len()];
    answers[0] = hit;
    answers
}

/// Workers by their number, what each has, and what is claimed until when by the model's account.
#[derive(Default)]
struct Model {
    now: i64,
    chunks: BTreeMap<i64, (usize, i64, i64)>,
    done: BTreeMap<i64, usize>,
    held: [Vec<Chunk>; 3],
}

impl Model {
    async fn act(&mut self, scan: &Scan, who: usize, act: Act) {
        let claimant = Claimant { owner: format!("w{who}"), millis: LEASE };
        match act {
            Act::Wait(millis) => self.now += millis,
            Act::Claim(most) => {
                for chunk in scan.claim_chunks(&claimant, self.now, most).await.unwrap() {
                    assert!(!self.done.contains_key(&chunk.number), "what is done is not done again");
                    let before = self.chunks.insert(chunk.number, (who, chunk.token, self.now + LEASE));
                    assert!(before.is_none_or(|(_, _, until)| until <= self.now), "it was somebody's");
                    self.held[who].push(chunk);
                }
            }
            Act::Commit => {
                let held = std::mem::take(&mut self.held[who]);
                let swept: Vec<_> = held.iter().map(|chunk| (chunk.clone(), answers(chunk))).collect();
                for (chunk, commit) in held.iter().zip(scan.commit_chunks(&swept).await.unwrap()) {
                    let ours = self
                        .chunks
                        .get(&chunk.number)
                        .is_some_and(|(owner, token, _)| (*owner, *token) == (who, chunk.token));
                    assert_eq!(commit, if ours { Commit::Kept } else { Commit::Lost }, "{chunk:?}");
                    if ours {
                        self.chunks.remove(&chunk.number);
                        assert!(self.done.insert(chunk.number, who).is_none(), "twice");
                    }
                }
            }
            Act::Renew => {
                let chunks = self.held[who].iter().map(|chunk| (chunk.number, chunk.token)).collect();
                let in_hand = InHand { chunks, ..InHand::default() };
                claimant.renew(&scan.database, scan.job, self.now, &in_hand).await.unwrap();
                for chunk in &self.held[who] {
                    // Not what it forgot, and not what another has.
                    let entry = self.chunks.get_mut(&chunk.number);
                    if let Some((.., until)) = entry.filter(|entry| (entry.0, entry.1) == (who, chunk.token))
                    {
                        *until = self.now + LEASE;
                    }
                }
            }
            Act::Release => {
                claimant.release(&scan.database, scan.job).await.unwrap();
                self.chunks.retain(|_, (owner, ..)| *owner != who);
                self.held[who].clear();
            }
            Act::Die => self.held[who].clear(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn each_chunk_counts_once(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = TempDir::new().unwrap();
            let scan = scan(&dir).await;
            let mut model = Model::default();
            for (who, act) in acts {
                model.act(&scan, who, act).await;
            }
            // The last one standing brings it to an end, however much the others had.
            model.act(&scan, 0, Act::Wait(1_000)).await;
            while model.done.len() < 7 {
                model.act(&scan, 0, Act::Claim(2)).await;
                model.act(&scan, 0, Act::Commit).await;
            }
            let standing = scan.standing().await.unwrap();
            assert_eq!((standing.swept, standing.hits, standing.claimed), (6_500, 7, 0));
            let rows: Vec<_> = scan.rows().try_collect().await.unwrap();
            let names: Vec<_> = rows.iter().map(|row| row.domain.to_string()).collect();
            assert_eq!(names, (0..6_500).map(|number| format!("n{number}.example")).collect::<Vec<_>>());
        });
    }
}

#[tokio::test]
async fn what_nobody_has_in_hand_is_not_gone_on_with() {
    let dir = TempDir::new().unwrap();
    let scan = scan(&dir).await;
    let claimant = |owner: &str| Claimant { owner: owner.to_owned(), millis: LEASE };
    let chunks = scan.claim_chunks(&claimant("a"), 0, 2).await.unwrap();
    scan.commit_chunks(&[(chunks[0].clone(), answers(&chunks[0]))]).await.unwrap();
    let hits = scan.claim_hits(&claimant("a"), 0, 1).await.unwrap();
    // The answers to these claims were lost on the way: the worker goes on with what it knows of, which is nothing.
    let lost = InHand::default();
    claimant("a").renew(&scan.database, scan.job, LEASE - 1, &lost).await.unwrap();
    let again = scan.claim_chunks(&claimant("b"), LEASE, 1).await.unwrap();
    assert_eq!((again[0].number, again[0].token), (chunks[1].number, chunks[1].token + 1));
    let again_hits = scan.claim_hits(&claimant("a"), LEASE, 1).await.unwrap();
    assert_eq!(again_hits[0].position, hits[0].position);
    // With these in hand it holds them on, but not under the token of the other time.
    let hits = again_hits.iter().map(|hit| (hit.position, hit.token)).collect();
    let known = InHand { chunks: [(chunks[1].number, chunks[1].token)].into(), hits };
    claimant("a").renew(&scan.database, scan.job, LEASE + 50, &known).await.unwrap();
    assert!(scan.claim_hits(&claimant("b"), 2 * LEASE + 49, 1).await.unwrap().is_empty());
    let taken = scan.claim_chunks(&claimant("c"), 2 * LEASE, 1).await.unwrap();
    assert_eq!(taken[0].number, chunks[1].number, "the other's claim was not made longer");
}

#[tokio::test]
async fn names_without_an_answer_are_asked_for_again_and_the_others_stay() {
    let dir = TempDir::new().unwrap();
    let scan = scan(&dir).await;
    let claimant = Claimant { owner: "a".to_owned(), millis: LEASE };
    let chunks = scan.claim_chunks(&claimant, 0, 9).await.unwrap();
    let failing = |chunk: &Chunk| {
        let mut answers = answers(chunk);
        // In two of them one name has no answer.
        if chunk.number < 2 {
            answers[7] = Swept::Failed(SweepFailure::Timeout);
        }
        (chunk.clone(), answers)
    };
    scan.commit_chunks(&chunks.iter().map(failing).collect::<Vec<_>>()).await.unwrap();
    let hits = scan.claim_hits(&claimant, 0, 9).await.unwrap();
    scan.commit_hits(&[Surveyed::of(hits[0].clone(), None).unwrap()], &[]).await.unwrap();
    let rows = async || scan.rows().try_collect::<Vec<_>>().await.unwrap();
    let before = rows().await;
    assert_eq!(scan.retry_failed().await.unwrap(), 2);
    assert_eq!(rows().await, before, "what is known stays until there is more");
    let standing = scan.standing().await.unwrap();
    assert_eq!((standing.swept, standing.hits, standing.failed.timeout), (4_500, 7, 2));
    let again = scan.claim_chunks(&claimant, 0, 9).await.unwrap();
    assert_eq!(again.len(), 2, "only those with a name that had no answer");
    assert_eq!((again[0].answer(7), again[0].answer(8)), (None, Some(&Swept::NxDomain)));
    // One has an answer now, a hit; the other still has none.
    let mut answers: Vec<_> =
        again.iter().map(|chunk| (chunk.clone(), chunk.known.clone().unwrap())).collect();
    answers[0].1[7] = answers[0].1[0].clone();
    let mut counted = standing.clone();
    for (chunk, answers) in &answers {
        counted.add(answers, chunk.known.as_deref());
    }
    scan.commit_chunks(&answers).await.unwrap();
    let standing = scan.standing().await.unwrap();
    assert_eq!((standing.swept, standing.hits, standing.failed.timeout), (6_500, 8, 1));
    assert_eq!(
        (counted.swept, counted.hits, counted.failed),
        (standing.swept, standing.hits, standing.failed)
    );
    assert_eq!(standing.excluded_hits, 1, "what was done with hits stays");
    assert_eq!(rows().await[7].swept, before[0].swept);
    assert_eq!(scan.retry_failed().await.unwrap(), 1);
}

#[tokio::test]
async fn a_hit_that_was_taken_over_counts_once() {
    let dir = TempDir::new().unwrap();
    let scan = scan(&dir).await;
    let claimant = |owner: &str| Claimant { owner: owner.to_owned(), millis: LEASE };
    let chunks = scan.claim_chunks(&claimant("a"), 0, 9).await.unwrap();
    let swept: Vec<_> = chunks.into_iter().map(|chunk| (chunk.clone(), answers(&chunk))).collect();
    scan.commit_chunks(&swept).await.unwrap();
    let first: Vec<Hit> = scan.claim_hits(&claimant("a"), 0, 5).await.unwrap();
    assert_eq!(first.len(), 5);
    assert_eq!(scan.claim_hits(&claimant("b"), LEASE - 1, 9).await.unwrap().len(), 2);
    let second = scan.claim_hits(&claimant("b"), LEASE, 1).await.unwrap();
    assert_eq!(second[0].position, first[0].position, "its time was over");
    let bring = |hit: &Hit| Surveyed::of(hit.clone(), None).unwrap();
    let done = [bring(&first[0]), bring(&first[1])];
    assert_eq!(scan.commit_hits(&done, &[]).await.unwrap(), [Commit::Lost, Commit::Kept]);
    // Once more, as after a commit whose answer was lost on the way.
    assert_eq!(scan.commit_hits(&done, &[]).await.unwrap(), [Commit::Lost, Commit::Kept]);
    assert_eq!(scan.commit_hits(&[bring(&second[0])], &[]).await.unwrap(), [Commit::Kept]);
    assert_eq!(scan.standing().await.unwrap().excluded_hits, 2);
    assert_eq!(
        scan.commit_chunks(&swept[..1]).await.unwrap(),
        [Commit::Kept],
        "the same again changes nothing"
    );
}
