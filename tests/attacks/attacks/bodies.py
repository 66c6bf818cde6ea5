"""Bodies and heads that are too large, too deep or no HTTP: refused early, with no memory and nobody's time."""

import asyncio
import gzip
import json
import zlib

from kit.beside import beside
from kit.client import Closed, Connection, bearer
from kit.table import Row

SETTINGS = {"MOTCUA__LOG__FILTER": "info"}
JSON = {"Content-Type": "application/json"}
MB = 1 << 20


async def run(house) -> list[Row]:
    rows = [
        await beside(house, "1 GB bodies", "8 at a time at a gigabit a second, declared and chunked", huge_bodies),
        await beside(house, "deep and wide JSON", "depth 10⁴–5·10⁵ of arrays and objects, 10⁵–10⁶ keys, 1 MB of one number, "
                     "by anybody, 8 at a time", hard_json),
        await beside(house, "deep and wide JSON of a member of staff", "the same as an intake, 2 at a time, 4 a second",
                     hard_intake),
        await beside(house, "gzip bombs", "1 MB that unpacks to 1 GB, and as a receipt", gzip_bombs),
    ]
    return rows + await odd_requests(house)


def places(house) -> list[str]:
    """Where anybody may send a body, and where a gateway may."""
    return ["/api/v1/deadlines/preview", "/api/v1/sessions", "/api/v1/dossiers",
            f"/api/v1/callbacks/sms/{house.callback_secret}"]


async def repeat(house, notes, requests, good, at_once=8, pause_s=0.05):
    """Sends requests one after another, some at a time, until cancelled; notes answers that are not `good`."""
    seen: dict = notes.setdefault("answers", {})

    async def one(offset: int):
        count = offset
        while True:
            name, send = requests[count % len(requests)]
            try:
                answer = await send()
                what = str(answer.status)
                if not good(answer):
                    notes["faults"].append(f"{name}: {answer.status} {answer.code}")
            except (Closed, ConnectionError):
                what = "closed"
            except TimeoutError:
                what = "no answer"
                notes["faults"].append(f"{name}: no answer")
            seen[what] = seen.get(what, 0) + 1
            count += 1
            # One attacker of many, not a race for the processor that the load generator shares.
            await asyncio.sleep(pause_s)
    await asyncio.gather(*(one(offset) for offset in range(at_once)))


def refused(answer) -> bool:
    return 400 <= answer.status < 500


async def huge_bodies(house, notes):
    token = await house.token("clerk")

    async def send(path: str, framing: str):
        connection = Connection(house.port)
        _, writer = await connection.open()
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{framing}\r\n"
        head += f"Authorization: Bearer {token}\r\n\r\n"
        block = b" " * 65536
        if framing.startswith("Transfer"):
            block = b"10000\r\n" + block + b"\r\n"
        writer.write(head.encode())
        try:
            # The service need not take it all; a gigabyte would be 16,384 of these.
            for number in range(16_384):
                writer.write(block)
                async with asyncio.timeout(15):
                    await writer.drain()
                if writer.transport.is_closing():
                    break
                # All eight together a gigabit a second: what a network brings, not what one machine tells itself.
                await asyncio.sleep(0.004)
        except (ConnectionError, TimeoutError):
            pass
        most = notes.get("MB taken at most", 0)
        notes["MB taken at most"] = max(most, (number + 1) // 16)
        try:
            return await connection.raw(b"")
        finally:
            connection.close()

    framings = ["Content-Length: 1073741824", "Transfer-Encoding: chunked"]
    requests = [(path, lambda p=path, f=framing: send(p, f)) for path in places(house) for framing in framings]
    await repeat(house, notes, requests, refused)


def texts() -> list[tuple[str, bytes]]:
    deep = []
    for depth in (10_000, 100_000, 500_000):
        deep += [(f"arrays {depth}", b"[" * depth + b"]" * depth), (f"open arrays {depth}", b"[" * depth),
                 (f"objects {depth}", b'{"a":' * (min(depth, 150_000)) + b"1" + b"}" * min(depth, 150_000))]
    keys = json.dumps({f"k{number}": 1 for number in range(70_000)}).encode()
    return deep + [
        ("10⁵ keys", keys),
        ("10⁶ keys", json.dumps({f"k{number}": 1 for number in range(1_000_000)}).encode()),
        ("one key again and again", b"{" + b",".join([b'"a":1'] * 150_000) + b"}"),
        ("a number of 1 MB", b'{"a":' + b"9" * (MB - 10) + b"}"),
        ("1e999999999", b'{"received_at":1e999999999}'),
        ("a text of 1 MB", b'{"procedure_code":"' + b"a" * (MB - 40) + b'"}'),
        ("NUL", b'{"procedure_code":"a\\u0000b"}'), ("a bare NUL", b'{"a":"\0"}'), ("no UTF-8", b'{"a":"\xff\xfe"}'),
        ("a lone surrogate", b'{"procedure_code":"\\ud800"}'), ("overlong UTF-8", b'{"a":"\xc0\xaf"}'),
        ("a BOM", b"\xef\xbb\xbf{}"), ("UTF-16", '{"a":1}'.encode("utf-16")), ("nothing", b""),
        ("NaN", b'{"a":NaN}'), ("a comment", b'{"a":1/**/}'), ("two values", b"{}{}"),
    ]


async def hard_json(house, notes):
    requests = []
    for name, text in texts():
        for path in places(house):
            send = lambda p=path, t=text: once(house, p, t, JSON)
            requests.append((f"{name} to {path.split('/')[3]}", send))
    await repeat(house, notes, requests, refused)


async def hard_intake(house, notes):
    token = await house.token("clerk")
    requests = [(name, lambda t=text: once(house, "/api/v1/dossiers", t, {**JSON, **bearer(token)}))
                for name, text in texts()]
    await repeat(house, notes, requests, refused, at_once=2, pause_s=0.5)


async def gzip_bombs(house, notes):
    token = await house.token("clerk")
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(b" " * MB) for _ in range(1000)] + [packer.flush()])
    small = gzip.compress(b'{"username":"clerk","password":"x"}')
    requests = []
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        for path in places(house):
            for body in (bomb[:MB - 100], small):
                fields = {**JSON, **bearer(token), "Content-Encoding": encoding}
                requests.append((f"{encoding} to {path.split('/')[3]}",
                                 lambda p=path, b=body, f=fields: once(house, p, b, f)))
    await repeat(house, notes, requests, refused)


