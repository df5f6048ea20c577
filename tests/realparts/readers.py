#!/usr/bin/env python3
"""readers.py BINARY DIR: the outputs of a scan, opened by readers that are not ours, tell the same.

Parquet by pyarrow, SQLite by the sqlite3 command, CSV by Python, each compared with the JSON Lines, value by value. The
domains are the lab's: no network is used but loopback.
"""
import csv
import json
import pathlib
import subprocess
import sys

import pyarrow.parquet

BINARY, DIR = sys.argv[1], pathlib.Path(sys.argv[2])
DOMAINS = """healthy healthy-testing healthy-two-mx healthy-delegated mode-none record-two policy-host-nxdomain
policy-tls-expired policy-http-404 mx-mismatch-all mx-starttls-missing mx-cert-expired hostile-escape-mx
dane-mismatch mx-null record-escape-sequence""".split()
MISSES = {"a.example": "no_data", "b.example": "nx_domain", "c.example": {"failed": "timeout"}}


def run(*words):
    done = subprocess.run([BINARY, *words], cwd=DIR, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{words}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def rows():
    """A scan's rows: what `check` recorded in the lab, and names without a record."""
    run("check", "--lab", *[f"{name}.test" for name in DOMAINS], "--format", "jsonl", "--record", "lab.capsule")
    capsule = json.loads((DIR / "lab.capsule").read_text())
    made = [
        {"domain": recorded["evidence"]["domain"], "swept": {"records": ["v=STSv1; id=1;"]}, "evidence": recorded["evidence"]}
        for recorded in capsule["domains"]
    ]
    made += [{"domain": domain, "swept": swept} for domain, swept in MISSES.items()]
    # Enough of them that there are several row groups and several statements.
    made += [{"domain": f"n{number}.example", "swept": "nx_domain"} for number in range(20_000)]
    return [{"schema_version": 1, "position": at, **row} for at, row in enumerate(made)]


def sqlite(sql):
    """The sqlite3 command, on a file that may only be read."""
    out = subprocess.run(["sqlite3", "-json", "-readonly", "d.sqlite", sql], cwd=DIR, capture_output=True, check=True)
    return json.loads(out.stdout or b"[]")


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")


def main():
    DIR.mkdir(parents=True, exist_ok=True)
    made = rows()
    with open(DIR / "rows.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in made)
    judged = {document["domain"]: document for document in map(json.loads, run("scan", "judge", "rows.jsonl").splitlines())}
    for form in ("parquet", "sqlite", "csv"):
        run("scan", "export", "rows.jsonl", "--format", form, "-o", f"d.{form}")

    opened = pyarrow.parquet.ParquetFile(DIR / "d.parquet")
    same("row groups", opened.num_row_groups > 1, True)
    parquet = opened.read().to_pylist()
    domains = sqlite("SELECT * FROM domains ORDER BY position")
    with open(DIR / "d.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    columns = list(json.loads(run("schema", "scan-flat"))["properties"])
    for name, table in (("parquet", parquet), ("sqlite", domains), ("csv", lines)):
        same(f"{name}: number", len(table), len(made))
        same(f"{name}: columns", list(table[0]), columns)

    values = 0
    for row, p, s, c in zip(made, parquet, domains, lines):
        document = judged.get(row["domain"])
        expected = {"position": row["position"], "domain": row["domain"], "surveyed": document is not None}
        if document:
            expected["verdict"] = document["verdict"]
            expected["findings"] = ";".join(
                finding["code"] + (":" + finding["detail"] if finding["detail"] else "") for finding in document["findings"]
            ) or None
            same("taken_at", p["taken_at"].timestamp(), round_ms(document["taken_at"]))
        elif row["swept"] in ("no_data", "nx_domain"):
            expected["verdict"] = "not-deployed"
        for key, value in expected.items():
            same(f"parquet: {row['domain']}: {key}", p[key], value)
        for column in columns:
            value = p[column]
            if column != "taken_at":
                number = int(value) if isinstance(value, bool) else value
                same(f"sqlite: {row['domain']}: {column}", s[column], number)
                text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
                same(f"csv: {row['domain']}: {column}", c[column], text)
            else:
                same(f"csv: {row['domain']}: {column}", c[column], s[column] or "")
            values += 1

    findings = sqlite("SELECT d.domain, f.code, f.detail, f.severity, f.consequence, f.layer, f.clause "
                      "FROM findings f JOIN domains d USING (position) ORDER BY f.rowid")
    expected = [
        {"domain": domain, **{key: finding[key] for key in ("code", "detail", "severity", "consequence", "layer", "clause")}}
        for domain, document in judged.items() for finding in document["findings"]
    ]
    same("findings", findings, expected)
    hosts = sqlite("SELECT d.domain, COUNT(*) AS hosts FROM mx_hosts JOIN domains d USING (position) GROUP BY d.position")
    counted = [{"domain": p["domain"], "hosts": p["mx_count"]} for p in parquet if p["mx_count"]]
    same("mx hosts", hosts, counted)
    same("integrity", sqlite("PRAGMA integrity_check"), [{"integrity_check": "ok"}])
    same("version", sqlite("SELECT value FROM meta WHERE key = 'schema_version'"), [{"value": "1"}])
    print(f"{len(made)} names, {values} values, {len(findings)} findings: Parquet, SQLite, CSV and JSON Lines tell the same")


def round_ms(text):
    """Parquet has milliseconds."""
    import datetime
    head, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.datetime.fromisoformat(head + "+00:00").timestamp()
    return moment + int((fraction + "000")[:3]) / 1000


if __name__ == "__main__":
    main()
