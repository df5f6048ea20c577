//! Shows results. Each format is one file; all texts that come from outside pass through [`escape`].

mod by_hand;
mod csv;
mod escape;
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
mod readiness;
mod report;
mod sarif;
mod stream;
mod words;

pub(crate) use escape::{visible, visible_lines};
pub(crate) use paint::Paint;
pub(crate) use report::Report;
pub(crate) use stream::Stream;
pub(crate) use words::{layer_name, status_word, verdict_word};
