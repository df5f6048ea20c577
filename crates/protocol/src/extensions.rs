//! Unknown fields, in order, the first of duplicates: RFC 8461 §3.1, §3.2, RFC 8460 §3.

use std::collections::HashSet;

/// Up to this many names a plain search is quicker than a set.
const FEW: usize = 16;

/// Gathers unknown fields; of several with one name only the first is kept.
#[derive(Debug, Default)]
pub(crate) struct Extensions {
    fields: Vec<(String, String)>,
    names: HashSet<String>,
}

impl Extensions {
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        if self.has(name) {
            return;
        }
        if self.fields.len() == FEW {
            self.names = self.fields.iter().map(|(name, _)| name.clone()).collect();
        }
        if self.fields.len() >= FEW {
            self.names.insert(name.to_owned());
        }
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        if self.fields.len() <= FEW {
            self.fields.iter().any(|(known, _)| known == name)
        } else {
            self.names.contains(name)
        }
    }

    pub(crate) fn into_fields(self) -> Vec<(String, String)> {
        self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::Extensions;

    #[test]
    fn first_of_duplicates_wins_among_few_and_among_many() {
        let mut extensions = Extensions::default();
        for round in 0..2 {
            for n in 0..40 {
                extensions.push(&format!("n{n}"), &format!("{round}"));
            }
        }
        let fields = extensions.into_fields();
        assert_eq!(fields.len(), 40);
        assert!(fields.iter().all(|(_, value)| value == "0"));
    }
}
