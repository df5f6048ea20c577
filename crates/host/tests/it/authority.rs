//! A small certificate authority (RFC 8555, RFC 9773) that misbehaves when it is told to. It looks for http-01 answers
//! for real, at an address that it is given.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::jose::{self, Signed, decode};

/// How it misbehaves, and what it suggests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    /// Of a hundred good nonces it refuses this many.
    pub(crate) bad_nonces: u32,
    /// It answers everything with 503.
    pub(crate) down: bool,
    /// New orders are refused for so many seconds.
    pub(crate) rate_limited: Option<u32>,
    /// The window that it suggests, in seconds since 1970; without one it knows nothing of such questions.
    pub(crate) window: Option<(i64, i64)>,
    /// It refuses that anything be replaced.
    pub(crate) replaces_nothing: bool,
    /// The life of its certificates, in seconds.
    pub(crate) life: i64,
    /// By how much its clock is ahead, in seconds.
    pub(crate) ahead: i64,
    /// Names that it calls itself in CAA records.
    pub(crate) identities: Vec<String>,
}

/// What it did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Did {
    pub(crate) requests: u32,
    pub(crate) refused_nonces: u32,
    pub(crate) accounts: u32,
    pub(crate) orders: Vec<(String, Option<String>)>,
    pub(crate) issued: Vec<String>,
    pub(crate) failed: u32,
}

#[derive(Default)]
struct State {
    manners: Manners,
    did: Did,
    nonces: HashSet<String>,
    counter: u64,
    accounts: HashMap<String, (Vec<u8>, String)>,
    orders: Vec<Order>,
}

struct Order {
    name: String,
    status: &'static str,
    replaces: Option<String>,
    token: String,
    challenge: &'static str,
    error: Option<Value>,
    chain: Option<String>,
}

/// A running authority; its connections end when it is dropped.
pub(crate) struct TestAuthority {
    pub(crate) directory: String,
    pub(crate) root_pem: String,
    state: Arc<Mutex<State>>,
    stopping: Arc<Stopping>,
    running: tokio::task::JoinHandle<()>,
}

/// After so many requests it answers no more, for a while.
#[derive(Default)]
struct Stopping {
    /// How many requests are left; 0: it does not stop.
    left: AtomicU32,
    reached: Notify,
    stopped: AtomicBool,
}

struct Inner {
    stopping: Arc<Stopping>,
    base: String,
    state: Arc<Mutex<State>>,
    issuer: Issuer<'static, KeyPair>,
    chain_pem: String,
    answers_at: SocketAddr,
}

impl TestAuthority {
    /// Starts one that looks for answers at `answers_at`.
    pub(crate) async fn start(manners: Manners, answers_at: SocketAddr) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let own_key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&own_key, &issuer);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![own.unwrap().der().clone()],
                PrivateKeyDer::try_from(own_key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(Mutex::new(State { manners, ..State::default() }));
        let (chain_pem, root_pem) = (root.pem(), root.pem());
        let stopping = Arc::<Stopping>::default();
        let inner = Arc::new(Inner {
            stopping: Arc::clone(&stopping),
            base: base.clone(),
            state: Arc::clone(&state),
            issuer,
            chain_pem,
            answers_at,
        });
        let running = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, inner) = (acceptor.clone(), Arc::clone(&inner));
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    let service = service_fn(move |request| {
                        let inner = Arc::clone(&inner);
                        async move { Ok::<_, Infallible>(inner.answer(request).await) }
                    });
                    let connection = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(tls), service);
                    drop(connection.await);
                });
            }
        });
        Self { directory: format!("{base}/directory"), root_pem, state, stopping, running }
    }

    pub(crate) fn did(&self) -> Did {
        self.state.lock().unwrap().did.clone()
    }

    /// Answers `requests` more, takes up the last of them but does not answer it, nor any other; ends then.
    pub(crate) fn stop_after(&self, requests: u32) -> impl Future<Output = ()> + use<> {
        self.stopping.left.store(requests, Ordering::SeqCst);
        let stopping = Arc::clone(&self.stopping);
        async move { stopping.reached.notified().await }
    }

    /// Answers again.
    pub(crate) fn go_on(&self) {
        self.stopping.left.store(0, Ordering::SeqCst);
        self.stopping.stopped.store(false, Ordering::SeqCst);
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.state.lock().unwrap().manners);
    }
}

impl Drop for TestAuthority {
    fn drop(&mut self) {
        self.running.abort();
    }
}

type Answer = Response<Full<Bytes>>;

