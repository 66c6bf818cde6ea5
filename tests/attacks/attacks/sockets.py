"""Connections that say little, slowly or nothing: others must not notice, and silence is ended after 10 seconds."""

import asyncio
import socket
import time

from kit.beside import beside
from kit.client import read_answer
from kit.table import Row

# Latency is measured at the log level of a real house.
SETTINGS = {"MOTCUA__LOG__FILTER": "info"}
SILENT_S = 10
# What a timer and a busy machine may add.
GRACE_S = 2.5
SLOW_ONES = 500
# Below the cap of 4,000, so that the legitimate find a place.
IDLE_ONES = 3_800


async def run(house) -> list[Row]:
    return [
        await beside(house, "slowloris", f"{SLOW_ONES} connections, a header byte a second", slow_headers, 14),
        await beside(house, "slow bodies", f"{SLOW_ONES} connections, a byte of body a second", slow_bodies, 18),
        await beside(house, "slow bodies in chunks", f"{SLOW_ONES} connections, a chunk of one byte a second, with nobody "
                     "to read it", slow_chunks, 18),
        await beside(house, "slow reading", f"{SLOW_ONES} connections that ask 20 times for 100 kB and read nothing",
                     slow_reading, 14),
        await beside(house, "idle sockets", f"{IDLE_ONES} connections that say nothing", idle, 15),
        await beside(house, "idle after one answer", f"{SLOW_ONES} connections that ask once and fall silent",
                     idle_after_one, 15),
        await full_house(house),
    ]


async def crowd(house, size: int, one) -> list[float]:
    """Lets `size` connections do the same; returns how long each stayed open."""
    tasks = []
    for number in range(size):
        tasks.append(asyncio.create_task(held(house, one)))
        if number % 50 == 49:
            await asyncio.sleep(0.02)
    return [seconds for seconds in await asyncio.gather(*tasks) if seconds is not None]


async def held(house, one) -> float | None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=1 << 16)
    except OSError:
        return None
    begun = time.monotonic()
    try:
        await one(house, reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
        pass
    finally:
        writer.close()
    return time.monotonic() - begun


def tell(notes: dict, lives: list[float], longest: float):
    notes["closed after"] = f"{min(lives, default=0):.1f}–{max(lives, default=0):.1f} s"
    if not lives or max(lives) > longest:
        notes["faults"].append(f"a connection was kept longer than {longest:.1f} s")


async def until_closed(reader: asyncio.StreamReader, seconds: float = 60):
    async with asyncio.timeout(seconds):
        while await reader.read(4096):
            pass


async def drip(reader, writer, first: bytes, byte: bytes):
    """Sends a byte a second until the service has closed."""
    writer.write(first)
    closed = asyncio.create_task(until_closed(reader))
    while not closed.done():
        writer.write(byte)
        await writer.drain()
        await asyncio.wait({closed}, timeout=1)
    await closed


async def slow_headers(house, notes):
    notes["patience_s"] = 25
    async def one(house, reader, writer):
        await drip(reader, writer, b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-A: ", b"a")
    tell(notes, await crowd(house, SLOW_ONES, one), SILENT_S + GRACE_S)


async def slow_bodies(house, notes):
    notes["patience_s"] = 40
    async def one(house, reader, writer):
        first = (b"POST /api/v1/deadlines/preview HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 1000\r\n\r\n{")
        await drip(reader, writer, first, b" ")
    # Ten seconds for the body, and then what the connection is given to end.
    tell(notes, await crowd(house, SLOW_ONES, one), 2 * SILENT_S + GRACE_S)


async def slow_chunks(house, notes):
    notes["patience_s"] = 40
    async def one(house, reader, writer):
        first = b"POST /api/v1/dossiers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        await drip(reader, writer, first, b"1\r\na\r\n")
    tell(notes, await crowd(house, SLOW_ONES, one), 2 * SILENT_S + GRACE_S)


async def slow_reading(house, notes):
    notes["patience_s"] = 45
    before = house.open_files()
    doors = []
    try:
        for number in range(SLOW_ONES):
            doors.append(await deaf(house.port))
            if number % 50 == 49:
                await asyncio.sleep(0.05)
        begun = time.monotonic()
        # Who is let go is not told: it shows in what the service holds open. Its own work may hold a few more.
        while house.open_files() > before + SLOW_ONES // 10 and time.monotonic() - begun < 40:
            await asyncio.sleep(0.2)
        took = time.monotonic() - begun
    finally:
        for door in doors:
            door.close()
    notes["let go after"] = f"{took:.1f} s"
    if took > 2 * SILENT_S + GRACE_S:
        notes["faults"].append("who reads nothing is kept")


async def deaf(port: int) -> socket.socket:
    """Asks twenty times with room for next to nothing, and never reads."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    door.setblocking(False)
    await asyncio.get_running_loop().sock_connect(door, ("127.0.0.1", port))
    door.send(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
    return door


async def idle(house, notes):
    notes["patience_s"] = 25
    async def one(house, reader, writer):
        await until_closed(reader)
    tell(notes, await crowd(house, IDLE_ONES, one), SILENT_S + GRACE_S)


async def idle_after_one(house, notes):
    notes["patience_s"] = 25
    async def one(house, reader, writer):
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        await read_answer(reader)
        await until_closed(reader)
    tell(notes, await crowd(house, SLOW_ONES, one), SILENT_S + GRACE_S)


async def full_house(house) -> Row:
    """More silent connections than the cap: a newcomer waits at the door, at most as long as silence is borne."""
    async def one(house, reader, writer):
        await until_closed(reader)
    silent = asyncio.create_task(crowd(house, 4_300, one))
    await asyncio.sleep(3)
    begun = time.monotonic()
    try:
        answer = await house.ask("GET", "/health/live")
        waited, is_served = time.monotonic() - begun, answer.status == 200
    except (OSError, TimeoutError):
        waited, is_served = time.monotonic() - begun, False
    await silent
    again = await house.ask("GET", "/health/ready")
    good = is_served and waited < SILENT_S + GRACE_S and again.status == 200
    return Row("more sockets than the cap", "4,300 connections that say nothing, cap 4,000",
               f"a newcomer was {'' if is_served else 'not '}served after {waited:.1f} s; afterwards {again.status}", good)
