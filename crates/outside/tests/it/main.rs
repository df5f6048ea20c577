//! Looks at real servers on loopback: a signed zone, web and mail servers with certificates of a CA of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod caa;
mod dane;
mod dns;
mod dnssec;
mod loopback;
mod mail;
mod resolvers;
mod served;
mod sessions;
mod survey;
mod sweep;
mod visits;
mod web;
mod world;
