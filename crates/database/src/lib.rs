//! One embedded (SQLite) or shared (PostgreSQL) database behind one handle. Owns no table but those of its migrations
//! and leases.
