//! Near misses: which pages a mistyped word may have meant.

use super::{Page, folded};

/// How many suggestions are worth reading.
const MOST: usize = 5;
/// The shortest word for which names that merely contain it are suggested: shorter ones are in too many.
const SHORTEST_PART: usize = 3;

/// The names of the pages nearest to a folded word, nearest first.
pub(super) fn nearest(word: &str, pages: &'static [Page]) -> Vec<&'static str> {
    let mut found: Vec<(usize, &'static str)> =
        pages.iter().filter_map(|page| Some((farness(word, &folded(page.name)?)?, page.name))).collect();
    found.sort_unstable();
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// How far a name is from the word; `None` when too far to mean it. Misspellings come before names that contain the
/// word, shorter ones of these first.
fn farness(word: &str, name: &str) -> Option<usize> {
    let edits = edits(word, name);
    if edits <= allowed(word) {
        return Some(edits);
    }
    let is_part = word.len() >= SHORTEST_PART
        && (name.contains(word) || name.len() >= SHORTEST_PART && word.contains(name));
    is_part.then_some(word.len().max(name.len()))
}

/// How many letters may be wrong: one in three, at least one, three at most.
fn allowed(word: &str) -> usize {
    (word.chars().count() / 3).clamp(1, 3)
}

/// How many letters have to be added, removed or exchanged to make one word of the other (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            *cell = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
            (diagonal, left) = (above, *cell);
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn edits_are_counted() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(edits(a, b), expected, "{a} {b}");
        }
    }
}
