"""The domains of the box: what is planted in each, what a sender makes of it, and what `mta-sts check` must find.

`sts`: what a sender without a cached policy gets: ok, absent, dns-error, fetch-error, invalid.
`deliver`: does a sender that supports MTA-STS and DANE, with no cached policy, hand the mail over?
           `no` means that the mail waits and is tried again. `a|b`: the RFCs leave both open.
`clause`, `ruling`: why, and whether the first reading of these two columns held: confirmed, corrected, new.
`findings`: the exact set of codes, `code:detail` for the two umbrella codes. `NO_DANE` is added by the row itself.
"""
from parts import TLD, v4, v6

GOOD_RECORD = "v=STSv1; id=20260101T081523;"
TWO_WEEKS = 1209600
RUA = "v=TLSRPTv1; rua=mailto:tlsrpt@reports.test"


def domains():
    """name -> row. mx: [(preference, host, mail server)]; txt, rpt: TXT strings; web: fault of the policy host."""
    rows = {}

    def add(name, cond, clause, *findings, verdict="enforcing", sts="ok", deliver="yes", ruling="confirmed", **kw):
        d = f"{name}.{TLD}"
        mta, mode, dns = kw.pop("mta", "good"), kw.pop("mode", "enforce"), kw.pop("dns", "secure")
        mx = [(p, h and f"{h}.{d}", m) for p, h, m in kw.pop("mx", [(10, "mx", mta)])]
        names = kw.pop("patterns", [h for _, h, _ in mx if h])
        policy = kw.pop("policy", None) or "version: STSv1\r\nmode: %s\r\n%smax_age: %d\r\n" % (
            mode, "".join(f"mx: {h}\r\n" for h in names), kw.pop("max_age", TWO_WEEKS))
        row = dict(cond=cond, clause=clause, ruling=ruling, dns=dns, mx=mx, policy=policy, web="ok", txt=[GOOD_RECORD],
                   rpt=[RUA], tlsa=None, extra=[], zone=None, family="46", dane=True)
        unknown = kw.keys() - row.keys()
        assert not unknown, f"{d}: {unknown}"
        row.update(kw)
        found = set(findings)
        if row["dane"] and not row["tlsa"]:
            found.add("dnssec_missing" if dns == "insecure" else "dane_missing")
        row["expect"] = dict(dnssec=dns, sts=sts, mode=mode if sts == "ok" else None, deliver=deliver, verdict=verdict,
                             findings=sorted(found))
        rows[d] = row

    all_well(add)
    mail_servers(add)
    policy_hosts(add)
    policies(add)
    records(add)
    dns_states(add)
    dane(add)
    tlsrpt(add)
    return rows


def all_well(add):
    add("good", "everything right: DNSSEC, DANE with a second record, IPv4 and IPv6", "8461 §5", tlsa=["ee", "ta"])
    add("plain", "everything right but DANE", "8461 §5", ruling="new")
    add("testing", "mode testing, MX certificate has another name", "8461 §5: testing delivers and reports",
        "mta_sts_mode_testing", "mx_cert_name_mismatch", mta="wrongname", mode="testing", verdict="testing")
    add("ready", "mode testing, all else right; ready once earlier looks have seen it for 14 days", "8461 §5",
        "mta_sts_mode_testing", mode="testing", verdict="testing", ruling="new")
    add("none", "mode none", "8461 §5: as if there were no policy", "mta_sts_mode_none", mode="none", patterns=[],
        verdict="disabled")
    add("wildcard", "policy pattern *.wildcard.test", "8461 §4.1", patterns=["*.wildcard.test"])
    add("multimx", "three MX hosts: expired certificate first, two good after", "8461 §8.4: try the next host",
        "mx_cert_expired", mx=[(5, "mx0", "expired"), (10, "mx1", "good"), (20, "mx2", "good2")],
        verdict="enforcing-but-broken")
    add("tarpit", "MX waits 8 s before its greeting", "5321 §4.5.3.2.1: five minutes", mta="tarpit")
    add("exim", "MX is Exim", "8461 §4.2", mta="exim")
    add("v6only", "policy host and MX have only IPv6 addresses", "8461 §3.3; 5321 §5.1", family="6", ruling="new")
    add("delegated", "both names are CNAMEs to a provider", "8461 §8.2", txt="CNAME _mta-sts.hosting.test.",
        web="delegated", ruling="new")
    add("parent", "its subdomain takes mail without a policy", "8461 §3.4", "scope_subdomain_unprotected", ruling="new")
    add("news.parent", "subdomain of a protected domain, without record or policy", "8461 §3.4: never inherited",
        "mta_sts_missing", "tlsrpt_missing", zone="parent.test", txt=[], rpt=[], web="nohost", sts="absent",
        verdict="not-deployed", ruling="new")


