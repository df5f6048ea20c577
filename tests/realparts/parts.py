"""Who lives where in the box: addresses, the listening mail servers, and what each of them does wrong.

Real ports, and addresses that exist only inside the box's network namespace.
"""
from pathlib import Path
import datetime as dt
import os
import sys

DIR = Path(sys.argv[1]).resolve()
PARTS = Path(os.environ.get("BOX_PARTS", DIR.parent / "parts")).resolve()
TLD = "test"
DNS, SMTP, HTTPS, HTTP = 53, 25, 443, 80
NOW = dt.datetime.utcnow().replace(microsecond=0)
DAY = dt.timedelta(days=1)


def v4(n):
    return f"127.20.0.{n}"


def v6(n):
    return f"2001:db8:20::{n}"


AUTHORITY, VALIDATING, NOT_VALIDATING, SILENT = 53, 54, 55, 56
# Policy hosts: 80 the ordinary one, 79 where nothing listens, 81 the fault server behind nginx, 82 TLS 1.0 only,
# 83 TLS 1.0 and newer (nginx takes ssl_protocols per listening socket).
WEB, WEB_REFUSED, WEB_FAULTS, WEB_TLS10, WEB_OLDTLS = 80, 79, 81, 82, 83

# Mail servers: key -> (last part of both addresses, software, what is wrong).
MTAS = {
    "good": (101, "postfix", "nothing"),
    "expired": (102, "postfix", "certificate expired yesterday"),
    "wrongname": (103, "postfix", "certificate for another name"),
    "selfsigned": (104, "postfix", "self-signed certificate"),
    "notls": (105, "postfix", "no STARTTLS"),
    "tls10": (106, "postfix", "TLS 1.0 only"),
    "starttls454": (107, "postfix", "offers STARTTLS, answers 454"),
    "tarpit": (108, "postfix", "greets after 8 s"),
    "good2": (109, "postfix", "nothing"),
    "strip": (110, "proxy", "STARTTLS stripped on the path"),
    "reset": (111, "proxy", "connection reset after STARTTLS"),
    "hang": (112, "proxy", "silent after STARTTLS"),
    "exim": (113, "exim", "nothing"),
    "notyet": (114, "postfix", "certificate valid in five days"),
    "refused": (115, "nothing", "nobody listens"),
    "nocert": (116, "postfix", "answers 220 to STARTTLS, has no certificate"),
    "leafonly": (117, "postfix", "sends no intermediate certificate"),
    "otherca": (118, "postfix", "certificate of an authority that nobody trusts"),
    "needssni": (119, "postfix", "refuses a handshake without SNI"),
    "oldtls": (120, "postfix", "TLS 1.0 to 1.2"),
    "expiring": (121, "postfix", "certificate ends in five days"),
    "weakkey": (122, "postfix", "RSA key of 1024 bits"),
    "only4": (123, "postfix", "nothing listens on its IPv6 address"),
    "inject": (124, "proxy", "plain-text bytes slipped in after STARTTLS"),
    "reports": (125, "postfix", "nothing; takes the reports"),
}


def addresses():
    """Every IPv6 address that something binds or that must answer with a reset."""
    return [v6(n) for n in (AUTHORITY, VALIDATING, NOT_VALIDATING, SILENT, WEB_REFUSED, WEB, WEB_TLS10, WEB_OLDTLS,
                            *(m[0] for m in MTAS.values()))]


def put(path, text, mode=0o644):
    """Write DIR/path."""
    p = DIR / path
    p.parent.mkdir(parents=True, exist_ok=True)
    p.write_bytes(text.encode())
    p.chmod(mode)
    return p
