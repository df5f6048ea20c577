//! A path on the machine that serves.

use std::path::PathBuf;
use std::str::FromStr;

/// The longest path taken, in octets: what Linux takes (`PATH_MAX`).
const MAX_OCTETS: usize = 4096;

/// A whole path on the machine that serves, as text on one line. What is said about it is for that machine: nothing of it
/// need exist here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPath(String);

/// A path that no configuration can hold, or that each server would take for another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServerPathRefused {
    /// It does not begin at the root.
    #[error(
        "give the whole path on the server, from `/` on: each server begins relative paths in another folder"
    )]
    Relative,
    /// It holds a control character.
    #[error(
        "there is a line end or another control character in it, which no configuration can hold; choose another path"
    )]
    Control,
    /// It is no text.
    #[error("it is not UTF-8, which configurations are written in; choose another path")]
    NotText,
    /// It is too long.
    #[error("it is longer than {MAX_OCTETS} octets")]
    TooLong,
}

impl ServerPath {
    /// As text; begins with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A file below this folder.
    pub(super) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.0.trim_end_matches('/'))
    }
}

impl FromStr for ServerPath {
    type Err = ServerPathRefused;

    fn from_str(text: &str) -> Result<Self, ServerPathRefused> {
        if text.len() > MAX_OCTETS {
            return Err(ServerPathRefused::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(ServerPathRefused::Control);
        }
        if !text.starts_with('/') {
            return Err(ServerPathRefused::Relative);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<PathBuf> for ServerPath {
    type Error = ServerPathRefused;

    fn try_from(path: PathBuf) -> Result<Self, ServerPathRefused> {
        path.to_str().ok_or(ServerPathRefused::NotText)?.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_paths_on_one_line() {
        let long = format!("/{}", "a".repeat(MAX_OCTETS));
        for (text, refused) in [
            ("/etc/ssl/a b\"'$.pem", None),
            ("/", None),
            ("", Some(ServerPathRefused::Relative)),
            ("fullchain.pem", Some(ServerPathRefused::Relative)),
            ("~/web", Some(ServerPathRefused::Relative)),
            ("/a\nb", Some(ServerPathRefused::Control)),
            ("/a\u{85}b", Some(ServerPathRefused::Control)),
            (&long, Some(ServerPathRefused::TooLong)),
        ] {
            assert_eq!(text.parse::<ServerPath>().err(), refused, "{text:?}");
        }
        assert_eq!("/".parse::<ServerPath>().map(|root| root.below("x")), Ok("/x".to_owned()));
        assert_eq!("/a/".parse::<ServerPath>().map(|root| root.below("x")), Ok("/a/x".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStringExt as _;
        let path = PathBuf::from(std::ffi::OsString::from_vec(b"/a\xff".to_vec()));
        assert_eq!(ServerPath::try_from(path), Err(ServerPathRefused::NotText));
    }
}
