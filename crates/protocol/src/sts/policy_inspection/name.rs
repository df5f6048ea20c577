//! Field names and what was probably meant by them.

/// The fields of RFC 8461 §3.2.
pub(super) const KNOWN: [&str; 4] = ["version", "mode", "max_age", "mx"];

/// The known field that `name` is probably meant to be, if it is not one itself (rules 57 and 59).
pub(super) fn meant(name: &str) -> Option<&'static str> {
    if KNOWN.contains(&name) || name.len() > 16 {
        return None;
    }
    let plain = name.to_ascii_lowercase().replace(['-', ' ', '.'], "_");
    let close = |known: &&&str| plain == **known || plain.replace('_', "") == known.replace('_', "");
    let by_table = || match plain.as_str() {
        "v" | "ver" => Some("version"),
        "mx_host" | "mxs" | "nmx" | "mx_pattern" | "mx1" | "mx2" => Some("mx"),
        "age" | "maxage" | "max_ages" | "ttl" => Some("max_age"),
        _ => None,
    };
    let slipped = |known: &&&str| known.len() > 3 && is_one_slip(&plain, known);
    KNOWN.iter().find(close).copied().or_else(by_table).or_else(|| KNOWN.iter().find(slipped).copied())
}

/// True when one letter more, less, other, or one swap of neighbours turns `a` into `b`.
fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(front..).unwrap_or_default(), b.get(front..).unwrap_or_default());
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(..a.len() - back).unwrap_or_default(), b.get(..b.len() - back).unwrap_or_default());
    match (a, b) {
        ([x, y], [z, w]) => x == w && y == z,
        (a, b) => a.len() <= 1 && b.len() <= 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names() {
        for (name, expected) in [
            ("mx", None),
            ("Mode", Some("mode")),
            ("MX", Some("mx")),
            ("max-age", Some("max_age")),
            ("maxage", Some("max_age")),
            ("max_agee", Some("max_age")),
            ("vesrion", Some("version")),
            ("v", Some("version")),
            ("nmx", Some("mx")),
            ("mod", Some("mode")),
            ("note", None),
            ("x", None),
        ] {
            assert_eq!(meant(name), expected, "{name}");
        }
    }
}
