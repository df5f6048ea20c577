//! nginx: by itself, and as the server that other recipes put behind or into something.

use super::quoting::{self, NGINX_DOLLAR};
use super::{Recipe, RecipeFile, Target, Wanted, steps};

/// Where a server block listens, and with what certificate.
pub(super) enum Listening<'a> {
    /// On port 443 of every address of both families.
    Tls { certificate: &'a str, key: &'a str },
    /// Without TLS, at a port of the machine itself, for a proxy.
    Local { port: u16 },
}

/// Where a server block takes the policy from.
pub(super) enum Source<'a> {
    /// A folder: the policy is at its path below.
    Webroot(&'a str),
    /// The configuration itself.
    Inline(&'a str),
}

pub(super) fn recipe(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    let listening = || Listening::Tls { certificate: wanted.certificate.as_str(), key: wanted.key.as_str() };
    let file = format!("{host}.conf");
    let mut files = vec![RecipeFile::new(
        file.clone(),
        server_block(&host, &listening(), &Source::Webroot(wanted.webroot.as_str())),
        "a server block of its own, which serves the policy from the webroot",
    )];
    if wanted.is_plain_text() {
        files.push(RecipeFile::new(
            format!("{host}.inline.conf"),
            server_block(&host, &listening(), &Source::Inline(&wanted.policy)),
            "instead of the first, if the policy shall stand in the configuration itself",
        ));
    }
    files.push(RecipeFile::policy(wanted));
    let verify = steps::served(wanted, &["nginx -t".to_owned(), wanted.certificate_check()]);
    Recipe {
        target: Target::Nginx,
        title: "nginx",
        files,
        steps: vec![
            steps::install_policy(wanted),
            format!("Put `{file}` into `/etc/nginx/conf.d/`."),
            "Run `nginx -t && nginx -s reload`, and let the renewal of the certificate reload nginx too."
                .to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "The certificate must name {host}; the one of your web site usually does not. Keep the line \
             `listen [::]:443`: where the name has an AAAA record and nothing listens there, senders over IPv6 find no \
             policy. {}",
            steps::NOT_THE_WEB_SITE
        ),
        verify,
    }
}

/// A server block that answers the one path, preceded by what it needs at the level of `http`.
pub(super) fn server_block(host: &str, listening: &Listening<'_>, source: &Source<'_>) -> String {
    let listen = match listening {
        Listening::Tls { certificate, key } => format!(
            "    listen 443 ssl;
    listen [::]:443 ssl;
    server_name {host};

    ssl_certificate {};
    ssl_certificate_key {};
    ssl_protocols TLSv1.2 TLSv1.3;
",
            quoting::nginx(certificate),
            quoting::nginx(key)
        ),
        Listening::Local { port } => format!("    listen 127.0.0.1:{port};\n    server_name {host};\n"),
    };
    let answer = match source {
        Source::Webroot(folder) => format!("root {};", quoting::nginx(folder)),
        Source::Inline(policy) => format!("return 200 {};", quoting::nginx(policy)),
    };
    let block = format!(
        "server {{
{listen}
    location = /.well-known/mta-sts.txt {{
        types {{ }}
        default_type text/plain;
        {answer}
    }}

    # Nothing else, and no redirect: senders must not follow one (RFC 8461 section 3.3).
    location / {{
        return 404;
    }}
}}
"
    );
    if block.contains(NGINX_DOLLAR) {
        format!(
            "# nginx has no escape for a dollar sign.\ngeo ${NGINX_DOLLAR} {{\n    default \"$\";\n}}\n\n{block}"
        )
    } else {
        block
    }
}
