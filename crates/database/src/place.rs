//! Where a database is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::error::{DatabaseError, DatabaseFault};

/// Where a database is. Shown without its password.
#[derive(Clone)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database, and how to reach it.
    Server(Box<PgConnectOptions>),
}

impl Place {
    /// Reads `postgres://USER@HOST/DATABASE` or the path of a file. A password may stand in the URL, in `PGPASSWORD` or
    /// in the user's password file.
    ///
    /// # Errors
    /// [`DatabaseFault::Place`] for a URL that cannot be read; the message does not repeat it, since it may hold a
    /// password.
    pub fn parse(text: &str) -> Result<Self, DatabaseError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        match PgConnectOptions::from_str(text) {
            Ok(options) => {
                // Our own log tells what matters; statements hold what others wrote.
                Ok(Self::Server(Box::new(options.application_name("mta-sts"))))
            }
            Err(error) => Err(DatabaseError::new(
                DatabaseFault::Place,
                "the URL given".to_owned(),
                "reading it",
                Some(error),
            )),
        }
    }

    /// Whether several machines may use it at the same time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(options) => {
                write!(f, "postgres://{}@{}", options.get_username(), options.get_host())?;
                if options.get_port() != 5432 {
                    write!(f, ":{}", options.get_port())?;
                }
                write!(f, "/{}", options.get_database().unwrap_or_else(|| options.get_username()))
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_no_password() {
        for (text, shown) in [
            ("list.scan.sqlite", "list.scan.sqlite"),
            ("postgres://me:secret@db.example:5433/scans", "postgres://me@db.example:5433/scans"),
            ("postgresql://me@127.0.0.1/scans", "postgres://me@127.0.0.1/scans"),
        ] {
            let place = Place::parse(text).expect(text);
            assert_eq!(place.to_string(), shown);
            assert!(!format!("{place:?}").contains("secret"));
        }
        let error = Place::parse("postgres://me:secret@db.example:port/x").expect_err("no port");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
