//! Who probably runs an MX host, by its name. Only a hint for people: nothing is judged by it.

/// When the table was last compared with the providers' documentation.
pub(crate) const VERIFIED: &str = "2026-11";

/// A host is a provider's when its name ends so, at a label's border.
const TABLE: &[(&str, &str)] = &[
    ("mail.protection.outlook.com", "Microsoft 365"),
    ("mx.microsoft", "Microsoft 365"),
    ("olc.protection.outlook.com", "Outlook.com"),
    ("google.com", "Google Workspace"),
    ("googlemail.com", "Google Workspace"),
    ("protonmail.ch", "Proton Mail"),
    ("zoho.com", "Zoho Mail"),
    ("zoho.eu", "Zoho Mail"),
    ("messagingengine.com", "Fastmail"),
    ("mail.icloud.com", "iCloud Mail"),
    ("yahoodns.net", "Yahoo Mail"),
    ("pphosted.com", "Proofpoint"),
    ("ppe-hosted.com", "Proofpoint Essentials"),
    ("mimecast.com", "Mimecast"),
    ("barracudanetworks.com", "Barracuda"),
    ("iphmx.com", "Cisco Secure Email"),
    ("mailbox.org", "mailbox.org"),
    ("migadu.com", "Migadu"),
    ("gandi.net", "Gandi"),
    ("ovh.net", "OVHcloud"),
    ("kundenserver.de", "IONOS"),
    ("ionos.com", "IONOS"),
    ("mxroute.com", "MXroute"),
    ("secureserver.net", "GoDaddy"),
    ("registrar-servers.com", "Namecheap"),
    ("mx.cloudflare.net", "Cloudflare Email Routing"),
    ("amazonaws.com", "Amazon SES"),
    ("mailgun.org", "Mailgun"),
    ("yandex.net", "Yandex 360"),
    ("mail.ru", "VK WorkMail"),
    ("tutanota.de", "Tuta"),
];

/// The provider that a host's name suggests.
pub(crate) fn provider(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let ends = |suffix: &str| {
        host.strip_suffix(suffix).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    TABLE.iter().find(|(suffix, _)| ends(suffix)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_providers() {
        for (host, name) in [
            ("example-com.mail.protection.outlook.com", Some("Microsoft 365")),
            ("example-com.h-v1.mx.microsoft", Some("Microsoft 365")),
            ("smtp.google.com", Some("Google Workspace")),
            ("ASPMX.L.GOOGLE.COM.", Some("Google Workspace")),
            ("aspmx2.googlemail.com", Some("Google Workspace")),
            ("mail.protonmail.ch", Some("Proton Mail")),
            ("mx.example.com", None),
            ("notgoogle.com", None),
        ] {
            assert_eq!(provider(host), name, "{host}");
        }
    }
}