def mail_servers(add):
    no = dict(deliver="no", verdict="enforcing-but-broken")
    add("mx-expired", "MX certificate expired", "8461 §4.2, §5", "mx_cert_expired", mta="expired", **no)
    add("mx-notyet", "MX certificate not valid yet", "8461 §4.2, §5", "mx_cert_not_yet_valid", mta="notyet", **no)
    add("mx-wrongname", "MX certificate has another name", "8461 §4.2, §5", "mx_cert_name_mismatch", mta="wrongname", **no)
    add("mx-selfsigned", "MX certificate self-signed", "8461 §4.2, §5", "mx_cert_self_signed", mta="selfsigned", **no)
    add("mx-otherca", "MX certificate of an authority that nobody trusts", "8461 §4.2, §5", "mx_cert_untrusted",
        mta="otherca", ruling="new", **no)
    add("mx-leafonly", "MX sends no intermediate certificate", "8461 §4.2, §5", "mx_cert_incomplete_chain",
        mta="leafonly", ruling="new", **no)
    add("mx-weakkey", "MX has an RSA key of 1024 bits", "8461 §7.2; 9325 §4.5", "mx_cert_weak", mta="weakkey",
        deliver="yes|no", ruling="new")
    add("mx-expiring", "MX certificate ends in five days", "8461 §4.2", "mx_cert_expiring", mta="expiring", ruling="new")
    add("mx-notls", "MX offers no STARTTLS", "8461 §4, §5", "mx_starttls_missing", mta="notls", **no)
    add("mx-strip", "someone on the path strips STARTTLS", "8461 §5; 3207 §6", "mx_starttls_missing", mta="strip", **no)
    add("mx-tls10", "MX speaks only TLS 1.0", "8461 §7.2; 8996 §4", "mx_tls_version", mta="tls10", **no)
    add("mx-oldtls", "MX speaks TLS 1.0 to 1.2", "8461 §7.2; 8996 §4", "mx_tls_old_versions", mta="oldtls", ruling="new")
    add("mx-454", "MX offers STARTTLS, then answers 454", "8461 §5; 3207 §4", "mx_starttls_refused", mta="starttls454", **no)
    add("mx-nocert", "MX answers 220 to STARTTLS, has no certificate", "8461 §4.2, §5", "mx_tls_handshake", mta="nocert", **no)
    add("mx-reset", "connection reset after STARTTLS", "8461 §5", "mx_tls_handshake", mta="reset", **no)
    add("mx-hang", "silence after STARTTLS", "8461 §5", "mx_starttls_refused", mta="hang", **no)
    add("mx-inject", "plain-text bytes slipped in after the answer to STARTTLS", "3207 §4.2, §6", "mx_starttls_injection",
        mta="inject", deliver="yes|no", ruling="new")
    add("mx-sni", "MX refuses a handshake without SNI", "8461 §7.1", "mx_needs_sni", mta="needssni", ruling="new")
    add("mx-refused", "nothing listens on the only MX", "5321 §4.5.4.1: wait and try again", mta="refused", deliver="no")
    add("mx-backup-refused", "nothing listens on the backup MX", "5321 §5.1", "mx_unreachable",
        mx=[(10, "mx1", "good"), (20, "mx2", "refused")], ruling="new")
    add("mx-v6", "nothing listens on the IPv6 address of the only MX", "5321 §5.1: try the next address",
        "mx_unreachable", mta="only4", ruling="new")
    add("mx-unlisted", "MX not in the policy", "8461 §4.1, §5", "mta_sts_mx_mismatch:all", "mx_pattern_unused",
        patterns=["other.mx-unlisted.test"], **no)
    add("mx-unlisted-backup", "backup MX not in the policy", "8461 §4.1, §8.4", "mta_sts_mx_mismatch:backup",
        mx=[(10, "mx1", "good"), (20, "mx2", "good2")], patterns=["mx1.mx-unlisted-backup.test"],
        verdict="enforcing-but-broken", ruling="new")
    add("mx-cname", "MX name is a CNAME", "2181 §10.3; 5321 §5.1", "mx_cname", mx=[(10, "alias", "good")],
        extra=[("alias", "CNAME", "mx")], ruling="new")
    add("mx-noaddress", "second MX has no address", "5321 §5.1", "mx_no_address",
        mx=[(10, "mx1", "good"), (20, "gone", None)], ruling="new")


