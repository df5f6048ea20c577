//! How a value is written so that it cannot leave its place, for each syntax that recipes are written in.

/// The variable that stands for a dollar sign in nginx, which has no escape for it.
pub(super) const NGINX_DOLLAR: &str = "mta_sts_dollar";

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
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // YAML and older JavaScript end lines at more than these, and some readers drop a byte order mark.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A string of HCL, in which `${` and `%{` begin templates. The doubled `$${` would be ambiguous after another dollar sign.
pub(super) fn hcl(text: &str) -> String {
    json(text).replace("${", "\\u0024{").replace("%{", "\\u0025{")
}

/// A string of nginx. A dollar sign becomes the variable [`NGINX_DOLLAR`], which the file must then define.
pub(super) fn nginx(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' => out.push_str(&format!("${{{NGINX_DOLLAR}}}")),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A string of Apache's configuration, one line. `${` would name a variable and has no escape: it becomes `_{`.
pub(super) fn apache(text: &str) -> String {
    format!("\"{}\"", text.replace("${", "_{").replace('\\', r"\\").replace('"', "\\\""))
}

/// A string of a Caddyfile. What it has no escape for becomes `_`: backslashes, and braces, which are placeholders.
pub(super) fn caddy(text: &str) -> String {
    format!("\"{}\"", text.replace(['\\', '{', '}'], "_").replace('"', "\\\""))
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

/// The rest of a line of a systemd unit, in which `%` begins a specifier and a backslash at the end joins lines.
pub(super) fn systemd(text: &str) -> String {
    text.replace('%', "%%").replace('\\', "_")
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
