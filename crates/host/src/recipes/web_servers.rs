//! Servers that the reader runs.

use super::quoting::{self, NGINX_DOLLAR, shell};
use super::{Recipe, RecipeFile, Target, Wanted};

/// Said by each server that may also have the domain's web site. Requirement C22 of every recipe.
pub(super) const NOT_THE_WEB_SITE: &str = "Do not let the server block of your web site answer for this name: it redirects \
     (to www, to a language), and senders must not follow redirects.";

pub(super) fn nginx(wanted: &Wanted) -> Recipe {
    let (host, file) = (wanted.host(), format!("{}.conf", wanted.host()));
    let mut files = vec![RecipeFile::new(
        file.clone(),
        nginx_file(
            wanted,
            &format!(
                "        root {};\n        types {{ }}\n        default_type text/plain;\n        charset off;\n",
                quoting::nginx(&wanted.webroot_text())
            ),
        ),
        "a server block of its own; serves the policy from the webroot",
    )];
    if wanted.is_plain_text() {
        files.push(RecipeFile::new(
            format!("{host}.inline.conf"),
            nginx_file(
                wanted,
                &format!(
                    "        default_type text/plain;\n        charset off;\n        return 200 {};\n",
                    quoting::nginx(&wanted.policy_text())
                ),
            ),
            "instead of the first, if the policy shall stand in the configuration itself",
        ));
    }
    files.push(RecipeFile::policy(wanted));
    let mut verify = vec!["nginx -t".to_owned(), wanted.certificate_check()];
    verify.extend(wanted.fetches());
    verify.push(wanted.check());
    Recipe {
        target: Target::Nginx,
        title: "nginx",
        files,
        steps: vec![
            format!("Put the policy at `{}`.", shell(&wanted.policy_file())),
            format!("Put `{file}` into `/etc/nginx/conf.d/`."),
            "Run `nginx -t && nginx -s reload`.".to_owned(),
        ],
        trap: format!(
            "The certificate must name {host} itself: that of the web site usually does not. Keep the `listen [::]:443` \
             line: when the name has an AAAA record and nothing listens there, senders over IPv6 find no policy. \
             {NOT_THE_WEB_SITE}"
        ),
        verify,
    }
}

fn nginx_file(wanted: &Wanted, location: &str) -> String {
    let text = format!(
        "server {{\n    listen 443 ssl;\n    listen [::]:443 ssl;\n    server_name {host};\n\n    ssl_certificate {certificate};\n    \
         ssl_certificate_key {key};\n    ssl_protocols TLSv1.2 TLSv1.3;\n\n    \
         location = /.well-known/mta-sts.txt {{\n{location}    }}\n\n    \
         # Nothing else, and no redirect: senders must not follow one (RFC 8461 section 3.3).\n    \
         location / {{\n        return 404;\n    }}\n}}\n",
        host = wanted.host(),
        certificate = quoting::nginx(&wanted.certificate_text()),
        key = quoting::nginx(&wanted.key_text()),
    );
    if text.contains(NGINX_DOLLAR) {
        format!(
            "# nginx has no escape for a dollar sign.\ngeo ${NGINX_DOLLAR} {{\n    default \"$\";\n}}\n\n{text}"
        )
    } else {
        text
    }
}
