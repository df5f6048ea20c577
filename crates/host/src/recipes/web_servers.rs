//! Apache, Caddy and lighttpd.

use super::quoting::{self, Unwritable};
use super::{POLICY_PATH, Recipe, RecipeFile, RecipeRefused, Target, Wanted, steps};

pub(super) fn apache(wanted: &Wanted) -> Result<Recipe, RecipeRefused> {
    let host = wanted.host();
    let file = format!("{host}.conf");
    let text = format!(
        r#"<VirtualHost *:443>
    ServerName {host}

    SSLEngine on
    SSLProtocol -all +TLSv1.2 +TLSv1.3
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}

    Alias "/{POLICY_PATH}" {policy}
    <Location "/{POLICY_PATH}">
        ForceType text/plain
        AddDefaultCharset Off
        Require all granted
    </Location>

    # Nothing else, and no redirect: senders must not follow one (RFC 8461 section 3.3).
    RedirectMatch 404 "^/(?!\.well-known/mta-sts\.txt$)"
</VirtualHost>
"#,
        certificate = quoting::apache(wanted.certificate.as_str()).map_err(Unwritable::given_by("--cert"))?,
        key = quoting::apache(wanted.key.as_str()).map_err(Unwritable::given_by("--key"))?,
        policy = quoting::apache(&wanted.policy_file()).map_err(Unwritable::given_by("--webroot"))?,
    );
    let verify = steps::served(wanted, &["apachectl configtest".to_owned(), wanted.certificate_check()]);
    Ok(Recipe {
        target: Target::Apache,
        title: "Apache HTTP Server",
        files: vec![
            RecipeFile::new(file.clone(), text, "a virtual host of its own"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            steps::install_policy(wanted),
            format!("Put `{file}` into `/etc/apache2/sites-available/` (elsewhere: `/etc/httpd/conf.d/`)."),
            format!(
                "Run `a2enmod ssl && a2ensite {host} && apachectl configtest && apachectl graceful`, and let the renewal \
                 of the certificate run `apachectl graceful` too."
            ),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "Rules outside virtual hosts apply to all of them: a `Redirect`, a `RewriteRule` with \
             `RewriteOptions InheritDown`, or an `.htaccess` in the webroot can still redirect this name. Without `Listen 443` \
             for both families (one line without an address) senders over IPv6 find no policy. The certificate must \
             name {host}. {}",
            steps::NOT_THE_WEB_SITE
        ),
        verify,
    })
}

pub(super) fn caddy(wanted: &Wanted) -> Result<Recipe, RecipeRefused> {
    let host = wanted.host();
    let text = format!(
        "{host} {{
	tls {certificate} {key}

	handle /{POLICY_PATH} {{
		root * {webroot}
		header Content-Type text/plain
		file_server
	}}

	# Nothing else, and no redirect: senders must not follow one (RFC 8461 section 3.3).
	handle {{
		respond 404
	}}
}}
",
        certificate = quoting::caddy(wanted.certificate.as_str()).map_err(Unwritable::given_by("--cert"))?,
        key = quoting::caddy(wanted.key.as_str()).map_err(Unwritable::given_by("--key"))?,
        webroot = quoting::caddy(wanted.webroot.as_str()).map_err(Unwritable::given_by("--webroot"))?,
    );
    let verify = steps::served(wanted, &["caddy validate --config /etc/caddy/Caddyfile".to_owned()]);
    Ok(Recipe {
        target: Target::Caddy,
        title: "Caddy",
        files: vec![
            RecipeFile::new("Caddyfile", text, "a site of its own, for your Caddyfile"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            steps::install_policy(wanted),
            "Add the site to `/etc/caddy/Caddyfile`. Without the line `tls`, Caddy gets a certificate by itself, once \
             the name leads to it."
                .to_owned(),
            "Run `caddy validate --config /etc/caddy/Caddyfile && caddy reload --config /etc/caddy/Caddyfile`."
                .to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "Caddy listens on port 80 as well and redirects from there to HTTPS: that harms nobody, since senders ask by \
             HTTPS only, but another server on port 80 keeps Caddy from starting. A site `*.{}` with a `redir` must not \
             answer for {host}, and `try_files` with a page at its end answers every path with 200 and `text/html`, \
             which is no policy.",
            wanted.domain
        ),
        verify,
    })
}

pub(super) fn lighttpd(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    let tls = format!(
        "    ssl.pemfile = {}\n    ssl.privkey = {}\n",
        quoting::lighttpd(wanted.certificate.as_str()),
        quoting::lighttpd(wanted.key.as_str())
    );
    let socket = |address: &str| {
        format!(
            "$SERVER[\"socket\"] == \"{address}\" {{\n    ssl.engine = \"enable\"\n{tls}    ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"TLSv1.2\")\n}}\n"
        )
    };
    let listening =
        format!("server.modules += ( \"mod_openssl\" )\n\n{}{}", socket("0.0.0.0:443"), socket("[::]:443"));
    let site = format!(
        r#"$HTTP["host"] == "{host}" {{
{tls}    server.document-root = {webroot}
    mimetype.assign = ( ".txt" => "text/plain" )

    # Nothing else, and no redirect: senders must not follow one (RFC 8461 section 3.3).
    $HTTP["url"] != "/{POLICY_PATH}" {{
        server.document-root = "/nonexistent"
    }}
}}
"#,
        webroot = quoting::lighttpd(wanted.webroot.as_str())
    );
    let verify = steps::served(
        wanted,
        &["lighttpd -tt -f /etc/lighttpd/lighttpd.conf".to_owned(), wanted.certificate_check()],
    );
    Recipe {
        target: Target::Lighttpd,
        title: "lighttpd",
        files: vec![
            RecipeFile::new("20-mta-sts-listen.conf", listening, "the listeners, unless you have them already"),
            RecipeFile::new("90-mta-sts.conf", site, "the policy host"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            steps::install_policy(wanted),
            "Install the module for TLS (Debian: `lighttpd-mod-openssl`).".to_owned(),
            "Put `90-mta-sts.conf` into `/etc/lighttpd/conf-enabled/`, and `20-mta-sts-listen.conf` too if lighttpd does \
             not listen on port 443 yet."
                .to_owned(),
            "Run `lighttpd -tt -f /etc/lighttpd/lighttpd.conf` and restart lighttpd, also after each renewal of the \
             certificate."
                .to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "lighttpd listens on IPv4 only unless there is a socket `[::]:443` too, and the TLS settings of one socket \
             do not count for the other. Without an entry for `.txt` in `mimetype.assign` the policy goes out as \
             `application/octet-stream`, which senders may refuse. The certificate must name {host}. {}",
            steps::NOT_THE_WEB_SITE
        ),
        verify,
    }
}
