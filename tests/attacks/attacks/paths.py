"""Paths, methods, hosts and headers written so that two readers understand them differently."""

import asyncio

from kit.client import Closed, Connection, bearer
from kit.table import Row

SETTINGS = {}


async def run(house) -> list[Row]:
    return [await closed_doors(house), await methods(house), await hosts(house), await header_lines(house),
            await files(house)]


async def send(house, request: str) -> tuple[int, bytes, dict]:
    connection = Connection(house.port, patience_s=8)
    try:
        answer = await connection.raw(request.encode("latin-1"))
        return answer.status, answer.body, answer.headers
    except (Closed, ConnectionError, TimeoutError):
        return 0, b"", {}
    finally:
        connection.close()


async def closed_doors(house) -> Row:
    """Paths behind which something is closed, spelled to slip by whoever guards them."""
    ways = ["/api/v1/%6de", "/api/v1/me/", "/api/v1//me", "//api/v1/me", "/api/v1/./me", "/api/v1/units/../me",
            "/api/v1/units/%2e%2e/me", "/api/v1/units/..%2fme", "/api/v1/me%00", "/api/v1/me%00.json", "/api/v1/me.json",
            "/API/V1/ME", "/api/v1/me;a=b", "/api/v1/me%20", "/api/v1/me%09", "/api/v1/me%0d%0a", "/api/v1/me#a",
            "/api/v1/me?a#b", "/api/v1\\me", "/api/v1/%252e%252e/me", "/api/v1/me%c0%af", "/health/live/../../api/v1/me",
            "/docs/../api/v1/me", "/docs/..%2fapi/v1/me", "/health/%2e%2e/api/v1/staff", "/api/v1/staff/.", "/api/v1/staff/%2f",
            "/api/v1/audit..;/", "/api/v1/audit?_method=GET", "/.%00/api/v1/audit", "/api/v1/dossiers/%2e%2e/audit",
            "/api/v1/dossiers/..%2faudit/events", "/api/v2/me", "/api/me", "/metrics/../api/v1/audit"]
    seen, let_in = {}, []
    for path in ways:
        status, body, _ = await send(house, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
        seen[status] = seen.get(status, 0) + 1
        if status == 200:
            let_in.append(path)
    # With a clerk's token nothing opens that is the controller's.
    token = await house.token("clerk")
    for path in ways:
        path = path.replace("/me", "/audit").replace("/ME", "/AUDIT").replace("%6de", "%61udit")
        status, _, _ = await send(house, f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n")
        seen[status] = seen.get(status, 0) + 1
        if status == 200:
            let_in.append(f"{path} as a clerk")
    good = not let_in and not any(status >= 500 for status in seen)
    return Row("path tricks", f"{2 * len(ways)}: dots, slashes, encodings, NUL, case, parameters",
               f"{dict(sorted(seen.items()))}; let in: {let_in or 'none'}", good)


async def methods(house) -> Row:
    code = house.dossiers[0]["code"]
    token = await house.token("officer")
    before = (await house.ask("GET", f"/api/v1/dossiers/{code}", headers=bearer(await house.token("clerk")))).json
    seen, faults = {}, []
    override = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "PATCH"}
    for method in ("DELETE", "PUT", "TRACE", "TRACK", "CONNECT", "PROPFIND", "get", "GeT", "PATCH2", "HEAD", "OPTIONS"):
        for path in (f"/api/v1/dossiers/{code}", "/api/v1/units", "/api/v1/me"):
            head = "".join(f"{name}: {value}\r\n" for name, value in override.items())
            status, body, _ = await send(house, f"{method} {path}?_method=DELETE HTTP/1.1\r\nHost: a\r\n{head}"
                                                f"Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
                                         if method != "HEAD" else f"GET {path}?_method=DELETE HTTP/1.1\r\nHost: a\r\n{head}\r\n")
            seen[status] = seen.get(status, 0) + 1
            if status >= 500 or (method == "TRACE" and b"Bearer" in body):
                faults.append(f"{method} {path}: {status}")
    after = (await house.ask("GET", f"/api/v1/dossiers/{code}", headers=bearer(await house.token("clerk")))).json
    if before["version"] != after["version"]:
        faults.append("the dossier changed")
    return Row("methods and overrides", "11 methods on 3 paths, overridden by headers and parameters",
               f"{dict(sorted(seen.items()))}{''.join(f'; FAULT: {fault}' for fault in faults)}", not faults)


async def hosts(house) -> Row:
    """No answer may name a host that the asker made up."""
    faults = []
    for head in ("Host: evil.example", "Host: evil.example\r\nHost: a", "Host: a\r\nX-Forwarded-Host: evil.example",
                 "Host: a\r\nForwarded: host=evil.example", "Host: a@evil.example", "Host: evil.example:99999", "Host:",
                 "X-Host: evil.example", "Host: a\r\nX-Forwarded-Proto: evil.example\r\nX-Forwarded-Prefix: /evil.example"):
        for path in ("/docs", "/docs/", "/api/v1/openapi.json", f"/api/v1/public/dossiers/{house.dossiers[0]['code']}",
                     "/api/v1/nothing", "/"):
            status, body, fields = await send(house, f"GET {path} HTTP/1.1\r\n{head}\r\n\r\n")
            if b"evil.example" in body or "evil.example" in str(fields) or status >= 500:
                faults.append(f"{head!r} {path}: {status}")
    return Row("made-up hosts", "9 ways to name a host, 6 paths", f"named in answers: {faults or 'none'}", not faults)


async def header_lines(house) -> Row:
    """Line breaks in whatever is written back: no header of the attacker's in an answer."""
    token = await house.token("clerk")
    faults = []
    breaks = ["%0d%0aSet-Cookie:%20evil=1", "%0aSet-Cookie:%20evil=1", "%E5%98%8A%E5%98%8DSet-Cookie:%20evil=1",
              "\rSet-Cookie: evil=1", "%0d%0a%0d%0a<html>evil"]
    for line in breaks:
        for path in (f"/api/v1/public/dossiers/{line}", f"/api/v1/units?cursor={line}", f"/{line}", f"/docs{line}",
                     f"/api/v1/reports/06?month=2026-10&format={line}", f"/api/v1/dossiers/{line}",
                     f"/api/v1/reports/06?month=2026-10&format=csv&unit={line}"):
            status, _, fields = await send(house, f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
                                                  f"X-Request-Id: abcdefgh{line}\r\nAccept-Language: en{line}\r\n"
                                                  f"If-None-Match: \"{line}\"\r\nOrigin: http://a{line}\r\n\r\n")
            if "set-cookie" in fields or "evil" in str(fields) or status >= 500:
                faults.append(f"{path}: {status}")
    return Row("header injection", f"{len(breaks)} line breaks in paths, parameters and 4 headers",
               f"in answers: {faults or 'none'}", not faults)


async def files(house) -> Row:
    """Nothing of the disk."""
    faults, seen = [], {}
    for path in ("/../../../../etc/passwd", "/docs/../../../../etc/passwd", "/docs/%2e%2e/%2e%2e/etc/passwd",
                 "/docs/..%5c..%5cetc/passwd", "/.git/config", "/data/secrets.json", "/demo-accounts.json", "/.env",
                 "/config/default.toml", "/docs/%00", "/docs//etc/passwd", "/actuator", "/debug/pprof", "/server-status"):
        status, body, _ = await send(house, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
        seen[status] = seen.get(status, 0) + 1
        if status == 200 or b"root:" in body:
            faults.append(path)
    return Row("files of the disk", "14 paths", f"{seen}; given: {faults or 'none'}", not faults)
