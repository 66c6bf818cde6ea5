"""Delivery receipts forged, repeated, stale and by the thousand: no message changes but the one that was sent."""

import asyncio
import json
import random
import uuid

from kit.beside import beside
from kit.client import Closed, Connection
from kit.table import Row

SETTINGS = {"MOTCUA__LOG__FILTER": "info"}


async def run(house) -> list[Row]:
    await sent(house)
    rows = [await forged(house), await replayed(house), await unknown(house)]
    before = await notices(house)
    flood = await beside(house, "receipts by the thousand", "8 connections for 10 s, half of them with the right secret",
                         by_the_thousand)
    flood.seen += f"; messages changed: {changed(before, await notices(house))}"
    flood.good &= changed(before, await notices(house)) == 0
    return rows + [flood]


async def notices(house) -> dict[str, str]:
    """Where every message stands."""
    found, cursor = {}, ""
    while cursor is not None:
        page = (await house.as_role("centre_head", "GET", f"/api/v1/notices?limit=200{cursor}")).json
        found.update({item["id"]: item["status"] for item in page["items"]})
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    return found


async def sent(house):
    """Waits until nothing is queued any more."""
    for _ in range(100):
        now = await notices(house)
        if now and not set(now.values()) & {"queued", "waiting", "sending", "created"}:
            return
        await asyncio.sleep(0.2)


async def tick():
    """Lets the loop work receipts off."""
    await asyncio.sleep(3)


async def forged(house) -> Row:
    before = await notices(house)
    ids, statuses, taken = list(before), [], []
    secret = house.callback_secret
    ways = ["wrong", secret[:-1], secret.lower(), secret + "%00", "%2e%2e", "", secret[:-1] + ("A" if secret[-1] != "A" else "B"), "*", secret + "/x"]
    for way in ways:
        for gateway in ("sms", "SMS", "file", "email", "%73ms2"):
            for status in ("2", "16", "UNDELIV", "1"):
                path = f"/api/v1/callbacks/{gateway}/{way}?id={random.choice(ids)}&status={status}"
                statuses.append((await house.ask(random.choice(["GET", "POST"]), path)).status)
                if statuses[-1] < 400:
                    taken.append(f"{gateway}/{way.replace(secret, 'SECRET')}")
    await tick()
    after = await notices(house)
    kinds = {status: statuses.count(status) for status in set(statuses)}
    return Row("forged receipts", f"{len(statuses)} with {len(ways)} wrong secrets",
               f"{kinds}; messages changed: {changed(before, after)}; taken: {taken or 'none'}",
               changed(before, after) == 0 and not any(status < 400 or status >= 500 for status in kinds))


async def replayed(house) -> Row:
    """A message that arrived stays so, whatever comes later and however often."""
    before = await notices(house)
    one = next(iter(before))
    async def tell(status: str, count: int):
        path = f"/api/v1/callbacks/sms/{house.callback_secret}"
        for _ in range(count):
            await house.ask("POST", path, f"id={one}&status={status}".encode(),
                            {"Content-Type": "application/x-www-form-urlencoded"})
    await tell("1", 1)
    await tick()
    arrived = (await notices(house))[one]
    for status in ("2", "16", "UNDELIV", "EXPIRED", "REJECTD", "failed", "1", "0", "nonsense"):
        await tell(status, 20)
    await tick()
    after = await notices(house)
    others = changed({key: value for key, value in before.items() if key != one}, after)
    return Row("replayed and stale receipts", "one that it arrived, then 180 that it did not, in a wrong order",
               f"it stood at {before[one]}, then {arrived}, then {after[one]}; others changed: {others}",
               arrived == "delivered" and after[one] == "delivered" and others == 0)


async def unknown(house) -> Row:
    """The right secret, and messages that are none of ours or rubbish."""
    before = await notices(house)
    path = f"/api/v1/callbacks/sms/{house.callback_secret}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = [f"id={uuid.uuid4()}&status=2", "id=%00&status=2", f"reference={'a' * 5000}&status=2", "status=2", "&&&=",
              "id=' OR 1=1--&status=2", "reference=' OR ''='&status=2", "%FF%FE=1", "id[]=1&status[]=2", ""]
    statuses = [(await house.ask("POST", path, body.encode(), form)).status for body in bodies]
    for body in ({"id": {"$ne": 1}, "status": "2"}, {"reference": ["x"], "status": 2}, [], "x", None, {"status": 1e308}):
        statuses.append((await house.ask("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})).status)
    await tick()
    after = await notices(house)
    kinds = {status: statuses.count(status) for status in sorted(set(statuses))}
    return Row("receipts of nothing", f"{len(statuses)} kinds of rubbish with the right secret",
               f"{kinds}; messages changed: {changed(before, after)}",
               changed(before, after) == 0 and max(statuses) < 500)


def changed(before: dict, after: dict) -> int:
    return sum(after.get(key) != value for key, value in before.items())


async def by_the_thousand(house, notes):
    notes["receipts"] = 0

    async def sender(secret: str):
        connection = Connection(house.port)
        while True:
            path = f"/api/v1/callbacks/sms/{secret}?reference={random.getrandbits(64):x}&status=2"
            try:
                await connection.ask("GET", path)
            except (Closed, ConnectionError):
                continue
            notes["receipts"] += 1
            # Eight gateways gone mad, not one load generator against the clock of another.
            await asyncio.sleep(0.004)
    await asyncio.gather(*(sender(secret) for secret in [house.callback_secret, "wrong"] * 4))
