//! What is given to a statement.

/// What is given to a statement, in the four types that both kinds of database share. `None` is NULL.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `BIGINT`.
    Integer(Option<i64>),
    /// `TEXT`. PostgreSQL cannot hold NUL in it.
    Text(Option<String>),
    /// `BYTEA`.
    Octets(Option<Vec<u8>>),
    /// `DOUBLE PRECISION`.
    Real(Option<f64>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(Some(value.into()))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Octets(Some(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(Some(value))
    }
}
