"""The world around the recipes: a signed root and TLD, an owner's BIND and Knot, a resolver, a mail server, certificates.

Everything is under DIR; see recipes-test for the namespace that it lives in.
"""
import subprocess

from certificates import cert, chain, pem
from mailservers import postfix
from parts import AUTHORITY, DIR, MTAS, TLD, VALIDATING, WEB, put, v4, v6
from zones import SOA, address_records, sign, unbound_conf

KNOT = 61
MX, REPORTS = f"mx.mail.{TLD}", f"mailto:tls-reports@mail.{TLD}"
KEY = "owner"  # the TSIG key, the same name in BIND's configuration and in nsupdate's file


def addresses():
    return [v6(n) for n in (AUTHORITY, VALIDATING, WEB, KNOT, MTAS["good"][0])]


def write(domains, grants):
    """domains: name -> how its records are published: bind, knot, nsupdate; grants: what the key may change of a domain."""
    for sub in ("run", "log", "tls", "mail/inbox", "knot", "spool/postfix", "spool/postfix-data"):
        (DIR / sub).mkdir(parents=True, exist_ok=True)
    certificates(domains)
    dns(domains, grants)
    for other in [m for m in MTAS if m != "good"]:
        del MTAS[other]
    postfix({})


def certificates(domains):
    root = cert("Box Root CA", days=(-1, 3650), ca=True)
    inter = cert("Box Issuing CA", issuer=root, days=(-1, 1825), ca=True)
    put("tls/ca.pem", pem(root[0]))
    chain("mx-good", cert(MX, issuer=inter), inter)
    chain("resolver", cert(f"resolver.{TLD}", issuer=inter), inter)
    for d in domains:
        chain(d, cert(f"mta-sts.{d}", issuer=inter), inter)


def dns(domains, grants):
    glue = lambda name, n: address_records(name, "46", n, n)
    tld = [f"$ORIGIN {TLD}.", "$TTL 60", SOA, f"@ NS ns.{TLD}.", *glue("ns", AUTHORITY), *glue("ns-knot", KNOT),
           "mail MX 10 mx.mail", *glue("mx.mail", MTAS["good"][0])]
    for d, how in domains.items():
        ns = f"{'ns-knot' if how == 'knot' else 'ns'}.{TLD}."
        tld.append(f"{d}. NS {ns}")
        # What the owner has before: a zone with mail, and nothing of ours.
        put(f"{'knot' if how == 'knot' else 'dns'}/{d}.zone",
            "\n".join([f"$ORIGIN {d}.", "$TTL 60", f"@ SOA {ns} hostmaster.{d}. 1 3600 600 86400 0", f"@ NS {ns}", f"@ MX 10 {MX}."]) + "\n")
    put(f"dns/{TLD}.zone", "\n".join(tld) + "\n")
    tld_ds, _ = sign(TLD)
    put("dns/root.zone", "\n".join(["$ORIGIN .", "$TTL 60", SOA.replace("@", ".", 1), f". NS ns.{TLD}.", f"{TLD}. NS ns.{TLD}.",
                                    *glue(f"ns.{TLD}.", AUTHORITY), *tld_ds]) + "\n")
    put("dns/anchor.ds", "\n".join(sign("")[0]) + "\n")
    bind(domains, grants)
    put("knot.conf", f"""server:
    rundir: /run/knot
    listen: [ {v4(KNOT)}@53, {v6(KNOT)}@53 ]
database:
    storage: {DIR}/knot
log:
  - target: {DIR}/log/knot.log
    any: info
template:
  - id: default
    storage: {DIR}/knot
    file: "%s.zone"
zone:
""" + "".join(f"  - domain: {d}\n" for d, how in domains.items() if how == "knot"))
    unbound_conf("unbound", VALIDATING, "validator iterator")
    # Web servers want port 443 of every address.
    conf = DIR / "dns/unbound.conf"
    conf.write_text(conf.read_text().replace(f"  interface: {v4(VALIDATING)}@443\n", ""))


def bind(domains, grants):
    """The authority for everything but Knot's zones: files for some, updates by a key for others."""
    secret = subprocess.run(["tsig-keygen", KEY], check=True, stdout=subprocess.PIPE, text=True).stdout
    put("dns/update.key", secret)
    put("dns/rndc.key", subprocess.run(["tsig-keygen", "rndc-key"], check=True, stdout=subprocess.PIPE, text=True).stdout)
    takes = {"bind": lambda d: "", "nsupdate": lambda d: f"update-policy {{ {grants(d, KEY)} }};"}
    zones = "\n".join(f'zone "{d}" {{ type primary; file "{d}.zone"; {takes[how](d)} }};' for d, how in domains.items() if how in takes)
    put("named.conf", f"""include "{DIR}/dns/update.key"; include "{DIR}/dns/rndc.key";
options {{ directory "{DIR}/dns"; pid-file "{DIR}/run/named.pid"; session-keyfile none;
  listen-on port 53 {{ {v4(AUTHORITY)}; }}; listen-on-v6 port 53 {{ {v6(AUTHORITY)}; }};
  recursion no; dnssec-validation no; notify no; allow-transfer {{ none; }}; minimal-responses yes; }};
controls {{ inet 127.0.0.1 allow {{ 127.0.0.1; }} keys {{ "rndc-key"; }}; }};
logging {{ channel f {{ file "{DIR}/log/named.log"; }}; category default {{ f; }}; }};
zone "." {{ type primary; file "root.zone.signed"; }};
zone "{TLD}" {{ type primary; file "{TLD}.zone.signed"; }};
{zones}
""")
