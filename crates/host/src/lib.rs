//! Everything that answers for a domain owner: the announcing of ids and the recipes for other hosts.

pub mod recipes;
