"""Legitimate traffic beside an attack, from a process of its own so that the attacker's work does not slow the clock.

`python -m kit.probe PORT SECONDS CODE TOKEN` prints latencies in milliseconds as a JSON list.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kit.client import Connection, bearer

# Two people at work, each asking again 20 ms after the answer: far from what the service can take.
PEOPLE = 2
PAUSE_S = 0.02


@dataclass
class Latency:
    """What legitimate callers met."""

    asked: int
    failed: int
    p50_ms: float
    p99_ms: float

    def __str__(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        return f"p50 {self.p50_ms:.1f} p99 {self.p99_ms:.1f} ms of {self.asked}{failed}"


async def watch(house, seconds: float) -> Latency:
    """Asks for so long as a clerk and a citizen would."""
    token, code = await house.token("clerk"), house.dossiers[0]["code"]
    here = Path(__file__).parent.parent
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kit.probe", str(house.port), str(seconds), code, cwd=here,
        env={**os.environ, "PROBE_TOKEN": token}, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    times = sorted(json.loads(out))
    good = [t for t in times if t >= 0]
    if not good:
        return Latency(len(times), len(times), float("inf"), float("inf"))
    at = lambda share: good[min(len(good) - 1, int(len(good) * share))]
    return Latency(len(times), len(times) - len(good), at(0.5), at(0.99))


async def person(port: int, until: float, code: str, token: str, times: list[float]):
    paths = ["/api/v1/me", f"/api/v1/dossiers/{code}", "/health/live", f"/api/v1/dossiers/{code}/events"]
    kept = Connection(port, 15)
    count = 0
    while time.monotonic() < until:
        # Every fourth request comes on a connection of its own, as a newcomer's does.
        newcomer = count % 4 == 3
        connection = Connection(port, 15) if newcomer else kept
        begun = time.perf_counter()
        try:
            answer = await connection.ask("GET", paths[count % len(paths)], headers=bearer(token))
            times.append((time.perf_counter() - begun) * 1000 if answer.status == 200 else -1)
        except Exception:  # noqa: BLE001: whatever it is, a caller was not served
            times.append(-1)
            connection.close()
        if newcomer:
            connection.close()
        count += 1
        await asyncio.sleep(PAUSE_S)
    kept.close()


async def main():
    port, seconds, code = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    times: list[float] = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(person(port, until, code, os.environ["PROBE_TOKEN"], times) for _ in range(PEOPLE)))
    print(json.dumps(times))


if __name__ == "__main__":
    asyncio.run(main())
