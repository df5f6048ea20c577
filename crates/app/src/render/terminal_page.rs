//! Markdown pages of our own, readable on a terminal. Only what those pages use: headings, lists, fenced blocks,
//! tables, strong and code.

use super::page::{hung, wrapped};
use super::paint::Paint;

/// The page as lines of at most 80 columns; blocks to paste stay as they are.
pub(crate) fn markdown_for_terminal(body: &str, paint: Paint) -> String {
    let mut page = String::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in body.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            flush(&mut page, &mut paragraph, paint);
            fenced = !fenced;
        } else if fenced {
            page.push_str(&format!("    {}\n", paint.paste(line)));
        } else if let Some(heading) = trimmed.strip_prefix('#') {
            flush(&mut page, &mut paragraph, paint);
            page.push_str(&format!("{}\n", paint.bold(heading.trim_start_matches('#').trim())));
        } else if trimmed.is_empty() {
            flush(&mut page, &mut paragraph, paint);
            page.push('\n');
        } else if trimmed.starts_with('|') {
            flush(&mut page, &mut paragraph, paint);
            page.push_str(&format!("{}\n", plain(line, paint)));
        } else {
            if item_indent(trimmed).is_some() {
                flush(&mut page, &mut paragraph, paint);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(trimmed);
        }
    }
    flush(&mut page, &mut paragraph, paint);
    page
}

fn flush(page: &mut String, paragraph: &mut String, paint: Paint) {
    if paragraph.is_empty() {
        return;
    }
    let text = match item_indent(paragraph) {
        Some(indent) => {
            let (mark, rest) = paragraph.split_at_checked(indent).unwrap_or(("", paragraph));
            hung(rest, &format!("  {mark}"), &" ".repeat(indent + 2))
        }
        None => wrapped(paragraph, ""),
    };
    page.push_str(&plain(&text, paint));
    page.push('\n');
    paragraph.clear();
}

/// How many characters the mark of a list item takes.
fn item_indent(line: &str) -> Option<usize> {
    if line.starts_with("- ") || line.starts_with("* ") {
        return Some(2);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && line.get(digits..).is_some_and(|rest| rest.starts_with(". "))).then_some(digits + 2)
}

/// Without the marks for strong and code; with colour they are shown by it.
fn plain(text: &str, paint: Paint) -> String {
    let mut shown = String::new();
    for (at, part) in text.split("**").enumerate() {
        if at % 2 == 1 {
            shown.push_str(&paint.bold(part));
            continue;
        }
        if !paint.on {
            shown.push_str(part);
            continue;
        }
        for (at, piece) in part.split('`').enumerate() {
            shown.push_str(&if at % 2 == 1 { paint.paste(piece) } else { piece.to_owned() });
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page() {
        let body =
            "# name\n\nA **strong**\nword with `code`.\n\n- one\n  more\n- two\n\n```\nkeep   this\n```\n";
        let shown = markdown_for_terminal(body, Paint { on: false });
        assert_eq!(shown, "name\n\nA strong word with `code`.\n\n  - one more\n  - two\n\n    keep   this\n");
    }

    #[test]
    fn every_page_fits_the_screen_pasted_blocks_excepted() {
        for page in judge::pages() {
            let shown = markdown_for_terminal(page.body, Paint { on: false });
            for line in shown.lines().filter(|line| !line.starts_with("    ") && !line.starts_with('|')) {
                assert!(line.chars().count() <= 80, "{}: {line}", page.name);
            }
        }
    }
}
