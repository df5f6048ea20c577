"""BIND with a signed root, a signed TLD and one zone a domain; two unbound resolvers, one of which validates."""
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from parts import (AUTHORITY, DAY, DIR, DNS, MTAS, NOT_VALIDATING, NOW, SILENT, SMTP, TLD, VALIDATING, WEB,
                   WEB_OLDTLS, WEB_REFUSED, WEB_TLS10, put, v4, v6)

SOA = f"@ SOA ns.{TLD}. hostmaster.{TLD}. 1 3600 600 86400 0"
UNSIGNED = ("insecure", "servfail", "timeout", "absent")
OTHER_KEY = "ab" * 32  # a TLSA pin that no certificate of the box has


def web_suffix(r):
    """Last part of the policy host's addresses: (IPv4, IPv6)."""
    n = {"refused": WEB_REFUSED, "tls10": WEB_TLS10, "oldtls": WEB_OLDTLS}.get(r["web"], WEB)
    return n, WEB_REFUSED if r["web"] == "v6refused" else n


def address_records(name, family, four, six):
    return [f"{name} A {v4(four)}"] * ("4" in family) + [f"{name} AAAA {v6(six)}"] * ("6" in family)


def tlsa(kind, mta, pins):
    return {"ee": f"3 1 1 {pins[mta]}", "ta": f"2 1 1 {pins['ta']}", "bad": f"3 1 1 {OTHER_KEY}",
            "pkix": f"1 1 1 {pins[mta]}"}[kind]


def records(d, r, pins):
    """What a domain publishes, apart from SOA and NS."""
    out = [f"$ORIGIN {d}."]
    for preference, host, mta in r["mx"]:
        out.append(f"@ MX {preference} {host}.")
        name = f"mx.{d}" if any(x[0] == "alias" for x in r["extra"]) else host
        if mta:
            out += address_records(f"{name}.", r["family"], MTAS[mta][0], MTAS[mta][0])
            out += [f"_{SMTP}._tcp.{host}. TLSA {tlsa(kind, mta, pins)}" for kind in r["tlsa"] or []]
    for label, txt in (("_mta-sts", r["txt"]), ("_smtp._tls", r["rpt"])):
        if isinstance(txt, str):
            out.append(f"{label} {txt}")
        else:
            out += [f"{label} TXT " + " ".join(f'"{s}"' for s in ([t] if isinstance(t, str) else t)) for t in txt]
    if r["web"] == "delegated":
        out.append(f"mta-sts CNAME mta-sts.hosting.{TLD}.")
    elif r["web"] not in ("nohost", "none"):
        out += address_records("mta-sts", r["family"], *web_suffix(r))
    return out + [" ".join(x) for x in r["extra"]]


def zone_texts(rows, pins):
    """zone -> text. A subdomain without a zone of its own goes into its parent's."""
    head = lambda z, ns: [f"$ORIGIN {z}.", "$TTL 60", SOA, f"@ NS {ns}.{TLD}."]
    zones = {d: head(d, "silent" if r["dns"] == "timeout" else "ns") for d, r in rows.items()
             if r["dns"] != "absent" and not r["zone"]}
    for d, r in rows.items():
        if r["dns"] != "absent":
            zones[r["zone"] or d] += records(d, r, pins)
    mail = MTAS["reports"][0]
    zones[f"reports.{TLD}"] = (head(f"reports.{TLD}", "ns") + ["@ MX 10 mx"] + address_records("@", "46", WEB, WEB)
                               + address_records("mx", "46", mail, mail))
    zones[f"hosting.{TLD}"] = (head(f"hosting.{TLD}", "ns") + ['_mta-sts TXT "v=STSv1; id=20260101T081523;"']
                               + address_records("mta-sts", "46", WEB, WEB))
    return {z: "\n".join(lines) + "\n" for z, lines in zones.items()}


def sign(zone, past=False):
    """Sign dns/ZONE.zone with a fresh key; returns (its DS lines, the key's name)."""
    d, f = DIR / "dns", f"{zone or 'root'}.zone"
    run = lambda *a: subprocess.run(a, cwd=d, check=True, stdout=subprocess.PIPE, text=True).stdout
    key = run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", zone or ".").strip()
    stamp = lambda days: (NOW + days * DAY).strftime("%Y%m%d%H%M%S")
    when = ["-P", "-s", stamp(-30), "-e", stamp(-1)] if past else ["-s", stamp(-1), "-e", stamp(30)]
    with open(d / f, "a") as z:
        z.write(f"$INCLUDE {key}.key\n")
    run("dnssec-signzone", "-q", "-z", "-o", zone or ".", *when, "-f", f + ".signed", f, key)
    return [l for l in run("dnssec-dsfromkey", "-2", key + ".key").splitlines() if l], key


