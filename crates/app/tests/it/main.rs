//! The shipped binary against the lab, and the rules of the house.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so by failing")]

mod answerer;
mod bad_input;
mod binary;
mod by_hand;
mod catalogue;
mod doctor;
mod doors;
mod exit_codes;
mod formats;
mod generate;
mod guides;
mod help;
mod house;
mod lab_up;
mod lint;
mod memory;
mod mx;
mod one_build;
mod profiles;
mod publish;
mod replay;
mod scan_again;
mod scan_outputs;
mod scan_work;
mod shell;
mod words;
