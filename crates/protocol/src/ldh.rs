//! The letter-digit-hyphen rule for host names, shared by [`Domain`](crate::Domain) and
//! [`MxPattern`](crate::MxPattern).

/// Longest label in octets. RFC 1035 §2.3.4.
pub(crate) const MAX_LABEL: usize = 63;
/// Longest name in its text form without the final dot: 255 octets on the wire. RFC 1035 §2.3.4.
pub(crate) const MAX_NAME: usize = 253;

/// How a name breaks RFC 5321 §4.1.2 (`Domain`) or the limits of RFC 1035 §2.3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LdhFault {
    EmptyLabel,
    Hyphen,
    Octet,
    LabelTooLong,
    NameTooLong,
}

/// Checks `name` label by label. The error holds the byte offset of the fault.
pub(crate) fn check(name: &str) -> Result<(), (LdhFault, usize)> {
    let mut at = 0;
    for label in name.split('.') {
        check_label(label).map_err(|(fault, within)| (fault, at + within))?;
        at += label.len() + 1;
    }
    // RFC 1035 §2.3.4: a longer name cannot exist in the DNS.
    if name.len() > MAX_NAME { Err((LdhFault::NameTooLong, 0)) } else { Ok(()) }
}

// RFC 5321 §4.1.2: sub-domain = Let-dig [Ldh-str]
fn check_label(label: &str) -> Result<(), (LdhFault, usize)> {
    let bytes = label.as_bytes();
    if let Some(at) = bytes.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-') {
        return Err((LdhFault::Octet, at));
    }
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return Err((LdhFault::EmptyLabel, 0));
    };
    if *first == b'-' {
        return Err((LdhFault::Hyphen, 0));
    }
    if *last == b'-' {
        return Err((LdhFault::Hyphen, bytes.len() - 1));
    }
    if bytes.len() > MAX_LABEL { Err((LdhFault::LabelTooLong, 0)) } else { Ok(()) }
}

/// True when the right-most label is all digits: an IPv4 address or a slip, never a host name
/// (no top-level domain is numeric).
pub(crate) fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_where_they_are() {
        let long = "a".repeat(64);
        for (name, expected) in [
            ("a.b-c.d1", Ok(())),
            ("", Err((LdhFault::EmptyLabel, 0))),
            ("a..b", Err((LdhFault::EmptyLabel, 2))),
            ("a.-b", Err((LdhFault::Hyphen, 2))),
            ("a.b-.c", Err((LdhFault::Hyphen, 3))),
            ("a.b_c", Err((LdhFault::Octet, 3))),
            (&long, Err((LdhFault::LabelTooLong, 0))),
        ] {
            assert_eq!(check(name), expected, "{name}");
        }
        assert_eq!(check(&["abc"; 64].join(".")), Err((LdhFault::NameTooLong, 0)));
    }
}
