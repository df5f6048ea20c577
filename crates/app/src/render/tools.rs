//! The words of dig, curl and openssl.

use std::net::{IpAddr, SocketAddr};

use protocol::observed::{Route, Vantage};

/// RFC 9110 §4.2.2.
pub(super) const HTTPS: u16 = 443;
/// RFC 9110 §4.2.1.
pub(super) const HTTP: u16 = 80;
/// RFC 5321 §4.5.4.2.
const SMTP: u16 = 25;
/// RFC 1035 §4.2.
const DNS: u16 = 53;
/// Outdated versions (RFC 8996), and what openssl calls them.
pub(super) const OLD: [(&str, &str); 2] = [("TLS 1.1", "-tls1_1"), ("TLS 1.0", "-tls1")];

/// The commands, led the way that the look was led.
pub(super) struct Tools<'a> {
    /// dig's words for the resolver.
    at: Vec<String>,
    route: &'a Route,
    /// A file of roots; nothing for a built-in set.
    roots: Option<&'a str>,
    helo: &'a str,
}

impl<'a> Tools<'a> {
    pub(super) fn of(vantage: &'a Vantage) -> Self {
        let roots = match vantage.roots.as_str() {
            "webpki" | "system" => None,
            // The name under which `lab up` writes them.
            "lab" => Some("ca.pem"),
            path => Some(path),
        };
        Self { at: asked_at(&vantage.resolver), route: &vantage.route, roots, helo: &vantage.helo }
    }

    /// A question to the resolver.
    pub(super) fn dig(&self, name: &str, rtype: &str) -> String {
        self.ask(&self.at, &[], name, rtype)
    }

    /// A question to a name server itself.
    pub(super) fn dig_at(&self, server: &str, address: IpAddr, name: &str, rtype: &str) -> String {
        let place = self.route.destination(server, SocketAddr::new(address, DNS));
        self.ask(&asked_at(&place.to_string()), &["+norecurse"], name, rtype)
    }

    /// A name may begin with what dig takes for an option, a server or a query option: `-q` and `-t` prevent that.
    fn ask(&self, at: &[String], more: &[&str], name: &str, rtype: &str) -> String {
        let name = format!("{}.", name.trim_end_matches('.'));
        let source = self.route.source.map(|source| source.to_string());
        let mut words = vec!["dig", "+dnssec"];
        words.extend(more);
        words.extend(at.iter().map(String::as_str));
        words.extend(source.iter().flat_map(|source| ["-b", source]));
        words.extend(["-q", &name, "-t", rtype]);
        line(&words)
    }

    /// A fetch from one address, or from wherever the name leads.
    pub(super) fn fetch(&self, scheme: &str, host: &str, from: Option<(IpAddr, u16)>, path: &str) -> String {
        let mut words = vec!["curl".to_owned(), "-sSi".to_owned(), "--max-time".to_owned(), "60".to_owned()];
        if let Some((address, port)) = from {
            let place = SocketAddr::new(address, port);
            let to = self.route.destination(host, place);
            words.extend(if to == place {
                ["--resolve".to_owned(), format!("{host}:{port}:{}", bracketed(address))]
            } else {
                ["--connect-to".to_owned(), format!("{host}:{port}:{}:{}", bracketed(to.ip()), to.port())]
            });
        }
        if let Some(roots) = self.roots.filter(|_| scheme == "https") {
            words.extend(["--cacert".to_owned(), roots.to_owned()]);
        }
        if let Some(source) = self.route.source {
            words.extend(["--interface".to_owned(), source.to_string()]);
        }
        words.extend(["--url".to_owned(), format!("{scheme}://{host}{path}")]);
        line(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// An address that the look led elsewhere for this host.
    pub(super) fn dialled(&self, host: &str, port: u16) -> Option<(IpAddr, u16)> {
        let fits = self.route.detours.iter().find(|detour| detour.host == host && detour.from.port() == port);
        fits.map(|detour| (detour.from.ip(), port))
    }

    /// A handshake on a port of its own.
    pub(super) fn tls(&self, host: &str, address: IpAddr, port: u16, more: &[&str]) -> String {
        self.handshake(&[], host, address, port, more)
    }

    /// A handshake after STARTTLS.
    pub(super) fn starttls(&self, host: &str, address: IpAddr, more: &[&str]) -> String {
        self.handshake(&["-starttls", "smtp", "-name", self.helo], host, address, SMTP, more)
    }

    fn handshake(&self, how: &[&str], host: &str, address: IpAddr, port: u16, more: &[&str]) -> String {
        let to = self.route.destination(host, SocketAddr::new(address, port)).to_string();
        let source = self.route.source.map(|source| format!("{}:0", bracketed(source)));
        let mut words = vec!["openssl", "s_client"];
        words.extend(how);
        words.extend(["-connect", &to]);
        words.extend(source.iter().flat_map(|source| ["-bind", source]));
        words.extend(self.roots.iter().flat_map(|roots| ["-CAfile", roots]));
        words.extend(more);
        format!("{} </dev/null", line(&words))
    }
}

/// dig's words for a resolver; none when it is the system's.
fn asked_at(resolver: &str) -> Vec<String> {
    if let Ok(address) = resolver.parse::<SocketAddr>() {
        let mut words = vec![format!("@{}", address.ip())];
        if address.port() != DNS {
            words.extend(["-p".to_owned(), address.port().to_string()]);
        }
        return words;
    }
    let host = |text: &str| text.split(['/', '#', ' ']).next().unwrap_or_default().to_owned();
    if let Some(rest) = resolver.strip_prefix("tls://") {
        return vec!["+tls".to_owned(), format!("@{}", host(rest))];
    }
    if let Some(rest) = resolver.strip_prefix("https://") {
        return vec!["+https".to_owned(), format!("@{}", host(rest))];
    }
    Vec::new()
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Words for a POSIX shell, quoted where needed: names come from outside.
pub(crate) fn line(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

fn quote(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_outside_stay_one_word() {
        assert_eq!(line(&["dig", "a;rm -rf /"]), "dig 'a;rm -rf /'");
        assert_eq!(line(&["it's", "$(x)", ""]), "'it'\\''s' '$(x)' ''");
        assert_eq!(quote("[2001:db8::1]:25"), "'[2001:db8::1]:25'");
    }

    #[test]
    fn resolvers() {
        assert_eq!(asked_at("192.0.2.53:53"), ["@192.0.2.53"]);
        assert_eq!(asked_at("[::1]:5300"), ["@::1", "-p", "5300"]);
        assert_eq!(asked_at("tls://dns.example#192.0.2.1"), ["+tls", "@dns.example"]);
        assert!(asked_at("system").is_empty());
    }

    #[test]
    fn names_are_never_options() {
        let route = Route::default();
        let tools = Tools { at: Vec::new(), route: &route, roots: None, helo: "probe.example" };
        for name in ["@192.0.2.1", "-f/etc/passwd", "+tcp", "-x"] {
            assert_eq!(tools.dig(name, "TXT"), format!("dig +dnssec -q {name}. -t TXT"));
        }
    }
}
