//! A node: a database, what it shows, and its port 80.

use std::net::SocketAddr;
use std::sync::Arc;

use database::{Database, Options, Place, Sql};
use host::certificates::{
    AcmeSettings, Certificates, Issuer, IssuerSettings, Method, Proofs, Sealer, SealingKey, Store,
    queue::Limits,
};
use outside::{Clock, Roots};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::authority::TestAuthority;

/// One database with one node.
pub(crate) struct Stand {
    pub(crate) store: Store,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) place: Place,
    pub(crate) _dir: TempDir,
}

/// A SQLite file, and a schema of its own in the PostgreSQL that `MTA_STS_TEST_POSTGRES` names.
pub(crate) async fn stands(name: &str) -> Vec<Stand> {
    let dir = TempDir::new().unwrap();
    let place = Place::File(dir.path().join("test.sqlite"));
    let mut stands = vec![Stand::open(place, dir).await];
    match std::env::var("MTA_STS_TEST_POSTGRES") {
        Ok(url) => stands.push(on_server(&url, name).await),
        Err(_) => eprintln!("PostgreSQL is left out: `cargo xtask test postgres` tests it too"),
    }
    stands
}

async fn on_server(url: &str, name: &str) -> Stand {
    let schema = format!("host_{name}_{}", std::process::id());
    let admin = Database::open(&Place::parse(url).unwrap(), &Options::default()).await.unwrap();
    let mut transaction = admin.begin().await.unwrap();
    let create = Sql::same(Box::leak(format!("CREATE SCHEMA {schema}").into_boxed_str()));
    transaction.execute(create, &[]).await.unwrap();
    transaction.commit().await.unwrap();
    admin.close().await;
    let place = Place::parse(&format!("{url}&options[search_path]={schema}")).unwrap();
    Stand::open(place, TempDir::new().unwrap()).await
}

impl Stand {
    async fn open(place: Place, dir: TempDir) -> Self {
        let sealer = Arc::new(Sealer::new(&SealingKey::generate().unwrap(), &[]).unwrap());
        let database = Database::open(&place, &Options::default()).await.unwrap();
        let store = Store::open(database, Arc::clone(&sealer)).await.unwrap();
        let certificates = Arc::new(Certificates::new(Arc::clone(&sealer)));
        Self { store, certificates, sealer, place, _dir: dir }
    }

    /// The same database as another node sees it.
    pub(crate) async fn another(&self) -> (Store, Arc<Certificates>) {
        let database = Database::open(&self.place, &Options::default()).await.unwrap();
        let store = Store::open(database, Arc::clone(&self.sealer)).await.unwrap();
        (store, Arc::new(Certificates::new(Arc::clone(&self.sealer))))
    }

    /// What orders at this authority.
    pub(crate) fn issuer(&self, authority: &TestAuthority, limits: Limits) -> Issuer {
        self.issuer_at(&authority.directory, &authority.root_pem, limits, vec![Method::Http01])
    }

    pub(crate) fn issuer_at(
        &self,
        directory: &str,
        root: &str,
        limits: Limits,
        methods: Vec<Method>,
    ) -> Issuer {
        issuer(&self.store, &self.certificates, "node", directory, root, limits, methods)
    }
}

pub(crate) fn issuer(
    store: &Store,
    certificates: &Arc<Certificates>,
    node: &str,
    directory: &str,
    root: &str,
    limits: Limits,
    methods: Vec<Method>,
) -> Issuer {
    let settings = IssuerSettings {
        acme: AcmeSettings {
            directory: directory.to_owned(),
            contacts: Vec::new(),
            roots: Roots::Pem { name: "test".to_owned(), text: root.to_owned() },
            profile: None,
        },
        limits,
        proofs: Proofs { methods, dns: None },
        parallel: 16,
        node: node.to_owned(),
    };
    Issuer::new(store.clone(), Arc::clone(certificates), None, settings, Clock::system())
}

/// Port 80 of a node: answers authorities and nobody else.
pub(crate) async fn port_80(certificates: Arc<Certificates>, address: &str) -> SocketAddr {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let certificates = Arc::clone(&certificates);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(octet) = tcp.read_u8().await else { return };
                    head.push(octet);
                }
                let head = String::from_utf8(head).unwrap();
                let token = head.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap();
                let host = head.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap();
                let host = host.split(':').next().unwrap();
                let answer = match certificates.challenges().http01(host, token) {
                    Some(text) => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()),
                    None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
                };
                drop(tcp.write_all(answer.as_bytes()).await);
                drop(tcp.shutdown().await);
            });
        }
    });
    address
}