impl Inner {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let body = request.into_body().collect().await.unwrap().to_bytes();
        {
            let mut state = self.state.lock().unwrap();
            state.did.requests += 1;
            if state.manners.down {
                return text(StatusCode::SERVICE_UNAVAILABLE, "down for a while");
            }
        }
        let answer = self.route(&method, &path, &body).await;
        let was = self.stopping.left.load(Ordering::SeqCst);
        if was > 0 {
            self.stopping.left.store(was - 1, Ordering::SeqCst);
        }
        if was == 1 {
            self.stopping.stopped.store(true, Ordering::SeqCst);
            self.stopping.reached.notify_one();
        }
        if self.stopping.stopped.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        answer
    }

    async fn route(&self, method: &Method, path: &str, body: &[u8]) -> Answer {
        match (method, path) {
            (&Method::GET, "/directory") => self.directory(),
            (&Method::HEAD, "/nonce") => self.with_nonce(text(StatusCode::OK, "")),
            (&Method::GET, path) if path.starts_with("/renewal/") => self.renewal(),
            (&Method::POST, path) => {
                let answer = self.post(path, body).await;
                self.with_nonce(answer)
            }
            _ => text(StatusCode::NOT_FOUND, ""),
        }
    }

    fn directory(&self) -> Answer {
        let state = self.state.lock().unwrap();
        let at = |path: &str| format!("{}/{path}", self.base);
        let mut all = json!({
            "newNonce": at("nonce"), "newAccount": at("account"), "newOrder": at("order"), "revokeCert": at("revoke"),
            "meta": { "caaIdentities": state.manners.identities },
        });
        if state.manners.window.is_some() {
            all["renewalInfo"] = at("renewal").into();
        }
        json(StatusCode::OK, &all)
    }

    fn renewal(&self) -> Answer {
        let window = self.state.lock().unwrap().manners.window;
        let Some((start, end)) = window else { return text(StatusCode::NOT_FOUND, "") };
        let words = |at: i64| {
            let time = jiff::Timestamp::from_second(at).unwrap();
            time.to_string()
        };
        let mut answer =
            json(StatusCode::OK, &json!({ "suggestedWindow": { "start": words(start), "end": words(end) } }));
        answer.headers_mut().insert(RETRY_AFTER, "3600".parse().unwrap());
        answer
    }

    fn with_nonce(&self, mut answer: Answer) -> Answer {
        let mut state = self.state.lock().unwrap();
        state.counter += 1;
        let nonce = format!("nonce-{}", state.counter);
        answer.headers_mut().insert("replay-nonce", nonce.parse().unwrap());
        state.nonces.insert(nonce);
        answer
    }

    async fn post(&self, path: &str, body: &[u8]) -> Answer {
        let signed = jose::read(body, |account| self.state.lock().unwrap().accounts.get(account).cloned());
        let Some(signed) = signed else {
            return problem(400, "accountDoesNotExist", "no such account, or a wrong signature");
        };
        assert_eq!(signed.url, format!("{}{path}", self.base), "RFC 8555 §6.4");
        {
            let mut state = self.state.lock().unwrap();
            let good = state.nonces.remove(&signed.nonce);
            state.counter += 1;
            // Spread over the requests so that each kind of them meets it.
            let refused = (state.counter * 37) % 100 < u64::from(state.manners.bad_nonces);
            if !good || refused {
                state.did.refused_nonces += 1;
                return problem(400, "badNonce", "this nonce is not known");
            }
        }
        let (kind, number) = path.trim_start_matches('/').split_once('/').unwrap_or((&path[1..], ""));
        let number = number.parse().unwrap_or(usize::MAX);
        match kind {
            "account" => self.account(&signed),
            "order" if number == usize::MAX => self.new_order(&signed),
            "order" => self.order(number, StatusCode::OK),
            "authorization" => self.authorization(number),
            "challenge" => self.challenge(number, &signed).await,
            "finish" => self.finish(number, &signed),
            "certificate" => self.certificate(number),
            _ => problem(404, "malformed", "no such thing"),
        }
    }

    fn account(&self, signed: &Signed) -> Answer {
        let mut state = self.state.lock().unwrap();
        state.did.accounts += 1;
        let url = format!("{}/account/{}", self.base, state.did.accounts);
        state.accounts.insert(url.clone(), (signed.key.clone(), signed.thumbprint.clone()));
        drop(state);
        located(json(StatusCode::CREATED, &json!({ "status": "valid" })), &url)
    }

    fn new_order(&self, signed: &Signed) -> Answer {
        assert!(signed.account.is_some());
        let mut state = self.state.lock().unwrap();
        if let Some(seconds) = state.manners.rate_limited {
            drop(state);
            let mut answer = problem(429, "rateLimited", "too many new orders");
            answer.headers_mut().insert(RETRY_AFTER, seconds.to_string().parse().unwrap());
            return answer;
        }
        let names = signed.payload["identifiers"].as_array().unwrap();
        assert_eq!(names.len(), 1, "one name for each order");
        let name = names[0]["value"].as_str().unwrap().to_owned();
        let replaces = signed.payload["replaces"].as_str().map(str::to_owned);
        let twice = replaces.is_some() && state.orders.iter().any(|order| order.replaces == replaces);
        if replaces.is_some() && (twice || state.manners.replaces_nothing) {
            return problem(409, "alreadyReplaced", "this certificate was replaced already");
        }
        state.did.orders.push((name.clone(), replaces.clone()));
        let number = state.orders.len();
        let token = URL_SAFE_NO_PAD.encode(format!("token {number} of {name}"));
        state.orders.push(Order {
            name,
            status: "pending",
            replaces,
            token,
            challenge: "pending",
            error: None,
            chain: None,
        });
        drop(state);
        self.order(number, StatusCode::CREATED)
    }

    fn order(&self, number: usize, status: StatusCode) -> Answer {
        let state = self.state.lock().unwrap();
        let Some(order) = state.orders.get(number) else { return problem(404, "malformed", "no such order") };
        let at = |kind: &str| format!("{}/{kind}/{number}", self.base);
        let mut all = json!({
            "status": order.status, "identifiers": [{ "type": "dns", "value": order.name }],
            "authorizations": [at("authorization")], "finalize": at("finish"),
        });
        if order.chain.is_some() {
            all["certificate"] = at("certificate").into();
        }
        if let Some(replaces) = &order.replaces {
            all["replaces"] = replaces.as_str().into();
        }
        located(json(status, &all), &at("order"))
    }

    fn authorization(&self, number: usize) -> Answer {
        let state = self.state.lock().unwrap();
        let order = &state.orders[number];
        let status = match order.status {
            "pending" | "invalid" => order.status,
            _ => "valid",
        };
        let mut challenge = json!({
            "type": "http-01", "url": format!("{}/challenge/{number}", self.base), "token": order.token,
            "status": order.challenge,
        });
        if let Some(error) = &order.error {
            challenge["error"] = error.clone();
        }
        let all = json!({
            "status": status, "identifier": { "type": "dns", "value": order.name }, "challenges": [challenge],
        });
        json(StatusCode::OK, &all)
    }

    async fn challenge(&self, number: usize, signed: &Signed) -> Answer {
        let (name, token) = {
            let state = self.state.lock().unwrap();
            (state.orders[number].name.clone(), state.orders[number].token.clone())
        };
        let wanted = format!("{token}.{}", signed.thumbprint);
        let seen = look(self.answers_at, &name, &token).await;
        let mut state = self.state.lock().unwrap();
        let order = &mut state.orders[number];
        if seen.as_deref() == Some(wanted.as_str()) {
            (order.status, order.challenge) = ("ready", "valid");
        } else {
            (order.status, order.challenge) = ("invalid", "invalid");
            order.error = Some(json!({
                "type": "urn:ietf:params:acme:error:connection", "detail": format!("{name} answers {seen:?}"), "status": 400,
            }));
            state.did.failed += 1;
        }
        drop(state);
        json(
            StatusCode::OK,
            &json!({
                "type": "http-01", "url": signed.url, "token": token, "status": "processing",
            }),
        )
    }

    fn finish(&self, number: usize, signed: &Signed) -> Answer {
        let mut state = self.state.lock().unwrap();
        let Manners { life, ahead, .. } = state.manners;
        let order = &mut state.orders[number];
        if order.status != "ready" {
            return problem(403, "orderNotReady", "not yet");
        }
        let csr = decode(signed.payload["csr"].as_str().unwrap());
        let mut csr = CertificateSigningRequestParams::from_der(&csr.into()).unwrap();
        let now = OffsetDateTime::now_utc() + time::Duration::seconds(ahead);
        csr.params.not_before = now - time::Duration::hours(1);
        csr.params.not_after = csr.params.not_before + time::Duration::seconds(life);
        csr.params.use_authority_key_identifier_extension = true;
        let leaf = csr.signed_by(&self.issuer).unwrap().pem();
        order.chain = Some(leaf + &self.chain_pem);
        order.status = "valid";
        let name = order.name.clone();
        state.did.issued.push(name);
        drop(state);
        self.order(number, StatusCode::OK)
    }

    fn certificate(&self, number: usize) -> Answer {
        let state = self.state.lock().unwrap();
        match &state.orders[number].chain {
            Some(chain) => text(StatusCode::OK, chain),
            None => problem(404, "malformed", "no certificate"),
        }
    }
}

/// RFC 8555 §8.3, as an authority does it.
async fn look(at: SocketAddr, name: &str, token: &str) -> Option<String> {
    let mut tcp = TcpStream::connect(at).await.ok()?;
    let request = format!(
        "GET /.well-known/acme-challenge/{token} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
    );
    tcp.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200 ").then(|| body.to_owned())
}

fn json(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(value.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, "application/json".parse().unwrap());
    answer
}

fn text(status: StatusCode, text: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text.to_owned())));
    *answer.status_mut() = status;
    answer
}

fn problem(status: u16, kind: &str, detail: &str) -> Answer {
    let value =
        json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail, "status": status });
    let mut answer = json(StatusCode::from_u16(status).unwrap(), &value);
    answer.headers_mut().insert(CONTENT_TYPE, "application/problem+json".parse().unwrap());
    answer
}

fn located(mut answer: Answer, url: &str) -> Answer {
    answer.headers_mut().insert(LOCATION, url.parse().unwrap());
    answer
}
