"""A root, an intermediate, and a certificate for every mail server and policy host: the faults are in the dates, names and chains."""
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID as AIA, ExtendedKeyUsageOID as EKU, NameOID

from parts import DAY, MTAS, NOW, TLD, put

# Days from now: (first, last). Nothing ends within 14 days but what is meant to.
USUAL, PAST, FUTURE, SOON = (-1, 60), (-60, -1), (5, 60), (-60, 5)


def cert(cn, names=(), issuer=None, days=USUAL, ca=False, key=None, aia=False):
    """(certificate, key); issuer is such a pair, or None for self-signed. aia: says where its issuer's certificate is."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn[:64])])
    icert, ikey = issuer or (None, key)
    b = (x509.CertificateBuilder().subject_name(name).issuer_name(icert.subject if icert else name)
         .public_key(key.public_key()).serial_number(x509.random_serial_number())
         .not_valid_before(NOW + days[0] * DAY).not_valid_after(NOW + days[1] * DAY)
         .add_extension(x509.BasicConstraints(ca, None), True)
         .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
         .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ikey.public_key()), False)
         .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), True))
    if not ca:
        b = b.add_extension(x509.ExtendedKeyUsage([EKU.SERVER_AUTH]), False)
        b = b.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in (names or [cn])]), False)
    if aia:
        where = x509.UniformResourceIdentifier(f"http://authority.{TLD}/issuing.crt")
        b = b.add_extension(x509.AuthorityInformationAccess([x509.AccessDescription(AIA.CA_ISSUERS, where)]), False)
    return b.sign(ikey, hashes.SHA256()), key


def pem(c):
    return c.public_bytes(ser.Encoding.PEM).decode()


def keypem(k):
    return k.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()).decode()


def pin(c):
    """SHA-256 of the public key: TLSA selector 1, matching type 1."""
    return hashlib.sha256(c.public_key().public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def chain(name, pair, inter=None):
    """tls/NAME.pem: key, certificate, intermediate; tls/NAME.crt and tls/NAME.key: the same apart."""
    text = pem(pair[0]) + (pem(inter[0]) if inter else "")
    put(f"tls/{name}.pem", keypem(pair[1]) + text, 0o600)
    put(f"tls/{name}.crt", text)
    put(f"tls/{name}.key", keypem(pair[1]), 0o600)


def certificates(rows):
    """Write everything under tls/; returns the TLSA pins: each mail server's, and the intermediate's as `ta`."""
    root = cert("Box Root CA", days=(-1, 3650), ca=True)
    inter = cert("Box Issuing CA", issuer=root, days=(-1, 1825), ca=True)
    other = cert("Nobody's Issuing CA", issuer=cert("Nobody's Root CA", days=(-1, 3650), ca=True), days=(-1, 1825), ca=True)
    put("tls/ca.pem", pem(root[0]))
    put("tls/inter.pem", pem(inter[0]))
    pins = {"ta": pin(inter[0])}
    for mta in MTAS:
        names = [h for r in rows.values() for _, h, m in r["mx"] if m == mta] or [f"{mta}.mx.{TLD}"]
        if mta == "good":  # also the one behind the fault server
            names += [f"nomx.{TLD}", f"mx.mx-inject.{TLD}"]
        if mta == "reports":
            names.append(f"mx.reports.{TLD}")
        if mta == "wrongname":
            names = [f"elsewhere.{TLD}"]
        days = {"expired": PAST, "notyet": FUTURE, "expiring": SOON}.get(mta, USUAL)
        issuer = {"selfsigned": None, "otherca": other}.get(mta, inter)
        key = rsa.generate_private_key(65537, 1024) if mta == "weakkey" else None
        pair = cert(names[0], names, issuer, days, key=key, aia=issuer is inter)
        chain(f"mx-{mta}", pair, None if mta == "leafonly" else issuer)
        pins[mta] = pin(pair[0])
    every = [f"mta-sts.{d}" for d in rows] + [f"mta-sts.hosting.{TLD}", f"reports.{TLD}"]
    chain("web-ok", cert(f"mta-sts.good.{TLD}", every, inter), inter)
    one = lambda fault: [f"mta-sts.pol-{fault}.{TLD}"]
    chain("resolver", cert(f"resolver.{TLD}", issuer=inter), inter)
    chain("web-expired", cert("expired", one("expired"), inter, PAST), inter)
    chain("web-expiring", cert("expiring", one("expiring"), inter, SOON), inter)
    chain("web-wrongsan", cert("wrong", [f"elsewhere.{TLD}"], inter), inter)
    chain("web-selfsigned", cert("self", one("selfsigned")))
    chain("web-otherca", cert("other", one("otherca"), other), other)
    chain("web-leafonly", cert("leaf", one("leafonly"), inter, aia=True))
    return pins
