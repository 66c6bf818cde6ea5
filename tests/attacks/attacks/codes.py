"""A walk through 100,000 sequential codes: it shows status and progress, it is stopped, and guessed pins tell nothing."""

import asyncio
import math
import random
import time

from kit.client import Connection
from kit.table import Row

# What the rate limit would hide is tried with the limit out of the way: a proxy is trusted, so that each guess can come
# from an address of its own.
RAISED = {"MOTCUA__LIMITS__PUBLIC_PER_MINUTE": "10000000", "MOTCUA__SERVER__TRUSTED_PROXIES": '["127.0.0.1"]',
          "MOTCUA__LOG__FILTER": "info"}
SETTINGS = {"MOTCUA__LOG__FILTER": "info"}
CODES = 100_000
WALKERS = 16
SAMPLES = 4_000
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What the public page may say without a pin.
OPEN_FIELDS = {"code", "status", "status_text", "progress"}


async def run(house) -> list[Row]:
    rows = [await walk(house, is_limited=True)]
    await house.serve(RAISED)
    rows.append(await walk(house, is_limited=False))
    rows += await timing(house)
    return rows


def sequential(house) -> list[str]:
    """The codes of the unit and day on which this house has dossiers."""
    stem = house.dossiers[0]["code"].rsplit("-", 1)[0]
    return [f"{stem}-{number:04}" for number in range(1, CODES + 1)]


async def walk(house, is_limited: bool) -> Row:
    codes = iter(sequential(house))
    statuses: dict[int, int] = {}
    faults: list[str] = []
    begun = time.monotonic()

    async def walker():
        connection = Connection(house.port)
        for code in codes:
            answer = await connection.ask("GET", f"/api/v1/public/dossiers/{code}")
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if answer.status == 200 and (more := set(answer.json) - OPEN_FIELDS):
                faults.append(f"{code} also showed {more}")
        connection.close()
    await asyncio.gather(*(walker() for _ in range(WALKERS)))
    seconds = time.monotonic() - begun
    hits, told = statuses.get(200, 0), ", ".join(f"{status} × {count}" for status, count in sorted(statuses.items()))
    if is_limited:
        # The allowance of a minute, and what comes back of it meanwhile.
        allowed = 60 + math.ceil(seconds) + 1
        if hits + statuses.get(404, 0) > allowed:
            faults.append(f"more than {allowed} were answered")
        name = "walk through codes, limits as they are"
    else:
        if hits < len(house.dossiers) or hits + statuses.get(404, 0) != CODES:
            faults.append(f"{len(house.dossiers)} dossiers of ours lie there, and every code has an answer")
        name = "walk through codes, limit raised"
    return Row(name, f"{CODES:,} sequential codes in {seconds:.0f} s",
               f"{told}; 200 shows {', '.join(sorted(OPEN_FIELDS))} alone" + faulty(faults), not faults)


async def timing(house) -> list[Row]:
    """Guessed pins for codes that exist and codes that don't, interleaved, on one warm connection."""
    known = [dossier["code"] for dossier in house.dossiers]
    stem = known[0].rsplit("-", 1)[0]
    unknown = [f"{stem}-{number:04}" for number in range(5001, 5001 + len(known))]
    hits, shapes = 0, set()
    times = {True: [], False: []}
    connection = Connection(house.port)
    for number in range(2 * SAMPLES + 400):
        exists = random.random() < 0.5
        code = random.choice(known if exists else unknown)
        pin = "-".join("".join(random.choices(ALPHABET, k=4)) for _ in range(3))
        address = ".".join(str(random.randint(1, 254)) for _ in range(4))
        begun = time.perf_counter()
        answer = await connection.ask("GET", f"/api/v1/public/dossiers/{code}?pin={pin}",
                                      headers={"X-Forwarded-For": address})
        took = time.perf_counter() - begun
        hits += answer.status == 200
        if number >= 400:
            times[exists].append(took)
        # A list of names has no order, and each thread of the service writes its own.
        same = {name: ", ".join(sorted(value.split(", "))) for name, value in answer.headers.items()
                if name not in ("date", "x-request-id")}
        shapes.add((answer.status, answer.body, tuple(sorted(same.items()))))
    connection.close()
    # One sample of a size fixed before: the best of several would prove nothing.
    chance = kolmogorov_smirnov(times[True], times[False])
    medians = [sorted(times[exists])[len(times[exists]) // 2] * 1e6 for exists in (True, False)]
    guesses = 2 * SAMPLES + 400
    return [
        Row("guessed pins, what they are told", f"{guesses:,} pins, existing and unknown codes",
            f"{hits} hits; {len(shapes)} kind of answer, headers and all"
            + ("" if len(shapes) == 1 else f": {sorted(map(str, shapes))}"), hits == 0 and len(shapes) == 1),
        Row("guessed pins, how long it takes", f"{2 * SAMPLES:,} timed, existing and unknown interleaved",
            f"Kolmogorov–Smirnov p = {chance:.2g}; medians {medians[0]:.0f} and {medians[1]:.0f} µs", chance > 0.05),
    ]


def kolmogorov_smirnov(a: list[float], b: list[float]) -> float:
    """The chance that two samples of one distribution differ as much as these (two-sided, asymptotic)."""
    a, b = sorted(a), sorted(b)
    i = j = 0
    widest = 0.0
    while i < len(a) and j < len(b):
        at = min(a[i], b[j])
        while i < len(a) and a[i] <= at:
            i += 1
        while j < len(b) and b[j] <= at:
            j += 1
        widest = max(widest, abs(i / len(a) - j / len(b)))
    size = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    x = (size + 0.12 + 0.11 / size) * widest
    total = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))
    return min(1.0, max(0.0, total)) if x > 0.2 else 1.0


def faulty(faults: list[str]) -> str:
    return "".join(f"; FAULT: {fault}" for fault in faults[:5])
