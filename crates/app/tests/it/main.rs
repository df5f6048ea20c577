//! The shipped binary against the lab, and the rules of the house.

mod bad_input;
mod binary;
mod by_hand;
mod catalogue;
mod doors;
mod exit_codes;
mod formats;
mod help;
mod house;
mod lint;
mod profiles;
mod replay;
mod words;
