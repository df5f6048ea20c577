//! Whatever workers do, and in whatever order: what somebody has, nobody else gets before its time is over, and each
//! name is in the result exactly once.

use std::collections::BTreeMap;

use database::{Database, Options, Place};
use futures_util::TryStreamExt as _;
use outside::Swept;
use proptest::prelude::*;
use protocol::observed::{Octets, Profile};
use tempfile::TempDir;

use super::{Chunk, Claimant, Commit, Hit, Loaded, Scan, Surveyed};
use crate::intake::Sieve;
use crate::{Entry, Exclusion, InputKind, Intake, Mark, Plan, Stage};

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
        fingerprint: String::new(),
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
                claimant.renew(&scan.database, scan.job, self.now).await.unwrap();
                for (owner, _, until) in self.chunks.values_mut().filter(|(owner, ..)| *owner == who) {
                    let _ = owner;
                    *until = self.now + LEASE;
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