async def once(house, path: str, body: bytes, headers: dict):
    return await house.ask("POST", path, body, headers)


async def odd_requests(house) -> list[Row]:
    """Requests that two servers could understand in two ways, or that are none: an end, never a 5xx, never 2xx."""
    host = b"Host: a\r\n"
    preview = b"POST /api/v1/deadlines/preview HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    hidden = b"GET /api/v1/units HTTP/1.1\r\n" + host + b"\r\n"
    odd = {
        "Content-Length and chunked": preview + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "two Content-Lengths": preview + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + hidden,
        "a Content-Length with a sign": preview + b"Content-Length: +2\r\n\r\n{}" + hidden,
        "a Content-Length below zero": preview + b"Content-Length: -1\r\n\r\n{}",
        "an endless Content-Length": preview + b"Content-Length: 99999999999999999999\r\n\r\n{}",
        "chunked twice": preview + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "chunked not last": preview + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "xchunked": preview + b"Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}" + hidden,
        "a space before the colon": preview + b"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}" + hidden,
        "a chunk size of 17 digits": preview + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        "a chunk size that is none": preview + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "a folded header": preview + b"X-A: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        "a header of 1 MB": b"GET /api/v1/me HTTP/1.1\r\n" + host + b"X-A: " + b"a" * MB + b"\r\n\r\n",
        "10,000 headers": b"GET /api/v1/me HTTP/1.1\r\n" + host + b"X-A: a\r\n" * 10_000 + b"\r\n",
        "a path of 1 MB": b"GET /api/v1/" + b"a" * MB + b" HTTP/1.1\r\n" + host + b"\r\n",
        "NUL in a header": b"GET /api/v1/me HTTP/1.1\r\n" + host + b"X-A: a\0b\r\n\r\n",
        "NUL in the path": b"GET /api/v1/me\0 HTTP/1.1\r\n" + host + b"\r\n",
        "a bare LF": b"GET /api/v1/me HTTP/1.1\n" + b"Host: a\n\n",
        "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        "an upgrade to h2c": b"GET /api/v1/me HTTP/1.1\r\n" + host + b"Connection: Upgrade, HTTP2-Settings\r\n"
                             b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        "TLS to a plain port": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + b"\0" * 200,
        "rubbish": bytes(range(256)) * 16,
        "HTTP/9.9": b"GET /api/v1/me HTTP/9.9\r\n" + host + b"\r\n",
        "CONNECT": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + host + b"\r\n",
        "TRACE": b"TRACE /api/v1/me HTTP/1.1\r\n" + host + b"Cookie: a=b\r\n\r\n",
        "a foreign absolute address": b"GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\n" + host + b"\r\n",
    }
    seen: dict[str, int] = {}
    faults = []
    for name, request in odd.items():
        what, smuggled = await answer_to(house, request)
        seen[what] = seen.get(what, 0) + 1
        if what == "no answer" or what[0] in "25":
            faults.append(f"{name}: {what}")
        if smuggled:
            faults.append(f"{name}: a second request was smuggled")
    told = ", ".join(f"{what} × {count}" for what, count in sorted(seen.items()))
    return [Row("requests that are none", f"{len(odd)} kinds: {', '.join(list(odd)[:4])} …",
                told + "".join(f"; FAULT: {fault}" for fault in faults), not faults)]


async def answer_to(house, request: bytes) -> tuple[str, bool]:
    """Returns the status, or how the connection ended, and whether the hidden second request was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        writer.write(request)
        got = bytearray()

        async def all_of_it():
            while block := await reader.read(65536):
                got.extend(block)
        try:
            async with asyncio.timeout(13):
                await all_of_it()
        except TimeoutError:
            pass
        except ConnectionError:
            return (got[9:12].decode("latin-1") if got else "closed"), False
        is_smuggled = got.count(b"HTTP/1.1 200") > 0
        return (got[9:12].decode("latin-1") if got else ("closed" if reader.at_eof() else "no answer")), is_smuggled
    finally:
        writer.close()
