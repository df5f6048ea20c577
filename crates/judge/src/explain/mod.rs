//! The offline pages: one for each finding code, each detail of the umbrella codes, and each term of the field.
//!
//! A page is a Markdown file in `pages/`; [`explain`] finds it by its name, without regard to letter case and to the
//! difference between hyphen, underscore and blank, or by another name in use for it.

mod alias;
mod near;
mod page;
mod table;
#[cfg(test)]
mod tests;

pub use page::Page;

use alias::ALIASES;
use table::PAGES;

/// The longest word that is looked up; page names are far shorter, and near misses of a long word mean nothing.
const LONGEST_WORD: usize = 100;

/// The page of a word: a finding's code, a detail, or a term; `None` when there is none.
///
/// `max_age`, `Max-Age` and `max age` are the same word, and so are the other names in use for a thing, such as
/// `tls-rpt` for `tlsrpt`.
#[must_use]
pub fn explain(word: &str) -> Option<&'static Page> {
    let word = folded(word)?;
    page_of(&word).or_else(|| {
        // `code.detail`, as findings are shown: the detail has the nearer page.
        let (code, detail) = word.rsplit_once('.')?;
        page_of(detail).or_else(|| page_of(code))
    })
}

fn page_of(word: &str) -> Option<&'static Page> {
    let name =
        ALIASES.iter().find(|(alias, _)| folded(alias).as_deref() == Some(word)).map(|(_, name)| *name);
    let name = name.and_then(folded).unwrap_or_else(|| word.to_owned());
    PAGES.iter().find(|page| folded(page.name).as_ref() == Some(&name))
}

/// All pages: the codes layer by layer, then the terms.
#[must_use]
pub fn pages() -> &'static [Page] {
    PAGES
}

/// Names of pages near to a word that has none: those that contain it or that differ from it by a few letters; the
/// nearest first, a handful at most.
#[must_use]
pub fn suggest(word: &str) -> Vec<&'static str> {
    folded(word).map(|word| near::nearest(&word, PAGES)).unwrap_or_default()
}

/// The form in which words are compared: lower case, one `_` for each run of hyphens, underscores and blanks.
/// `None` for a word that is empty or too long to be one.
fn folded(word: &str) -> Option<String> {
    let word = word.trim().trim_matches('`');
    if word.is_empty() || word.len() > LONGEST_WORD {
        return None;
    }
    let mut form = String::with_capacity(word.len());
    for c in word.trim_start_matches('_').chars() {
        if matches!(c, '-' | '_' | ' ') {
            if !form.ends_with('_') {
                form.push('_');
            }
        } else {
            form.extend(c.to_lowercase());
        }
    }
    Some(form)
}