def policy_hosts(add):
    # RFC 8461 §3.3: no policy could be fetched and none is cached: deliver as if there were none.
    why = "8461 §3.3"

    def fetch(name, cond, detail, clause=why, **kw):
        add(name, cond, clause, f"mta_sts_unreachable:{detail}", sts="fetch-error", verdict="broken", **kw)

    fetch("pol-expired", "policy host certificate expired", "policy_tls_expired", web="expired")
    fetch("pol-wrongsan", "policy host certificate has another name", "policy_tls_name_mismatch", web="wrongsan")
    fetch("pol-selfsigned", "policy host certificate self-signed", "policy_tls_self_signed", web="selfsigned")
    fetch("pol-otherca", "policy host certificate of an authority that nobody trusts", "policy_tls_untrusted",
          web="otherca", ruling="new")
    fetch("pol-leafonly", "policy host sends no intermediate certificate", "policy_tls_incomplete_chain",
          web="leafonly", ruling="new")
    fetch("pol-tls10", "policy host speaks only TLS 1.0", "policy_tls_version", why + ", §7.2; 8996 §4", web="tls10")
    fetch("pol-reject", "policy host ends the TLS handshake", "policy_tls_handshake", web="reject")
    fetch("pol-301", "policy answered with 301", "policy_http_redirect", web="301")
    fetch("pol-302", "policy answered with 302", "policy_http_redirect", web="302")
    fetch("pol-404", "policy answered with 404", "policy_http_status", web="404")
    fetch("pol-500", "policy answered with 500", "policy_http_status", web="500")
    fetch("pol-hang", "policy host accepts, never answers", "policy_http_timeout", web="hang")
    fetch("pol-refused", "nothing listens on the policy host", "policy_host_refused", web="refused")
    fetch("pol-nohost", "mta-sts name does not exist", "policy_host_nxdomain", web="nohost")
    slow = dict(sts="fetch-error", verdict="broken")
    add("pol-trickle", "policy sent at 1 byte/s", why + ": one minute suggested", "policy_http_slow", web="trickle", **slow)
    add("pol-huge", "policy of 64 MiB", why + ": 64 KB suggested", "policy_http_too_large", web="huge", **slow)
    add("pol-endless", "chunked answer without end", why + ": 64 KB suggested", "policy_http_too_large", web="endless", **slow)
    add("pol-ctype", "policy served as text/html", "8461 §3.2: text/plain SHOULD be checked", "policy_http_content_type",
        web="ctype", sts="ok|fetch-error", verdict="broken", ruling="corrected")
    add("pol-oldtls", "policy host speaks TLS 1.0 to 1.2", "8461 §7.2; 8996 §4", "policy_tls_old_versions",
        web="oldtls", ruling="new")
    add("pol-expiring", "policy host certificate ends in five days", why, "policy_tls_expiring", web="expiring", ruling="new")
    add("pol-v6", "nothing listens on the IPv6 address of the policy host", why, "policy_host_ipv6_broken",
        web="v6refused", ruling="new")
    add("pol-differs", "the IPv6 address serves another policy", why, "policy_host_address_differs", web="differs",
        ruling="new")


