//! Near misses: "did you mean".

/// How many edits a near miss may be away: more would suggest unrelated words.
const FARTHEST: usize = 3;

/// The known word nearest to a given one, if any is near.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= FARTHEST && *edits * 2 <= candidate.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, on the first 64 characters.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replace = row.get(j).copied().unwrap_or(0) + usize::from(a != b);
            let delete = row.get(j + 1).copied().unwrap_or(0) + 1;
            let insert = next.last().copied().unwrap_or(0) + 1;
            next.push(replace.min(delete).min(insert));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        let known = ["resolver", "roots", "timeout"];
        assert_eq!(nearest("resolvr", known.into_iter()), Some("resolver"));
        assert_eq!(nearest("root", known.into_iter()), Some("roots"));
        assert_eq!(nearest("abc", known.into_iter()), None);
        assert_eq!(nearest("", known.into_iter()), None);
    }
}
