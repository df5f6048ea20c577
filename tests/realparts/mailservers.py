"""Postfix behind one address for each fault, and Exim."""
from parts import DIR, MTAS, PARTS, SMTP, TLD, put, v4, v6

# What each Postfix service does wrong; the certificates carry the other faults.
OPTIONS = {
    "notls": ["smtpd_tls_security_level=none"],
    "tls10": ["smtpd_tls_protocols=TLSv1", "smtpd_tls_ciphers=low", "tls_low_cipherlist=ALL:@SECLEVEL=0"],
    "oldtls": ["smtpd_tls_protocols=TLSv1,TLSv1.1,TLSv1.2", "smtpd_tls_ciphers=low", "tls_low_cipherlist=ALL:@SECLEVEL=0"],
    "starttls454": [f"smtpd_tls_CAfile={DIR}/tls/missing.pem"],
    "nocert": [f"smtpd_tls_chain_files={DIR}/tls/missing.pem"],
    "needssni": ["smtpd_tls_cert_file=none", f"tls_server_sni_maps=texthash:{DIR}/postfix/sni"],
    "tarpit": ["smtpd_delay_reject=no", "{ smtpd_client_restrictions = sleep 8, permit }"],
}


def mail_servers(rows):
    postfix(rows)
    exim(rows)


def postfix(rows):
    put("postfix/main.cf", f"""compatibility_level = 3.6
queue_directory = {DIR}/spool/postfix
data_directory = {DIR}/spool/postfix-data
maillog_file = {DIR}/log/postfix.log
maillog_file_prefixes = {DIR}
inet_interfaces = all
inet_protocols = all
myhostname = mx.{TLD}
mydestination =
virtual_mailbox_domains = {", ".join(rows)}, reports.{TLD}
virtual_mailbox_maps = static:inbox/
virtual_mailbox_base = {DIR}/mail
virtual_uid_maps = static:8
virtual_gid_maps = static:8
virtual_minimum_uid = 8
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
mynetworks = 127.0.0.0/8 [2001:db8::]/32
""")
    put("postfix/sni", "".join(f"{h} {DIR}/tls/mx-needssni.pem\n" for r in rows.values() for _, h, m in r["mx"] if m == "needssni"))
    lines = []
    for mta, (n, software, _) in MTAS.items():
        if software != "postfix":
            continue
        options = list(OPTIONS.get(mta, []))
        if not any(x.startswith(("smtpd_tls_chain_files", "smtpd_tls_cert_file")) for x in options):
            options.insert(0, f"smtpd_tls_chain_files={DIR}/tls/mx-{mta}.pem")
        options.append(f"myhostname={mta}.mx.{TLD}")
        for address in [v4(n)] + ([] if mta == "only4" else [f"[{v6(n)}]"]):
            lines.append(f"{address}:{SMTP} inet n - n - - smtpd" + "".join(f"\n  -o {x}" for x in options))
    put("postfix/master.cf", "\n".join(lines) + """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
""")


def exim(rows):
    both = " ; ".join(f"[{a(MTAS['exim'][0])}]:{SMTP}" for a in (v4, v6))
    put("exim/exim.conf", f"""primary_hostname = exim.mx.{TLD}
exim_path = {PARTS}/alt/usr/sbin/exim4
spool_directory = {DIR}/spool/exim
log_file_path = {DIR}/log/exim-%slog
pid_file_path = {DIR}/run/exim.pid
local_interfaces = <; {both}
daemon_smtp_ports = {SMTP}
tls_advertise_hosts = *
tls_certificate = {DIR}/tls/mx-exim.crt
tls_privatekey = {DIR}/tls/mx-exim.key
tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
never_users =
deliver_drop_privilege = true
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  accept domains = {' : '.join(rows)}
  deny message = relay not permitted
begin routers
all:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = {DIR}/spool/exim/inbox
""")