def policies(add):
    bad = dict(sts="invalid", verdict="broken")
    add("pol-noage", "policy lacks max_age", "8461 §3.2", "mta_sts_policy_syntax",
        policy="version: STSv1\r\nmode: enforce\r\nmx: mx.pol-noage.test\r\n", **bad)
    add("pol-nomx", "mode enforce without an mx line", "8461 §3.2", "mta_sts_policy_syntax", patterns=[], **bad)
    add("pol-lf", "policy with bare LF line ends (allowed)", "8461 §3.2, erratum 6253",
        policy="version: STSv1\nmode: enforce\nmx: mx.pol-lf.test\nmax_age: 1209600\n")
    add("pol-short", "max_age of one hour", "8461 §3.2", "mta_sts_max_age_short", max_age=3600, ruling="new")


def records(add):
    none = dict(sts="absent")
    add("txt-none", "no _mta-sts record", "8461 §3.1", "mta_sts_missing", "mta_sts_policy_without_record",
        "tlsrpt_without_policy", txt=[], verdict="not-deployed", **none)
    add("txt-two", "two STSv1 records (counts as none)", "8461 §3.1", "mta_sts_record_multiple",
        txt=["v=STSv1; id=1;", "v=STSv1; id=2;"], verdict="broken", **none)
    add("txt-noid", "record without id", "8461 §3.1", "mta_sts_record_syntax", txt=["v=STSv1;"], verdict="broken", **none)
    add("txt-cname", "_mta-sts is a CNAME to another domain's record, the policy host is not", "8461 §8.2",
        "mta_sts_delegation_half", txt="CNAME _mta-sts.good.test.")
    add("txt-split", "record in three strings", "8461 §3.1", txt=[["v=STS", "v1; id=2026", "0101T1;"]])
    add("txt-other", "other TXT data beside the STSv1 record; answer over 1232 bytes", "8461 §3.1; 7766 §5",
        txt=["v=STSv1; id=7;"] + ["x" * 250 + str(i) for i in range(8)])
    add("txt-wild", "a wildcard TXT answers for _mta-sts", "8461 §3.1; 4592 §2.1", "mta_sts_record_wildcard", txt=[],
        extra=[("*", "TXT", f'"{GOOD_RECORD}"')], ruling="new")


def dns_states(add):
    # Every lookup fails by the domain's own fault: senders find no policy, and its mail waits (RFC 5321 §5.1).
    lost = dict(sts="dns-error", deliver="no", verdict="broken", dane=False)
    all_four = ("mta_sts_record_dns_failure", "mta_sts_unreachable:policy_host_dns_failure", "mx_dns_failure", "tlsrpt_dns_failure")
    add("insecure", "unsigned zone, all else right", "8461 §2: no DNSSEC needed", dns="insecure")
    add("bogus", "DS does not match the zone's key", "4035 §5.5; 5321 §5.1", *all_four, dns="bogus", **lost)
    add("bogus-txt", "_mta-sts changed after signing", "4035 §5.5; 8461 §3.1", "mta_sts_record_dns_failure",
        dns="bogus-txt", sts="dns-error", verdict="broken")
    add("sigexpired", "all signatures expired", "4035 §5.3.1; 5321 §5.1", *all_four, dns="sigexpired", **lost)
    add("servfail", "zone's server answers SERVFAIL", "5321 §5.1", *all_four, dns="servfail", **lost)
    add("timeout", "zone's server never answers", "5321 §5.1", *all_four, dns="timeout", **lost)
    add("nxdomain", "domain does not exist", "5321 §5.1; 8461 §3.1", "mta_sts_missing", "mx_missing", "tlsrpt_missing",
        dns="absent", web="none", mx=[], txt=[], rpt=[], sts="absent", deliver="no", verdict="not-deployed", dane=False)
    add("nullmx", "null MX", "7505 §3", "mx_null", mx=[(0, "", None)], patterns=["mx.nullmx.test"],
        deliver="no", dane=False)
    add("nullmx-others", "null MX beside another", "7505 §3", "mx_null_with_others",
        mx=[(0, "", None), (10, "mx", "good")], deliver="yes|no", ruling="new")
    add("nomx", "no MX, only an address", "5321 §5.1; 8461 §4.1", "mx_missing", mx=[], patterns=["nomx.test"],
        extra=[("@", "A", v4(101)), ("@", "AAAA", v6(101))])


