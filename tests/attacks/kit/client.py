"""A small HTTP/1.1 client that sends exactly what it is told, also what no decent client would."""

import asyncio
import json
from dataclasses import dataclass, field


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a refusal."""
        try:
            return self.json.get("code", "")
        except (ValueError, AttributeError):
            return ""


class Closed(Exception):
    """The service closed the connection instead of answering."""


@dataclass
class Connection:
    """One connection, kept alive; opened anew when the service has closed it."""

    port: int
    patience_s: float = 30
    source: str | None = None
    streams: tuple | None = field(default=None, repr=False)

    async def open(self):
        if self.streams is None:
            local = (self.source, 0) if self.source else None
            # Not `wait_for`, which may swallow that a task was cancelled.
            async with asyncio.timeout(self.patience_s):
                self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22, local_addr=local)
        return self.streams

    def close(self):
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None

    async def raw(self, request: bytes, head_only: bool = False) -> Answer:
        """Sends bytes as they are and reads one answer."""
        reader, writer = await self.open()
        try:
            writer.write(request)
            async with asyncio.timeout(self.patience_s):
                await writer.drain()
        except (ConnectionError, BrokenPipeError):
            pass  # An answer may have come before all was sent.
        try:
            async with asyncio.timeout(self.patience_s):
                answer = await read_answer(reader, head_only)
        except (asyncio.IncompleteReadError, ConnectionError) as err:
            self.close()
            raise Closed(str(err)) from err
        except TimeoutError:
            self.close()
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    async def ask(self, method: str, path: str, body=None, headers: dict | None = None) -> Answer:
        """Sends a request; a body that is no bytes goes as JSON."""
        fields = {"Host": f"127.0.0.1:{self.port}", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            fields.setdefault("Content-Type", "application/json")
        if body is not None:
            fields.setdefault("Content-Length", str(len(body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        request = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b"")
        fresh = self.streams is None
        try:
            return await self.raw(request, method == "HEAD")
        except Closed:
            if fresh:
                raise
        # A connection kept too long: once more on a new one.
        return await self.raw(request, method == "HEAD")


async def read_answer(reader: asyncio.StreamReader, head_only: bool = False) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {}
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
    if status == 100:
        return await read_answer(reader, head_only)
    if head_only or status in (204, 304):
        return Answer(status, headers, b"")
    if headers.get("transfer-encoding") == "chunked":
        body = bytearray()
        while size := int((await reader.readline()).strip() or b"0", 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return Answer(status, headers, bytes(body))
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Answer(status, headers, body)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
