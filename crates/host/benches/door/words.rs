//! Words of the command line: a verb, then pairs of `--name value`.

use std::str::FromStr;

use super::Outcome;

pub(super) struct Words(Vec<String>);

impl Words {
    pub(super) fn of_process() -> Self {
        // `cargo bench` adds a word of its own.
        Self(std::env::args().skip(1).filter(|word| word != "--bench").collect())
    }

    pub(super) fn verb(&mut self) -> Option<String> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }

    /// The value of `--name`, if it is given.
    pub(super) fn optional<T: FromStr>(&self, name: &str) -> Outcome<Option<T>> {
        let flag = format!("--{name}");
        let Some(at) = self.0.iter().position(|word| *word == flag) else { return Ok(None) };
        let value = self.0.get(at + 1).ok_or_else(|| format!("{flag} needs a value"))?;
        value.parse().map(Some).map_err(|_| format!("{flag} cannot be `{value}`").into())
    }

    pub(super) fn needed<T: FromStr>(&self, name: &str) -> Outcome<T> {
        self.optional(name)?.ok_or_else(|| format!("--{name} is needed").into())
    }
}
