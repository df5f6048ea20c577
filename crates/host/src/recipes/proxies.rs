//! HAProxy and Traefik, which pass requests on: one can answer by itself, the other cannot.

use super::nginx::{self, Listening, Source};
use super::quoting::{self, shell};
use super::{POLICY_PATH, Recipe, RecipeFile, Target, Wanted, steps};

/// Where the server behind Traefik listens.
const BACKEND_PORT: u16 = 8461;

pub(super) fn haproxy(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    let certificate = quoting::haproxy(wanted.certificate.as_str());
    let text = format!(
        r#"frontend mta_sts_policy
    mode http
    timeout client 10s
    timeout http-request 10s
    bind 0.0.0.0:443 ssl crt {certificate} ssl-min-ver TLSv1.2
    bind [::]:443 v6only ssl crt {certificate} ssl-min-ver TLSv1.2

    acl mta_sts_host req.hdr(host),field(1,:) -i {host}
    acl mta_sts_path path /{POLICY_PATH}
    http-request return status 200 content-type text/plain file {policy} if mta_sts_host mta_sts_path

    # Nothing else, and no redirect: senders must not follow one (RFC 8461 section 3.3).
    http-request return status 404 content-type text/plain string "not found"
"#,
        policy = quoting::haproxy(&wanted.policy_file()),
    );
    let verify = steps::served(
        wanted,
        &["haproxy -c -f /etc/haproxy/haproxy.cfg".to_owned(), wanted.certificate_check()],
    );
    Recipe {
        target: Target::Haproxy,
        title: "HAProxy",
        files: vec![
            RecipeFile::new("mta-sts.cfg", text, "a frontend of its own, for your haproxy.cfg"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            steps::install_policy(wanted),
            format!(
                "Let HAProxy find the key beside the certificate: `ln -sf {} {}`.",
                shell(wanted.key.as_str()),
                shell(&format!("{}.key", wanted.certificate.as_str()))
            ),
            format!(
                "Append `mta-sts.cfg` to `/etc/haproxy/haproxy.cfg`. If a frontend of yours has port 443 already, put \
                 there the lines `acl` and the first `http-request` instead, before its redirects; its certificates must \
                 include one for {host}."
            ),
            "Run `haproxy -c -f /etc/haproxy/haproxy.cfg` and reload HAProxy.".to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "HAProxy reads the policy when it starts: after each change of the file, reload it before the record shows \
             the new id. It wants certificate and key in one file, or the key beside it under the same name with \
             `.key`. In a frontend with `http-request redirect`, rules run in the order in which they stand: what \
             returns the policy must come first. {}",
            steps::NOT_THE_WEB_SITE
        ),
        verify,
    }
}

pub(super) fn traefik(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    let dynamic = format!(
        r#"http:
  routers:
    mta-sts-policy:
      entryPoints: [websecure]
      rule: "Host(`{host}`) && Path(`/{POLICY_PATH}`)"
      service: mta-sts-policy
      tls:
        options: mta-sts-policy
  services:
    mta-sts-policy:
      loadBalancer:
        servers:
          - url: "http://127.0.0.1:{BACKEND_PORT}"
tls:
  options:
    mta-sts-policy:
      minVersion: VersionTLS12
  certificates:
    - certFile: {certificate}
      keyFile: {key}
"#,
        certificate = quoting::traefik(wanted.certificate.as_str()),
        key = quoting::traefik(wanted.key.as_str()),
    );
    let source = Source::Webroot(wanted.webroot.as_str());
    let backend = nginx::server_block(&host, &Listening::Local { port: BACKEND_PORT }, &source);
    let verify = steps::served(
        wanted,
        &[
            format!(
                "curl -sSi -H {} http://127.0.0.1:{BACKEND_PORT}/{POLICY_PATH}",
                shell(&format!("Host: {host}"))
            ),
            wanted.certificate_check(),
        ],
    );
    Recipe {
        target: Target::Traefik,
        title: "Traefik, with nginx behind it",
        files: vec![
            RecipeFile::new("mta-sts.yaml", dynamic, "the router and its service, for Traefik's file provider"),
            RecipeFile::new("mta-sts-backend.conf", backend, "a server block of nginx that answers Traefik"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            steps::install_policy(wanted),
            "Put `mta-sts-backend.conf` into `/etc/nginx/conf.d/` and run `nginx -t && nginx -s reload`.".to_owned(),
            "Put `mta-sts.yaml` into the folder that Traefik's file provider watches. If your entry point for HTTPS is \
             not called `websecure`, change the name; if a resolver gets your certificates, write `certResolver` into \
             the router's `tls` instead of the block `certificates`."
                .to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "Traefik serves no files: it needs the server behind it, and answers 404 or 502 without. Middlewares of the \
             entry point (a redirect to www, a login) count for this router too. A name that no certificate of yours \
             covers gets Traefik's own, which no sender trusts: the certificate must name {host}. {}",
            steps::NOT_THE_WEB_SITE
        ),
        verify,
    }
}
