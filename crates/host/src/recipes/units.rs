//! nginx in a container and as a unit of systemd: a policy host apart from everything else on the machine.

use super::nginx::{self, Listening, Source};
use super::quoting::{self, Unwritable};
use super::{Recipe, RecipeFile, RecipeRefused, Target, Wanted, steps};

/// Where the container sees what is mounted into it.
const IN_CONTAINER: &str = "/etc/mta-sts";
/// The unit's name without its ending; systemd shows its credentials below a folder of that name.
const UNIT: &str = "mta-sts-policy";

pub(super) fn docker_compose(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    let (certificate, key) = (format!("{IN_CONTAINER}/certificate.pem"), format!("{IN_CONTAINER}/key.pem"));
    let block = nginx::server_block(
        &host,
        &Listening::Tls { certificate: &certificate, key: &key },
        &Source::Webroot(&format!("{IN_CONTAINER}/webroot")),
    );
    let compose = format!(
        r#"services:
  mta-sts-policy:
    image: nginx:stable-alpine
    restart: unless-stopped
    ports:
      - "443:443"
    volumes:
      - ./nginx:/etc/nginx/conf.d:ro
      - ./webroot:{IN_CONTAINER}/webroot:ro
      - type: bind
        source: {source_certificate}
        target: {certificate}
        read_only: true
      - type: bind
        source: {source_key}
        target: {key}
        read_only: true
"#,
        source_certificate = quoting::compose(wanted.certificate.as_str()),
        source_key = quoting::compose(wanted.key.as_str()),
    );
    let verify =
        steps::served(wanted, &["docker compose config --quiet".to_owned(), wanted.certificate_check()]);
    Recipe {
        target: Target::DockerCompose,
        title: "nginx by Docker Compose",
        files: vec![
            RecipeFile::new("compose.yaml", compose, "the service"),
            RecipeFile::new("nginx/mta-sts.conf", block, "nginx's configuration, the only one it has"),
            RecipeFile::policy_below("webroot/", wanted),
        ],
        steps: vec![
            "Put the files into a folder and run `docker compose up -d` there.".to_owned(),
            "Let the renewal of the certificate run `docker compose up -d --force-recreate` there."
                .to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "A file that is mounted by itself stays the one that it was at the start: after a renewal the container goes \
             on with the old certificate until it is made anew. The policy is in a folder that is mounted whole, so a \
             new one is served at once. Whether Docker passes IPv6 on depends on the machine: try the command with `-6`, \
             and publish no AAAA record for {host} before it works."
        ),
        verify,
    }
}

pub(super) fn systemd(wanted: &Wanted) -> Result<Recipe, RecipeRefused> {
    let host = wanted.host();
    let credentials = format!("/run/credentials/{UNIT}.service");
    let (certificate, key) = (format!("{credentials}/certificate"), format!("{credentials}/key"));
    let block = nginx::server_block(
        &host,
        &Listening::Tls { certificate: &certificate, key: &key },
        &Source::Webroot(wanted.webroot.as_str()),
    );
    let run = format!("/run/{UNIT}");
    let spool: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {run}/{kind};\n"))
        .concat();
    let indented: String = block
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
        .collect();
    let configuration = format!(
        "daemon off;
pid {run}/nginx.pid;
error_log stderr;
worker_processes 1;

events {{ }}

http {{
    access_log off;
{spool}
{indented}}}
"
    );
    let verify = steps::served(
        wanted,
        &[format!("systemd-analyze verify /etc/systemd/system/{UNIT}.service"), wanted.certificate_check()],
    );
    Ok(Recipe {
        target: Target::Systemd,
        title: "nginx as a unit of systemd",
        files: vec![
            RecipeFile::new(format!("{UNIT}.service"), unit(wanted, &host, &run)?, "the unit"),
            RecipeFile::new("nginx.conf", configuration, "nginx's whole configuration"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            steps::install_policy(wanted),
            format!("Run `install -D -m 644 nginx.conf {IN_CONTAINER}/nginx.conf`."),
            format!("Run `install -m 644 {UNIT}.service /etc/systemd/system/`."),
            format!("Run `systemctl daemon-reload && systemctl enable --now {UNIT}.service`."),
            format!("Let the renewal of the certificate run `systemctl restart {UNIT}.service`."),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "The unit holds copies of certificate and key from when it started: without the restart it serves an \
             expired certificate one day, and senders that have no copy of the policy go on without protection. Port 443 \
             must be free, so nginx's ordinary unit must not have it. The unit sees no home folders: the webroot must be \
             elsewhere. The certificate must name {host}."
        ),
        verify,
    })
}

fn unit(wanted: &Wanted, host: &str, run: &str) -> Result<String, RecipeRefused> {
    let certificate =
        quoting::systemd(wanted.certificate.as_str()).map_err(Unwritable::given_by("--cert"))?;
    let key = quoting::systemd(wanted.key.as_str()).map_err(Unwritable::given_by("--key"))?;
    Ok(format!(
        "[Unit]
Description=MTA-STS policy host {host}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/sbin/nginx -e stderr -c {IN_CONTAINER}/nginx.conf
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
DynamicUser=yes
RuntimeDirectory={folder}
LoadCredential=certificate:{certificate}
LoadCredential=key:{key}
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
",
        folder = run.trim_start_matches("/run/"),
    ))
}
