//! Where a database is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::error::{DatabaseError, DatabaseFault};

/// Where a database is. Shown without its password.
#[derive(Clone)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Server(Box<Server>),
}

/// How to reach a PostgreSQL database.
#[derive(Clone)]
pub struct Server {
    pub(crate) connect: PgConnectOptions,
    /// The URL as it was given, without the password.
    shown: String,
    hides_password: bool,
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
        let wrong = |error| {
            DatabaseError::new(DatabaseFault::Place, "the URL given".to_owned(), "reading it", Some(error))
        };
        let url = Url::parse(text).map_err(|error| wrong(sqlx::Error::Configuration(error.into())))?;
        // Our own log tells what matters; statements hold what others wrote.
        let connect = PgConnectOptions::from_str(text).map_err(wrong)?.application_name("mta-sts");
        let (shown, hides_password) = without_password(url);
        Ok(Self::Server(Box::new(Server { connect, shown, hides_password })))
    }

    /// Whether several machines may use it at the same time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Whether there was a password in it, which is not shown.
    #[must_use]
    pub const fn hides_password(&self) -> bool {
        matches!(self, Self::Server(server) if server.hides_password)
    }
}

/// The URL without a password, be it with the user or among the parameters; and whether there was one.
fn without_password(mut url: Url) -> (String, bool) {
    let is_password = |pair: &str| {
        // As the driver reads it, so that no way of writing it is overlooked.
        url::form_urlencoded::parse(pair.as_bytes()).any(|(key, _)| key == "password")
    };
    let pairs: Vec<&str> = url.query().into_iter().flat_map(|query| query.split('&')).collect();
    let kept: Vec<&str> = pairs.iter().copied().filter(|pair| !is_password(pair)).collect();
    let hides = url.password().is_some() || kept.len() < pairs.len();
    let query = (!kept.is_empty()).then(|| kept.join("&"));
    url.set_query(query.as_deref());
    // Only a URL without a host has no password that could be taken away.
    let _ = url.set_password(None);
    (url.into(), hides)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(server) => f.write_str(&server.shown),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.shown)
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
            ("postgresql://me@127.0.0.1/scans", "postgresql://me@127.0.0.1/scans"),
            (
                "postgres://me@db.example/scans?sslmode=require&p%61ssword=secret&options[search_path]=x",
                "postgres://me@db.example/scans?sslmode=require&options[search_path]=x",
            ),
            ("postgres:///scans?password=secret", "postgres:///scans"),
        ] {
            let place = Place::parse(text).expect(text);
            assert_eq!(place.to_string(), shown);
            assert_eq!(place.hides_password(), text.contains("secret"));
            assert!(!format!("{place:?}").contains("secret"));
        }
        let error = Place::parse("postgres://me:secret@db.example:port/x").expect_err("no port");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
