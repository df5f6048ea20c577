//! Placeholders in scenario texts: `{domain}`, `{name}`, `{repeat N TEXT}`, and the `Nx` prefix of repeated lines.

/// Most copies that one line may stand for: hostile scenarios need ten thousand hosts.
const MAX_COPIES: usize = 20_000;
/// Most octets that one text may grow to: hostile scenarios need megabytes.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// The names that placeholders stand for.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// The scenario's name.
    pub(crate) name: String,
    /// Its domain, without final dot.
    pub(crate) domain: String,
}

impl Names {
    /// The text with its placeholders filled in.
    pub(crate) fn fill(&self, text: &str) -> String {
        repeat(&text.replace("{domain}", &self.domain).replace("{name}", &self.name))
    }
}

fn repeat(text: &str) -> String {
    const OPEN: &str = "{repeat ";
    let Some((before, after)) = text.split_once(OPEN) else { return text.to_owned() };
    let Some((inner, rest)) = after.split_once('}') else { return text.to_owned() };
    let Some((count, part)) = inner.split_once(' ') else { return text.to_owned() };
    let Ok(count) = count.parse::<usize>() else { return text.to_owned() };
    let count = count.min(MAX_TEXT / part.len().max(1));
    [before, &part.repeat(count), &repeat(rest)].concat()
}

/// The lines that a line stands for: `3x m# A …` gives three with `#` counted from 0, others give themselves.
pub(crate) fn replicate(line: &str) -> Vec<String> {
    let copies = line
        .split_once("x ")
        .and_then(|(count, rest)| count.parse::<usize>().ok().map(|count| (count.min(MAX_COPIES), rest)));
    match copies {
        Some((count, rest)) => (0..count).map(|index| rest.replace('#', &index.to_string())).collect(),
        None => vec![line.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let names = Names { name: "odd".to_owned(), domain: "odd.test".to_owned() };
        assert_eq!(names.fill("mx.{domain} {repeat 3 ab}!{repeat 2 c}"), "mx.odd.test ababab!cc");
        assert_eq!(names.fill("no {place}"), "no {place}");
    }

    #[test]
    fn lines_are_replicated() {
        assert_eq!(replicate("2x m# MX 10 h#"), ["m0 MX 10 h0", "m1 MX 10 h1"]);
        assert_eq!(replicate("mx1 A 192.0.2.1"), ["mx1 A 192.0.2.1"]);
    }
}