def dane(add):
    nosts = dict(txt=[], web="nohost", sts="absent", verdict="not-deployed")
    add("dane-ee", "TLSA 3 1 1 right, self-signed certificate, no MTA-STS", "7672 §3.1.1", "mta_sts_missing",
        "mx_only_dane_covers", "dane_no_rollover", mta="selfsigned", tlsa=["ee"], **nosts)
    add("dane-ta", "TLSA 2 1 1 right, no MTA-STS", "7672 §3.1.2", "mta_sts_missing", "dane_no_rollover", tlsa=["ta"], **nosts)
    add("dane-roll", "TLSA 3 1 1 of this key and the next", "7671 §8.1", tlsa=["ee", "bad"], ruling="new")
    add("dane-bad", "TLSA 3 1 1 of another key", "7672 §2.2", "mta_sts_missing", "dane_mismatch", "dane_no_rollover",
        tlsa=["bad"], deliver="no", **nosts)
    add("dane-bogus", "TLSA changed after signing", "7672 §2.1.2, §2.2", "dane_bogus", tlsa=["ee", "ta"],
        dns="bogus-tlsa", deliver="no", verdict="enforcing-but-broken", ruling="new")
    add("dane-pkix", "TLSA 1 1 1: a usage that counts for nothing here", "7672 §3.1.3", "dane_unusable",
        tlsa=["pkix"], ruling="new")
    add("dane-unsigned", "wrong TLSA in an unsigned zone (ignored), MTA-STS right", "7672 §2.2", "dane_insecure",
        "dnssec_missing", dns="insecure", tlsa=["bad"])
    add("dane-sts", "TLSA right, MTA-STS policy names another MX", "8461 §2: only a failing DANE result is protected",
        "mta_sts_mx_mismatch:all", "mx_pattern_unused", patterns=["other.test"], tlsa=["ee", "ta"],
        deliver="yes|no", verdict="enforcing-but-broken", ruling="corrected")


def tlsrpt(add):
    add("rpt-https", "reports by HTTPS", "8460 §3", rpt=["v=TLSRPTv1; rua=https://reports.test/v1/tlsrpt"])
    add("rpt-two", "two TLSRPTv1 records (counts as none)", "8460 §3", "tlsrpt_multiple", rpt=[RUA, RUA + "; x=y"])
    add("rpt-none", "no TLSRPT record", "8460 §3", "tlsrpt_missing", rpt=[])
    add("rpt-same", "reports go to the tested domain itself", "8460 §3", "tlsrpt_rua_same_domain",
        rpt=["v=TLSRPTv1; rua=mailto:tlsrpt@rpt-same.test"], ruling="new")
    add("rpt-nomail", "reports go to a domain that takes no mail", "8460 §3; 7505 §3", "tlsrpt_rua_no_mail",
        rpt=["v=TLSRPTv1; rua=mailto:tlsrpt@nullmx.test"], ruling="new")
    add("rpt-nohost", "reports go to a host that does not exist", "8460 §3", "tlsrpt_rua_unreachable",
        rpt=["v=TLSRPTv1; rua=https://nowhere.test/v1/tlsrpt"], ruling="new")
