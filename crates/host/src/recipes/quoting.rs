//! How a value is written so that it cannot leave its place, for each syntax that recipes are written in. What a syntax has
//! no way to write is refused, never replaced.

use std::borrow::Cow;

use super::RecipeRefused;

/// The variable that stands for a dollar sign in nginx, which has no escape for it.
pub(super) const NGINX_DOLLAR: &str = "mta_sts_dollar";

/// What a syntax has no way to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unwritable {
    syntax: &'static str,
    what: &'static str,
}

impl Unwritable {
    /// The refusal of a recipe, by the option of the command line that brought the value.
    pub(super) fn given_by(option: &'static str) -> impl Fn(Self) -> RecipeRefused {
        move |Self { syntax, what }| RecipeRefused { option, syntax, what }
    }
}

/// One word of a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A string of JSON, and so of JavaScript, YAML 1.2, TOML and HCL: all take these escapes in double quotes.
pub(super) fn json(text: &str) -> String {
    // YAML and older JavaScript end lines at more than these, and some readers drop a byte order mark.
    let is_numbered = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    escaped(text, |c| is_numbered(c).then(|| Cow::Owned(format!("\\u{:04x}", u32::from(c)))))
}

/// A string of HCL, in which `${` and `%{` begin templates. The doubled `$${` would be ambiguous after another dollar sign.
pub(super) fn hcl(text: &str) -> String {
    json(text).replace("${", "\\u0024{").replace("%{", "\\u0025{")
}

/// A string of nginx. A dollar sign becomes the variable [`NGINX_DOLLAR`], which the file must then define.
pub(super) fn nginx(text: &str) -> String {
    escaped(text, |c| (c == '$').then(|| Cow::Owned(format!("${{{NGINX_DOLLAR}}}"))))
}

/// A string of Apache's configuration, one line. `${` would name a variable and has no escape.
pub(super) fn apache(text: &str) -> Result<String, Unwritable> {
    match text.contains("${") {
        true => Err(Unwritable { syntax: "Apache's configuration", what: "`${`" }),
        false => Ok(backslashed(text, &['"', '\\'])),
    }
}

/// A string of a Caddyfile, which has no escape for backslashes, nor for braces, which are placeholders.
pub(super) fn caddy(text: &str) -> Result<String, Unwritable> {
    match text.contains(['\\', '{', '}']) {
        true => Err(Unwritable { syntax: "a Caddyfile", what: "a backslash or a brace" }),
        false => Ok(backslashed(text, &['"'])),
    }
}

/// A string of HAProxy's configuration: in double quotes, variables of the environment must be escaped.
pub(super) fn haproxy(text: &str) -> String {
    backslashed(text, &['"', '\\', '$'])
}

/// A string of lighttpd's configuration.
pub(super) fn lighttpd(text: &str) -> String {
    backslashed(text, &['"', '\\'])
}

/// A string of Docker Compose's YAML, in which `$` begins a variable.
pub(super) fn compose(text: &str) -> String {
    json(&text.replace('$', "$$"))
}

/// A string of Traefik's YAML, which is a template of Go first: there `{{` begins an action.
pub(super) fn traefik(text: &str) -> String {
    json(text).replace("{{", "\\u007b\\u007b")
}

/// The rest of a line of a systemd unit, in which `%` begins a specifier. A backslash at the end would join lines, and
/// blanks there are taken off.
pub(super) fn systemd(text: &str) -> Result<String, Unwritable> {
    let ends_blank = text.ends_with(|c: char| c.is_ascii_whitespace());
    match ends_blank || text.contains('\\') {
        true => Err(Unwritable { syntax: "a unit of systemd", what: "a backslash, or a blank at the end" }),
        false => Ok(text.replace('%', "%%")),
    }
}

/// In double quotes, with these escapes: `\"`, `\\`, `\n`, `\r`, `\t`, and what else `other` writes in its own way.
fn escaped(text: &str, other: impl Fn(char) -> Option<Cow<'static, str>>) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        let written = match c {
            '"' => Some(Cow::Borrowed("\\\"")),
            '\\' => Some(Cow::Borrowed(r"\\")),
            '\n' => Some(Cow::Borrowed(r"\n")),
            '\r' => Some(Cow::Borrowed(r"\r")),
            '\t' => Some(Cow::Borrowed(r"\t")),
            c => other(c),
        };
        match written {
            Some(written) => out.push_str(&written),
            None => out.push(c),
        }
    }
    out.push('"');
    out
}

fn backslashed(text: &str, special: &[char]) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        if special.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
