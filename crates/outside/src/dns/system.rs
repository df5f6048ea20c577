//! The system's choice of resolvers.

use std::net::{IpAddr, SocketAddr};

use crate::SetupError;

const FILE: &str = "/etc/resolv.conf";
/// As the C library: the first three count.
const MAX_NAMESERVERS: usize = 3;

/// The first resolvers of `/etc/resolv.conf`.
pub(crate) fn nameservers() -> Result<Vec<SocketAddr>, SetupError> {
    let text = std::fs::read_to_string(FILE).map_err(|e| SetupError::NoSystemResolver(e.to_string()))?;
    let found = read(&text);
    if found.is_empty() {
        return Err(SetupError::NoSystemResolver("it names no nameserver".to_owned()));
    }
    Ok(found)
}

fn read(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("nameserver"))
        .filter(|rest| rest.starts_with([' ', '\t']))
        .filter_map(|rest| rest.split_whitespace().next())
        .filter_map(|address| address.split('%').next()?.parse::<IpAddr>().ok())
        .map(|address| SocketAddr::new(address, 53))
        .take(MAX_NAMESERVERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_c_library_reads() {
        let text = "# none\nsearch x\nnameserver 192.0.2.1\nnameserver\t2001:db8::1 # two\nnameserverx 192.0.2.9\n\
                    nameserver nonsense\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        let expected = ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.3:53"];
        assert_eq!(read(text).iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        assert!(read("").is_empty());
    }
}
