//! Shows results. Each format is one file; all text that comes from outside passes through [`escape`].

mod by_hand;
mod csv;
mod escape;
mod generated;
mod generated_json;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod lint_human;
mod lint_json;
mod lint_sarif;
mod markdown;
mod mx_table;
mod nagios;
mod page;
mod paint;
mod publication;
mod readiness;
mod rehearsals;
mod report;
mod sarif;
mod scan_diff;
mod scan_summary;
mod scan_verdicts;
mod stream;
mod terminal_page;
mod tools;
mod words;

pub(crate) use escape::{visible, visible_lines};
pub(crate) use generated::generated_human;
pub(crate) use generated_json::generated_json;
pub(crate) use json::{document, write as write_json};
pub(crate) use lint_human::lint_human;
pub(crate) use lint_json::{lint_github, lint_json};
pub(crate) use lint_sarif::lint_sarif;
pub(crate) use mx_table::{mx_human, mx_markdown, mx_table};
pub(crate) use nagios::{State, nagios_unknown};
pub(crate) use page::hung;
pub(crate) use paint::Paint;
pub(crate) use publication::{
    AnnouncedHow, NoticeInterval, Publication, PublicationStatus, publication_human,
};
pub(crate) use readiness::{readiness_human, readiness_json, readiness_markdown};
pub(crate) use rehearsals::{rehearsal_lines, showcase_table};
pub(crate) use report::Report;
pub(crate) use scan_diff::{change_human, diff_head, diff_tail};
pub(crate) use scan_summary::{summary_human, summary_json, summary_markdown};
pub(crate) use scan_verdicts::{VerdictLine, verdict_counts, verdict_line};
pub(crate) use stream::Stream;
pub(crate) use terminal_page::markdown_for_terminal;
pub(crate) use tools::line as shell_line;
pub(crate) use words::{consequence_word, layer_word, mechanism_word, severity_word, verdict_word};
