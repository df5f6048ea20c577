//! What both kinds of database must do, by the same code.

mod contract;
mod faults;
mod lease;
mod migrations;
mod stand;
