"""After everything: nothing that was secret in this run stands in logs, figures, the database or a backup of it."""

import gzip
import os
import re
import subprocess
from pathlib import Path

from kit.table import Row

SETTINGS = {}


async def run(house) -> list[Row]:
    figures = (await house.ask("GET", "/metrics")).body.decode(errors="replace")
    backup = house.data / "leaks.backup"
    house.run("backup", str(backup))
    dump = dumped(house)
    rows = [
        row(house, "secrets in logs", "text and JSON, level debug", house.log.read_text(errors="replace")),
        row(house, "secrets in figures", "/metrics", figures),
        row(house, "secrets in the database", "pg_dump, plain", dump),
        row(house, "secrets in a backup", f"{backup.stat().st_size / 1e6:.1f} MB", opened(backup)),
        planted(house),
    ]
    return rows


def dumped(house) -> str:
    """The whole database as text, over the private server's socket."""
    home = house.data / "house" / "postgres"
    sockets = [Path(folder) for folder, _, names in os.walk(home) if any(name.startswith(".s.PGSQL") for name in names)]
    sockets += [found for found in socket_dirs(home)]
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    program = str(programs[-1]) if programs else "pg_dump"
    for folder in sockets:
        port = next((name.rsplit(".", 1)[1] for name in os.listdir(folder) if re.fullmatch(r"\.s\.PGSQL\.\d+", name)), "5432")
        for user in ("motcua", "postgres"):
            done = subprocess.run([program, "-h", str(folder), "-p", port, "-U", user, "motcua"], capture_output=True)
            if done.returncode == 0:
                return done.stdout.decode(errors="replace")
    raise RuntimeError("the private database was not found")


def socket_dirs(home: Path) -> list[Path]:
    lock = home / "cluster" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    return [Path(lines[4])] if len(lines) > 4 and lines[4] else []


def opened(file: Path) -> str:
    """The text of a backup, whatever packs it."""
    data = file.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data).decode(errors="replace")
    if data[:5] == b"PGDMP":
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_restore"))
        program = str(programs[-1]) if programs else "pg_restore"
        return subprocess.run([program, "-f", "-", str(file)], capture_output=True, check=True).stdout.decode(errors="replace")
    return data.decode(errors="replace")


def found(house, text: str) -> list[str]:
    """Which kinds of secrets stand in a text. Bytes written as hex are searched as well."""
    hits = []
    for kind, secrets in house.secrets.items():
        for secret in secrets:
            written = {secret, secret.encode().hex()}
            if kind == "phone":
                written |= {f"84{secret[1:]}", f"+84{secret[1:]}", f"84{secret[1:]}".encode().hex()}
            if kind == "one-time code":
                # Six digits stand in many longer numbers.
                written = set(re.findall(rf"(?<![\w.:+-]){secret}(?![\w.:-])", text))
            if any(form in text for form in written):
                at = next(form for form in written if form in text)
                line = next((line for line in text.splitlines() if at in line), "")
                hits.append(f"{kind} in «{line.replace(at, '…')[:120]}»")
    return hits


def row(house, name: str, where: str, text: str) -> Row:
    hits = found(house, text)
    count = sum(len(secrets) for secrets in house.secrets.values())
    return Row(name, f"{count} secrets of {len(house.secrets)} kinds searched in {where}",
               f"{len(text) // 1000:,} kB, {len(hits)} found" + "".join(f"; FAULT: {hit}" for hit in hits[:5]), not hits)


def planted(house) -> Row:
    """The search itself finds what is there."""
    kinds = [kind for kind in house.secrets if not found(house, f"a line with {next(iter(house.secrets[kind]))} in it")]
    return Row("a planted secret", f"one of each kind: {', '.join(house.secrets)}",
               f"not found: {kinds or 'none'}", not kinds)