def spoil(zone, kind, ds):
    """Plant a DNSSEC fault after signing."""
    signed = DIR / "dns" / f"{zone}.zone.signed"
    change = lambda old, new: signed.write_text(re.sub(old, new, signed.read_text(), count=0))
    if kind == "bogus":          # right form, wrong digest
        return [re.sub(r"[0-9A-F]{32,}.*$", "AB" * 32, l) for l in ds]
    if kind == "bogus-txt":      # other data under the same signature
        change("id=20260101T081523", "id=66666666T666666")
    if kind == "bogus-tlsa":
        change(r"(TLSA\s+)3 1 1", r"\g<1>3 1 2")
    return ds


def zones(rows, pins):
    (DIR / "dns").mkdir(parents=True, exist_ok=True)
    for old in (DIR / "dns").iterdir():
        old.unlink()
    tld = [f"$ORIGIN {TLD}.", "$TTL 60", SOA, f"@ NS ns.{TLD}.", *address_records("ns", "46", AUTHORITY, AUTHORITY),
           *address_records("silent", "46", SILENT, SILENT), *address_records("elsewhere", "46", WEB, WEB)]
    texts = zone_texts(rows, pins)
    kind = {z: rows[z]["dns"] if z in rows else "secure" for z in texts}
    for z, text in texts.items():
        put(f"dns/{z}.zone", text)
    signed = [z for z in texts if kind[z] not in UNSIGNED]
    with ThreadPoolExecutor(4) as ex:
        ds = dict(zip(signed, ex.map(lambda z: sign(z, kind[z] == "sigexpired")[0], signed)))
    named = []
    for z in texts:
        tld.append(f"{z}. NS {'silent' if kind[z] == 'timeout' else 'ns'}.{TLD}.")
        tld += spoil(z, kind[z], ds[z]) if z in ds else []
        file = "missing" if kind[z] == "servfail" else f"{z}.zone" + (".signed" if z in ds else "")
        if kind[z] != "timeout":
            named.append(f'zone "{z}" {{ type primary; file "{file}"; }};')
    put(f"dns/{TLD}.zone", "\n".join(tld) + "\n")
    tld_ds, _ = sign(TLD)
    put("dns/root.zone", "\n".join(["$ORIGIN .", "$TTL 60", SOA.replace("@", ".", 1), f". NS ns.{TLD}.", f"{TLD}. NS ns.{TLD}.",
                                    *address_records(f"ns.{TLD}.", "46", AUTHORITY, AUTHORITY), *tld_ds]) + "\n")
    anchor, _ = sign("")
    put("dns/anchor.ds", "\n".join(anchor) + "\n")
    named_conf(named)
    for name, addr, modules in (("unbound", VALIDATING, "validator iterator"), ("unbound-noval", NOT_VALIDATING, "iterator")):
        unbound_conf(name, addr, modules)


def named_conf(named):
    put("dns/named.conf", f"""options {{ directory "{DIR}/dns"; pid-file "{DIR}/run/named.pid"; session-keyfile none;
  listen-on port {DNS} {{ {v4(AUTHORITY)}; }}; listen-on-v6 port {DNS} {{ {v6(AUTHORITY)}; }};
  recursion no; dnssec-validation no; notify no; allow-transfer {{ none; }}; minimal-responses yes; key-directory "{DIR}/dns"; }};
controls {{ }};
logging {{ channel f {{ file "{DIR}/log/named.log"; print-time iso8601; }}; category default {{ f; }}; }};
zone "." {{ type primary; file "root.zone.signed"; }};
zone "{TLD}" {{ type primary; file "{TLD}.zone.signed"; }};
""" + "\n".join(named) + "\n")


def unbound_conf(name, addr, modules):
    put("dns/hints", f". 3600000 NS ns.{TLD}.\nns.{TLD}. 3600000 A {v4(AUTHORITY)}\nns.{TLD}. 3600000 AAAA {v6(AUTHORITY)}\n")
    put(f"dns/{name}.conf", f"""server:
  interface: {v4(addr)}
  interface: {v6(addr)}
  interface: {v4(addr)}@853
  interface: {v4(addr)}@443
  tls-service-key: "{DIR}/tls/resolver.key"
  tls-service-pem: "{DIR}/tls/resolver.crt"
  access-control: 0.0.0.0/0 allow
  access-control: ::0/0 allow
  directory: "{DIR}/dns"
  chroot: ""
  username: ""
  pidfile: "{DIR}/run/{name}.pid"
  logfile: "{DIR}/log/{name}.log"
  use-syslog: no
  root-hints: "{DIR}/dns/hints"
  module-config: "{modules}"
  do-not-query-localhost: no
  trust-anchor-file: "{DIR}/dns/anchor.ds"
  local-zone: "{TLD}." nodefault
  val-log-level: 2
  cache-max-negative-ttl: 0
  aggressive-nsec: no
  infra-host-ttl: 5
  num-threads: 1
remote-control:
  control-enable: no
""")
