"""nginx: one server block a domain, on both address families; the policy, or a fault instead of it."""
import os

from parts import DIR, HTTP, HTTPS, TLD, WEB, WEB_FAULTS, put, v4, v6
from zones import web_suffix

OWN_CERTIFICATE = {"expired", "expiring", "wrongsan", "selfsigned", "otherca", "leafonly"}
IDS_SAY = 1767255323  # 2026-01-01T08:15:23Z, as in 20260101T081523
LOCATION = {
    "301": f"return 301 https://mta-sts.good.{TLD}/.well-known/mta-sts.txt;",
    "302": f"return 302 https://mta-sts.good.{TLD}/.well-known/mta-sts.txt;",
    "404": "return 404;",
    "500": "return 500;",
    "hang": f"proxy_pass http://{v4(WEB_FAULTS)}:{HTTP}/hang; proxy_read_timeout 1h;",
    "endless": f"proxy_pass http://{v4(WEB_FAULTS)}:{HTTP}/endless; proxy_buffering off;",
    "trickle": f"proxy_pass http://{v4(WEB_FAULTS)}:{HTTP}/trickle; proxy_buffering off;",
    "huge": f"alias {DIR}/www/huge.txt;",
}
TLS = {
    "reject": "ssl_reject_handshake on;",
    "tls10": 'ssl_protocols TLSv1; ssl_ciphers "ALL:@SECLEVEL=0";',
    "oldtls": 'ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers "ALL:@SECLEVEL=0";',
}
HUGE = 64 << 20


def server(d, fault, four, six, root):
    """One server block; four, six: last part of the address, or None for a family that it does not serve."""
    listen = [f"listen {v4(four)}:{HTTPS} ssl http2;"] * (four is not None) + [f"listen [{v6(six)}]:{HTTPS} ssl http2;"] * (six is not None)
    name = f"web-{fault}" if fault in OWN_CERTIFICATE else "web-ok"
    media = "text/html" if fault == "ctype" else "text/plain"
    return f"""  server {{ {' '.join(listen)} server_name {d}; {TLS.get(fault, '')}
    ssl_certificate {DIR}/tls/{name}.crt; ssl_certificate_key {DIR}/tls/{name}.key; root {DIR}/www/{root};
    location / {{ return 404; }}
    location = /.well-known/mta-sts.txt {{ types {{ }} default_type {media}; {LOCATION.get(fault, '')} }} }}"""


def policy_file(folder, text):
    """Write a policy as old as the ids say, which nginx tells as Last-Modified."""
    os.utime(put(f"www/{folder}/.well-known/mta-sts.txt", text), (IDS_SAY, IDS_SAY))


def policy_hosts(rows):
    blocks = []
    for d, r in rows.items():
        policy_file(d, r["policy"])
        fault = r["web"]
        if fault in ("nohost", "refused", "none"):
            continue
        four, six = web_suffix(r)
        if fault == "differs":
            policy_file(f"{d}.other", r["policy"].replace("enforce", "testing"))
            blocks.append(server(f"mta-sts.{d}", fault, None, six, f"{d}.other"))
            six = None
        if fault == "v6refused":
            six = None
        blocks.append(server(f"mta-sts.{d}", fault, four, six, d))
    put("www/huge.txt", "")
    os.truncate(DIR / "www/huge.txt", HUGE)
    spool = " ".join(f"{k}_temp_path {DIR}/spool/nginx/{k};" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    put("nginx/nginx.conf", f"""pid {DIR}/run/nginx.pid; error_log {DIR}/log/nginx.log; worker_processes 2; user www-data;
events {{ worker_connections 1024; }}
http {{ access_log {DIR}/log/nginx-access.log; server_names_hash_bucket_size 128; server_names_hash_max_size 1024;
  {spool} ssl_protocols TLSv1.2 TLSv1.3;
  server {{ listen {v4(WEB)}:{HTTPS} ssl default_server; listen [{v6(WEB)}]:{HTTPS} ssl default_server; ssl_reject_handshake on; }}
  server {{ listen {v4(WEB)}:{HTTPS} ssl; listen [{v6(WEB)}]:{HTTPS} ssl; server_name reports.{TLD};
    ssl_certificate {DIR}/tls/web-ok.crt; ssl_certificate_key {DIR}/tls/web-ok.key; location / {{ return 201; }} }}
{chr(10).join(blocks)}
}}
""")
