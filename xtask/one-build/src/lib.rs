//! Nothing to call: this package is there for its manifest.
//!
//! Cargo gives each dependency the features that the packages *selected by a command* ask for, and counts
//! dev-dependencies only when tests or benches are built. So `cargo run` and `cargo test` want different features of some
//! crates and would build those, and all that rests on them, twice. As ordinary dependencies of a member of the workspace's
//! defaults, what tests need counts always; it is compiled only when tests are.
