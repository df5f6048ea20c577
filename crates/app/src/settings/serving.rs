//! How to serve, resolved.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use host::certificates::{AcmeSettings, KeyFiles, queue::Limits};
use outside::Roots;
use protocol::Domain;

use super::{Layers, Origin, Setting, parse_word};
use crate::capsule::read_bounded;
use crate::cli::{LimitsWord, PrivacyWord, ServeArgs};
use crate::exit::Stop;

/// The largest file of roots read.
const ROOTS_LIMIT: u64 = 4 << 20;

/// How to serve, resolved.
#[derive(Debug)]
pub(crate) struct Serving {
    /// Where policies are served.
    pub(crate) https: Vec<SocketAddr>,
    /// Where authorities look by HTTP.
    pub(crate) http: Vec<SocketAddr>,
    /// Where names are answered.
    pub(crate) dns: Vec<SocketAddr>,
    /// The zone's name servers.
    pub(crate) name_servers: Vec<Domain>,
    /// What the zone is signed with.
    pub(crate) zone_keys: Vec<PathBuf>,
    /// Where the operator looks.
    pub(crate) management: SocketAddr,
    /// The access log.
    pub(crate) access_log: Option<PathBuf>,
    /// How much it holds of addresses.
    pub(crate) privacy: PrivacyWord,
    /// This node's name.
    pub(crate) node: Option<String>,
    /// The authority to order from, and its limits.
    pub(crate) acme: Option<(AcmeSettings, Limits)>,
    /// The operator's own certificates.
    pub(crate) own: Vec<KeyFiles>,
    /// The key that keys are sealed with.
    pub(crate) sealing_key: Option<PathBuf>,
}

impl Serving {
    /// Resolves flags, environment and file.
    pub(crate) fn resolve(args: &ServeArgs, layers: &Layers) -> anyhow::Result<Self> {
        let ServeArgs { doors, certificates, .. } = args;
        let sockets = |key: &str, flags: &[SocketAddr]| layers.pick_list(key, flags.to_vec(), parse_socket);
        let https = sockets("https", &doors.https)?.value;
        let word = |key: &str, flag: &Option<String>| {
            layers.pick(key, flag.clone().map(Some), |text| Ok(Some(text.to_owned())), || None)
        };
        let file = |key: &str, flag: &Option<PathBuf>| path(layers, key, flag.as_deref());
        Ok(Self {
            https: if https.is_empty() { vec![SocketAddr::from(([127, 0, 0, 1], 8443))] } else { https },
            http: sockets("http", &doors.http)?.value,
            dns: sockets("dns", &doors.dns)?.value,
            name_servers: layers
                .pick_list("name-server", doors.name_server.clone(), |text| {
                    Domain::parse(text).map_err(|error| error.to_string())
                })?
                .value,
            zone_keys: paths(layers, "zone-key", &doors.zone_key)?,
            management: layers
                .pick("management", doors.management, parse_socket, || {
                    SocketAddr::from(([127, 0, 0, 1], 9402))
                })?
                .value,
            access_log: file("access-log", &doors.access_log)?,
            privacy: layers
                .pick("access-log-privacy", doors.access_log_privacy, parse_word, || PrivacyWord::Network)?
                .value,
            node: word("node", &doors.node)?.value,
            acme: acme(args, layers)?,
            own: own(args, layers)?,
            sealing_key: file("sealing-key", &certificates.sealing_key)?,
        })
    }
}

fn acme(args: &ServeArgs, layers: &Layers) -> anyhow::Result<Option<(AcmeSettings, Limits)>> {
    let args = &args.certificates;
    let text = |text: &str| Ok(text.to_owned());
    let directory = layers.pick("acme-directory", args.acme_directory.clone(), text, String::new)?.value;
    if directory.is_empty() {
        return Ok(None);
    }
    let contacts = layers.pick_list("acme-contact", args.acme_contact.clone(), text)?.value;
    let roots = layers.pick("acme-roots", args.acme_roots.clone(), text, || "webpki".to_owned())?;
    let roots = layers.relative(roots, &["webpki", "system"]);
    let limits = layers.pick("acme-limits", args.acme_limits, parse_word, || LimitsWord::LetsEncrypt)?.value;
    let mail = |text: String| if text.contains(':') { text } else { format!("mailto:{text}") };
    let settings = AcmeSettings {
        directory,
        contacts: contacts.into_iter().map(mail).collect(),
        roots: read_roots(&roots)?,
        profile: None,
    };
    let limits = match limits {
        LimitsWord::LetsEncrypt => Limits::LETS_ENCRYPT,
        LimitsWord::None => Limits::NONE,
    };
    Ok(Some((settings, limits)))
}

fn read_roots(setting: &Setting<String>) -> anyhow::Result<Roots> {
    Ok(match setting.value.as_str() {
        "webpki" => Roots::Webpki,
        "system" => Roots::System,
        file => {
            let octets = read_bounded(Path::new(file), ROOTS_LIMIT)
                .map_err(|error| Stop::usage(format!("--acme-roots: {error:#}")))?;
            let text = String::from_utf8(octets).map_err(|_| {
                Stop::usage(format!("--acme-roots: {} is no text", crate::render::visible(file)))
            })?;
            Roots::Pem { name: file.to_owned(), text }
        }
    })
}

fn own(args: &ServeArgs, layers: &Layers) -> anyhow::Result<Vec<KeyFiles>> {
    let args = &args.certificates;
    let (chains, keys) = (paths(layers, "certificate", &args.certificate)?, paths(layers, "key", &args.key)?);
    if chains.len() != keys.len() {
        return Err(Stop::usage(format!(
            "--certificate and --key belong together: there are {} certificates and {} keys",
            chains.len(),
            keys.len()
        )));
    }
    Ok(chains.into_iter().zip(keys).map(|(chain, key)| KeyFiles { chain, key }).collect())
}

fn paths(layers: &Layers, key: &str, flags: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let picked = layers.pick_list(key, flags.to_vec(), |text| Ok(PathBuf::from(text)))?;
    let beside = |path: PathBuf| resolved(layers, path, &picked.origin);
    Ok(picked.value.into_iter().map(beside).collect())
}

fn path(layers: &Layers, key: &str, flag: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    let parse = |text: &str| Ok(Some(PathBuf::from(text)));
    let picked = layers.pick(key, flag.map(|path| Some(path.to_owned())), parse, || None)?;
    Ok(picked.value.map(|path| resolved(layers, path, &picked.origin)))
}

/// A path given in the file is relative to the file.
fn resolved(layers: &Layers, path: PathBuf, origin: &Origin) -> PathBuf {
    let setting = Setting { value: path.display().to_string(), origin: origin.clone() };
    match origin {
        Origin::File(_) => PathBuf::from(layers.relative(setting, &[]).value),
        _ => path,
    }
}

fn parse_socket(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "ADDRESS:PORT is needed, such as 192.0.2.80:443 or [2001:db8::80]:443".to_owned())
}
