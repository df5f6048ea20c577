//! What `generate` gives: the order of publishing, and the files.

mod steps;
mod tree;

pub(crate) use steps::{Paste, Step, check_command, steps};
pub(crate) use tree::{Generated, write_tree};
