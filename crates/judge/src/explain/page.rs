//! One page, and how its title is found.

/// One page for people, to be read offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The word it explains: a finding's code, a detail, or a term.
    pub name: &'static str,
    /// One sentence that says what it is about.
    pub title: &'static str,
    /// The whole page as Markdown: `# name`, the title, then sections.
    pub body: &'static str,
}

/// A page from its text, whose first line is `# name` and whose third line is the title. Runs when the crate is
/// built.
pub(super) const fn page(name: &'static str, body: &'static str) -> Page {
    let (_, after_name) = first_line(body);
    let (_, after_blank) = first_line(after_name);
    let (title, _) = first_line(after_blank);
    Page { name, title, body }
}

/// The first line without its end, and what follows it.
const fn first_line(text: &'static str) -> (&'static str, &'static str) {
    let octets = text.as_bytes();
    let mut at = 0;
    while at < octets.len() {
        if octets[at] == b'\n' {
            let (line, rest) = text.split_at(at);
            return (line, rest.split_at(1).1);
        }
        at += 1;
    }
    (text, "")
}
