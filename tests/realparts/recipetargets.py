"""How what `mta-sts generate --for X` writes gets into Debian's own servers, and how each is started.

Each function is given the recipe's folder and what the recipe was told, puts the files where the recipe's steps say (the steps'
own `install` and `ln` commands have run before), and answers with the server's command line.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

from parts import DIR

TOGETHER = dict(check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(*words, **more):
    return subprocess.run([str(w) for w in words], **{**TOGETHER, **more}).stdout


def append(path, text):
    with open(path, "a") as f:
        f.write(text)


def nginx(folder, told, name="{host}.conf"):
    shutil.copy(folder / name.format(**told), "/etc/nginx/conf.d/")
    return ["nginx", "-g", "daemon off;"]


def nginx_inline(folder, told):
    return nginx(folder, told, "{host}.inline.conf")


def apache(folder, told):
    shutil.copy(folder / f"{told['host']}.conf", "/etc/apache2/sites-available/")
    run("a2enmod", "ssl")
    run("a2ensite", told["host"])
    return ["apachectl", "-D", "FOREGROUND"]


def caddy(folder, told):
    append("/etc/caddy/Caddyfile", (folder / "Caddyfile").read_text())
    return ["caddy", "run", "--config", "/etc/caddy/Caddyfile"]


def haproxy(folder, told):
    append("/etc/haproxy/haproxy.cfg", (folder / "mta-sts.cfg").read_text())
    return ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"]


def lighttpd(folder, told):
    for file in ("20-mta-sts-listen.conf", "90-mta-sts.conf"):
        shutil.copy(folder / file, "/etc/lighttpd/conf-enabled/")
    return ["lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf"]


def systemd(folder, told):
    """What the unit asks of systemd is done by hand: an own user, the runtime folder, the credentials, one capability."""
    nobody = 65534
    unit = Path("/etc/systemd/system/mta-sts-policy.service").read_text()
    one = lambda key: re.search(rf"^{key}=(.*)$", unit, re.M)[1]
    credentials, runtime = Path("/run/credentials/mta-sts-policy.service"), Path("/run") / one("RuntimeDirectory")
    for path in (credentials, runtime):
        path.mkdir(parents=True)
        os.chown(path, nobody, nobody)
    for name, source in re.findall(r"^LoadCredential=(\w+):(.*)$", unit, re.M):
        shutil.copy(source.replace("%%", "%"), credentials / name)
        os.chown(credentials / name, nobody, nobody)
    capability = "+" + one("AmbientCapabilities").removeprefix("CAP_").lower()
    return ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups", f"--inh-caps={capability}",
            f"--ambient-caps={capability}", *one("ExecStart").split()]


def docker_compose(folder, told):
    """The container's nginx without the container: its mounts as links, its one configuration file in Debian's nginx."""
    compose = (folder / "compose.yaml").read_text()
    mounts = re.findall(r'source: "(.*)"\n +target: (.*)\n', compose)
    mounts += [(str(folder / source), target) for source, target in re.findall(r"- \./(webroot):(.*):ro\n", compose)]
    for source, target in mounts:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).symlink_to(source.replace("$$", "$"))
    return nginx(folder, told, "nginx/mta-sts.conf")


SERVE = {"nginx": nginx, "nginx-inline": nginx_inline, "apache": apache, "caddy": caddy, "haproxy": haproxy,
         "lighttpd": lighttpd, "systemd": systemd, "docker-compose": docker_compose}


def bind(folder, domain):
    file, zone = f"mta-sts.{domain}.zone", DIR / "dns" / f"{domain}.zone"
    shutil.copy(folder / file, "/etc/bind")
    zone.write_text(zone.read_text().replace(" 1 3600 ", " 2 3600 "))
    append(zone, f'$INCLUDE "/etc/bind/{file}"\n')
    run("named-checkconf", "/etc/bind/named.conf")
    run("rndc", "-k", DIR / "dns/rndc.key", "reload", domain)


def knot(folder, domain):
    run("knotc", "conf-check")
    run("sh", f"mta-sts.{domain}.sh", cwd=folder)


def nsupdate(folder, domain):
    run("nsupdate", "-k", DIR / "dns/update.key", f"mta-sts.{domain}.nsupdate", cwd=folder)


PUBLISH = {"bind": bind, "knot": knot, "nsupdate": nsupdate}
