//! Which resolver to ask.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use outside::ResolverChoice;

/// Reads a choice of resolver: `system`, `ADDRESS[:PORT]`, `tls://ADDRESS[:PORT]#NAME`, `tls://HOST[:PORT][#ADDRESS]`,
/// `https://HOST[:PORT]/PATH[#ADDRESS]`. The host of an encrypted resolver is looked up in the system's way unless
/// its address is given.
pub(crate) fn parse_resolver(text: &str) -> Result<ResolverChoice, String> {
    if text.eq_ignore_ascii_case("system") {
        return Ok(ResolverChoice::System);
    }
    if let Some(rest) = text.strip_prefix("tls://") {
        if let Some((address, name)) = named_address(rest) {
            return Ok(ResolverChoice::Tls(address, name));
        }
        let (authority, pinned) = split_pin(rest)?;
        let (host, port) = split_authority(authority.trim_end_matches('/'), 853)?;
        return Ok(ResolverChoice::Tls(locate(&host, port, pinned)?, host));
    }
    if let Some(rest) = text.strip_prefix("https://") {
        let (target, pinned) = split_pin(rest)?;
        let authority = target.split('/').next().unwrap_or_default();
        let (host, port) = split_authority(authority, 443)?;
        let path = if target.contains('/') { "" } else { "/dns-query" };
        return Ok(ResolverChoice::Https(format!("https://{target}{path}"), locate(&host, port, pinned)?));
    }
    plain(text).map(ResolverChoice::Plain).ok_or_else(|| {
        "a resolver is given as 192.0.2.53, 192.0.2.53:5353, [2001:db8::53]:53, tls://HOST or https://HOST/dns-query"
            .to_owned()
    })
}

fn plain(text: &str) -> Option<SocketAddr> {
    text.parse::<SocketAddr>()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 53)))
        .or_else(|| {
            let inner = text.strip_prefix('[')?.strip_suffix(']')?;
            inner.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 53))
        })
}

/// `ADDRESS[:PORT]#NAME`: the address to ask, and the name in its certificate.
fn named_address(text: &str) -> Option<(SocketAddr, String)> {
    let (address, name) = text.split_once('#')?;
    let name = protocol::Domain::parse(name).ok()?;
    let (host, port) = split_authority(address, 853).ok()?;
    Some((SocketAddr::new(host.parse().ok()?, port), name.as_str().to_owned()))
}

fn split_pin(text: &str) -> Result<(&str, Option<IpAddr>), String> {
    match text.split_once('#') {
        None => Ok((text, None)),
        Some((target, pin)) => match pin.parse() {
            Ok(address) => Ok((target, Some(address))),
            Err(_) => Err(format!("`{pin}` after the # is no address")),
        },
    }
}

fn split_authority(text: &str, usual: u16) -> Result<(String, u16), String> {
    if let Some(address) = text.parse::<SocketAddr>().ok().filter(|_| text.contains(':')) {
        return Ok((address.ip().to_string(), address.port()));
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok((address.to_string(), usual));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| format!("`{port}` is no port"))?),
        None => (text, usual),
    };
    let domain =
        protocol::Domain::parse(host).map_err(|error| format!("`{host}` is no host name: {error}"))?;
    Ok((domain.as_str().to_owned(), port))
}

fn locate(host: &str, port: u16, pinned: Option<IpAddr>) -> Result<SocketAddr, String> {
    if let Some(address) = pinned.or_else(|| host.parse().ok()) {
        return Ok(SocketAddr::new(address, port));
    }
    (host, port)
        .to_socket_addrs()
        .map_err(|error| {
            format!("the resolver's own host {host} was not found: {error}; give its address after #")
        })?
        .next()
        .ok_or_else(|| format!("the resolver's own host {host} has no address; give its address after #"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("address")
    }

    #[test]
    fn forms() {
        for (text, choice) in [
            ("system", ResolverChoice::System),
            ("192.0.2.53", ResolverChoice::Plain(at("192.0.2.53:53"))),
            ("127.0.0.1:5300", ResolverChoice::Plain(at("127.0.0.1:5300"))),
            ("2001:db8::53", ResolverChoice::Plain(at("[2001:db8::53]:53"))),
            ("[2001:db8::53]", ResolverChoice::Plain(at("[2001:db8::53]:53"))),
            ("tls://192.0.2.53#dns.example", ResolverChoice::Tls(at("192.0.2.53:853"), "dns.example".into())),
            ("tls://192.0.2.53", ResolverChoice::Tls(at("192.0.2.53:853"), "192.0.2.53".into())),
            (
                "tls://dns.example:8853#192.0.2.1",
                ResolverChoice::Tls(at("192.0.2.1:8853"), "dns.example".into()),
            ),
            (
                "https://dns.example/q#192.0.2.1",
                ResolverChoice::Https("https://dns.example/q".into(), at("192.0.2.1:443")),
            ),
            (
                "https://192.0.2.1",
                ResolverChoice::Https("https://192.0.2.1/dns-query".into(), at("192.0.2.1:443")),
            ),
        ] {
            assert_eq!(parse_resolver(text), Ok(choice), "{text}");
        }
    }

    #[test]
    fn wrong_forms() {
        for text in
            ["", "dns.example", "192.0.2.53:99999", "tls://", "tls://a_b c", "https://x#y", "udp://192.0.2.1"]
        {
            assert!(parse_resolver(text).is_err(), "{text}");
        }
    }
}
