"""Credentials that are none, stand in the wrong place, come twice or from a foreign page: 401, and nothing is done."""

import base64
import hashlib
import hmac
import json
import time

from kit.client import Closed, Connection, bearer
from kit.house import intake
from kit.table import Row

SETTINGS = {"MOTCUA__LOG__FORMAT": "json"}


async def run(house) -> list[Row]:
    rows = [await tricks(house), await places(house), await revoked(house), await foreign_pages(house),
            await forwarded(house)]
    if house.has("/api/v1/sessions/current", "delete"):
        rows.append(await cookies(house))
    return rows


def jwt(head: dict, claims: dict, key: bytes = b"") -> str:
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    signed = f"{part(head)}.{part(claims)}"
    mark = hmac.new(key, signed.encode(), hashlib.sha256).digest() if key else b""
    return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


async def tricks(house) -> Row:
    token = await house.token("controller")
    claims = {"sub": "controller", "role": "controller", "exp": int(time.time()) + 3600, "iss": "motcua", "aud": "motcua"}
    shown = [
        *(f"Bearer {jwt({'alg': alg, 'typ': 'JWT'}, claims)}" for alg in ("none", "None", "NONE", "nOnE", "")),
        *(f"Bearer {jwt({'alg': 'HS256', 'typ': 'JWT'}, claims, key)}" for key in (b"secret", b"motcua", b"\0", b"null")),
        f"Bearer {jwt({'alg': 'HS256', 'kid': '../../../../dev/null'}, claims, bytes(1))}",
        f"Bearer {jwt({'alg': 'RS256', 'jku': 'http://127.0.0.1:1/keys'}, claims, b'x')}",
        f"Bearer {jwt({'alg': 'HS256', 'kid': chr(39) + ' OR 1=1--'}, claims, b'x')}",
        f"Bearer mcs_{jwt({'alg': 'none'}, claims)}", f"Basic {base64.b64encode(b'controller:' + token.encode()).decode()}",
        f"Token {token}", token, "Bearer", "Bearer ", "Bearer null", "Bearer undefined", "Bearer mcs_", "Bearer mck_",
        f"Bearer {token[:-1]}", f"Bearer {token}A", f"Bearer {token.swapcase()}", f"Bearer {token[4:]}",
        f"Bearer mck_{token[4:]}", f"Bearer {token} {token}", f"Bearer {token},Bearer {token}", f"Bearer\t{token}",
        f"Bearer {token}\x0b", "Bearer " + "a" * 8000, f"Bearer mcs_{'%00' * 10}", "Bearer mcs_' OR '1'='1",
        f"Digest username={token}", "Negotiate abc", f"Bearer mcs_{'A' * 43}",
    ]
    statuses = [(await house.ask("GET", "/api/v1/me", headers={"Authorization": header})).status for header in shown]
    let_in = [header[:30] for header, status in zip(shown, statuses) if status == 200]
    kinds = {status: statuses.count(status) for status in sorted(set(statuses))}
    return Row("bearers that are none", f"{len(shown)}: alg none, guessed keys, cut, doubled, other schemes",
               f"{kinds}; let in: {let_in or 'none'}", not let_in and set(statuses) <= {400, 401})


async def places(house) -> Row:
    """The right token where it does not belong."""
    token = await house.token("clerk")
    kept = {
        "in the query": ("GET", f"/api/v1/me?access_token={token}&token={token}&api_key={token}&authorization=Bearer%20{token}", {}),
        "X-Api-Key": ("GET", "/api/v1/me", {"X-Api-Key": token}),
        "a cookie": ("GET", "/api/v1/me", {"Cookie": f"token={token}; session={token}; __Host-session={token}; "
                                                     f"__Host-motcua={token}; Authorization=Bearer {token}"}),
        "Proxy-Authorization": ("GET", "/api/v1/me", {"Proxy-Authorization": f"Bearer {token}"}),
        "X-Forwarded-User": ("GET", "/api/v1/me", {"X-Forwarded-User": "controller", "X-Remote-User": "controller",
                                                   "Remote-User": "controller", "X-User-Id": "1"}),
        "X-Original-URL": ("GET", "/health/live", {"X-Original-URL": "/api/v1/me", "X-Rewrite-URL": "/api/v1/me"}),
    }
    seen = {}
    for name, (method, path, fields) in kept.items():
        answer = await house.ask(method, path, headers=fields)
        seen[name] = answer.status if b"username" not in answer.body else "let in"
    connection = Connection(house.port)
    twice = (f"GET /api/v1/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
             f"Authorization: Bearer mcs_{'A' * 43}\r\n\r\n").encode()
    seen["two Authorization headers"] = (await connection.raw(twice)).status
    connection.close()
    good = all(status in (200, 401) and not (status == 200 and name != "X-Original-URL") for name, status in seen.items())
    return Row("tokens in the wrong place", f"{len(seen)} places", str(seen), good)


