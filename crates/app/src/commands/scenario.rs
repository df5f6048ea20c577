//! The domains named on a command line, and names of lab scenarios: `mx-cert-expired` and `mx-cert-expired.test` are the same.

use std::collections::HashSet;

use lab::Scenario;
use protocol::Domain;

use crate::exit::Stop;
use crate::near::nearest;
use crate::render::visible;

/// The domains named on the command line; in the lab also by their scenarios' names.
pub(crate) fn named(words: &[String], in_lab: bool) -> anyhow::Result<Vec<Domain>> {
    if !in_lab {
        return domains(words);
    }
    let catalogue = lab::catalogue();
    let of_word =
        |word: &String| scenario(&catalogue, word).map_or_else(|| word.clone(), |s| s.domain.clone());
    domains(&words.iter().map(of_word).collect::<Vec<String>>())
}

/// The scenarios' names, of words that are names or domains.
pub(crate) fn scenario_names<S: AsRef<str>>(words: &[S]) -> anyhow::Result<Vec<String>> {
    let catalogue = lab::catalogue();
    words
        .iter()
        .map(|word| {
            let word = word.as_ref();
            scenario(&catalogue, word)
                .map(|scenario| scenario.name.clone())
                .ok_or_else(|| unknown(&catalogue, word))
        })
        .collect()
}

fn scenario<'a>(catalogue: &'a [Scenario], word: &str) -> Option<&'a Scenario> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    catalogue.iter().find(|scenario| scenario.name == word || scenario.domain == word)
}

fn unknown(catalogue: &[Scenario], word: &str) -> anyhow::Error {
    let known = |scenario| if word.contains('.') { domain_of(scenario) } else { name_of(scenario) };
    let hint = nearest(word, catalogue.iter().map(known))
        .map_or_else(|| "`mta-sts lab list` lists them".to_owned(), |near| format!("did you mean {near}?"));
    Stop::usage(format!("the lab has no scenario or domain {}; {hint}", visible(word)))
}

fn name_of(scenario: &Scenario) -> &str {
    &scenario.name
}

fn domain_of(scenario: &Scenario) -> &str {
    &scenario.domain
}

/// Reads the names, each once.
fn domains(texts: &[String]) -> anyhow::Result<Vec<Domain>> {
    let mut seen = HashSet::new();
    let mut domains = Vec::new();
    for text in texts {
        let domain = Domain::parse(text).map_err(|error| Stop::usage(error.to_string()))?;
        if seen.insert(domain.clone()) {
            domains.push(domain);
        }
    }
    Ok(domains)
}
