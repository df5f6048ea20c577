use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::Directory;

#[derive(Debug, Clone)]
enum Change {
    Put(String, u32),
    Remove(String),
    Fill(Vec<(String, u32)>),
}

/// Few letters, so that names meet again, and the empty name.
fn name() -> impl Strategy<Value = String> {
    "[ab.]{0,3}"
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (name(), any::<u32>()).prop_map(|(name, value)| Change::Put(name, value)),
        4 => name().prop_map(Change::Remove),
        1 => proptest::collection::vec((name(), any::<u32>()), 0..20).prop_map(Change::Fill),
    ]
}

fn contents(directory: &Directory<u32>) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    directory.each(|name, value| assert!(all.insert(name.to_owned(), *value).is_none(), "{name} twice"));
    all
}

proptest! {
    #[test]
    fn it_is_a_map(changes in proptest::collection::vec(change(), 0..60)) {
        let (directory, mut map) = (Directory::new(), BTreeMap::new());
        for change in changes {
            match change {
                Change::Put(name, value) => {
                    directory.put(&name, value);
                    map.insert(name, value);
                }
                Change::Remove(name) => prop_assert_eq!(directory.remove(&name), map.remove(&name).is_some()),
                Change::Fill(names) => {
                    directory.fill(names.iter().cloned());
                    map = names.into_iter().collect();
                }
            }
            prop_assert_eq!(directory.len(), map.len());
            prop_assert_eq!(directory.is_empty(), map.is_empty());
        }
        prop_assert_eq!(contents(&directory), map.clone());
        for (name, value) in map {
            prop_assert_eq!(directory.get(&name), Some(value));
            prop_assert!(directory.contains(&name));
        }
        prop_assert_eq!(directory.get("c"), None);
    }
}

#[test]
fn names_of_one_shard_stay_apart() {
    // Enough that every shard holds several.
    let all = (0..40_000_u32).map(|number| (format!("mta-sts.d{number}.example"), number));
    let directory = Directory::new();
    directory.fill(all.clone());
    assert_eq!(directory.len(), 40_000);
    for (name, number) in all.clone().step_by(7) {
        directory.put(&name, number + 1_000_000);
    }
    for (name, number) in all {
        let expected = if number % 7 == 0 { number + 1_000_000 } else { number };
        assert_eq!(directory.get(&name), Some(expected), "{name}");
        assert!(directory.remove(&name), "{name}");
        assert_eq!(directory.get(&name), None, "{name}");
    }
    assert!(directory.is_empty());
}

#[test]
fn readers_and_writers_at_once() {
    let directory = Directory::new();
    directory.put("kept.example", Arc::new(0_u32));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut newest = 0;
                    while !done.load(Ordering::Relaxed) {
                        let seen = *directory.get("kept.example").expect("it is never missing");
                        assert!(seen >= newest, "an older value after a newer one");
                        newest = seen;
                    }
                })
            })
            .collect();
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let directory = &directory;
                scope.spawn(move || {
                    for number in 0..2_000_u32 {
                        directory.put(&format!("w{writer}-{number}.example"), Arc::new(number));
                        if writer == 0 {
                            directory.put("kept.example", Arc::new(number));
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().expect("no writer fails");
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("no reader fails");
        }
    });
    assert_eq!(directory.len(), 4_001, "no change of one writer undid one of the other");
}