async def revoked(house) -> Row:
    """A session that ended is refused on the next request, within the two seconds that a node believes."""
    import asyncio
    token = house.keep("token", await house.log_in("records"))
    sessions = await house.ask("GET", "/api/v1/sessions", headers=bearer(token))
    own = sessions.json["items"][0]["id"]
    before = (await house.ask("GET", "/api/v1/me", headers=bearer(token))).status
    ended = (await house.ask("DELETE", f"/api/v1/sessions/{own}", headers=bearer(token))).status
    await asyncio.sleep(2.1)
    after = (await house.ask("GET", "/api/v1/me", headers=bearer(token))).status
    return Row("the token of a session that ended", "shown again after 2 s", f"{before}, ended {ended}, then {after}",
               (before, ended, after) == (200, 204, 401))


async def foreign_pages(house) -> Row:
    """What a browser would send from a foreign page: no permission to read, and nothing changes without a token."""
    count = len((await house.as_role("clerk", "GET", "/api/v1/dossiers?limit=200")).json["items"])
    faults = []
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{house.port}.evil.example", "http://localhost"):
        fields = {"Origin": origin, "Referer": f"{origin}/", "Cookie": "a=b"}
        asked = await house.ask("OPTIONS", "/api/v1/dossiers", headers={
            **fields, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"})
        simple = await house.ask("POST", "/api/v1/dossiers", json.dumps(intake(house, 999)).encode(),
                                 {**fields, "Content-Type": "text/plain"})
        form = await house.ask("POST", "/api/v1/sessions", b"username=clerk&password=x",
                               {**fields, "Content-Type": "application/x-www-form-urlencoded"})
        read = await house.ask("GET", "/api/v1/units", headers=fields)
        for answer in (asked, simple, form, read):
            allowed = answer.headers.get("access-control-allow-origin")
            if allowed or answer.headers.get("access-control-allow-credentials"):
                faults.append(f"{origin} may read: {allowed}")
        if simple.status < 400 or form.status < 400:
            faults.append(f"{origin}: {simple.status}, {form.status}")
    after = len((await house.as_role("clerk", "GET", "/api/v1/dossiers?limit=200")).json["items"])
    if after != count:
        faults.append("a dossier was received")
    return Row("foreign origins", "preflights, simple posts, forms of 4 origins",
               f"no permission, nothing received{''.join(f'; FAULT: {fault}' for fault in faults)}", not faults)


async def forwarded(house) -> Row:
    """X-Forwarded-For of somebody who is no proxy of ours does not give a new allowance."""
    statuses = []
    for number in range(120):
        fields = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}",
                  "X-Real-IP": f"198.51.100.{number}", "X-Client-IP": f"198.51.100.{number}",
                  "True-Client-IP": f"198.51.100.{number}"}
        statuses.append((await house.ask("GET", f"/api/v1/public/dossiers/{house.dossiers[0]['code']}", headers=fields)).status)
    other = await house.ask("GET", f"/api/v1/public/dossiers/{house.dossiers[0]['code']}", source="127.0.0.2")
    return Row("forged forwarding headers", "120 requests, each from a made-up address, limit 60",
               f"{statuses.count(200)} answered, {statuses.count(429)} refused; another real address: {other.status}",
               statuses.count(200) <= 64 and other.status == 200)


async def cookies(house) -> Row:
    """A page's session: a cookie that only the house's own pages can use, and never as a bearer."""
    account = house.account("clerk")
    body = {"username": account["username"], "password": account["password"], "as": "cookie"}
    fields = {"Origin": "http://127.0.0.1:8080"}
    opened = await house.ask("POST", "/api/v1/sessions", body, fields)
    cookie = opened.headers.get("set-cookie", "")
    value = house.keep("token", cookie.split(";")[0].partition("=")[2])
    shown = {"Cookie": cookie.split(";")[0]}
    dossier = json.dumps(intake(house, 998)).encode()
    kind = {"Content-Type": "application/json"}
    foreign = await house.ask("POST", "/api/v1/dossiers", dossier, {**shown, **kind, "Origin": "https://evil.example"})
    nameless = await house.ask("POST", "/api/v1/dossiers", dossier, {**shown, **kind})
    as_bearer = await house.ask("GET", "/api/v1/me", headers=bearer(value))
    own = await house.ask("GET", "/api/v1/me", headers=shown)
    marks = [mark for mark in ("__Host-", "HttpOnly", "SameSite", "Secure", "Path=/") if mark not in cookie]
    good = (not marks and foreign.status in (401, 403) and nameless.status in (401, 403) and as_bearer.status == 401
            and own.status == 200)
    return Row("a page's cookie from elsewhere", "a foreign origin, none, as a bearer",
               f"log-in {opened.status}, lacking marks: {marks or 'none'}; {foreign.status}, {nameless.status}, "
               f"{as_bearer.status}; from the own page {own.status}", good)
