"""An attack beside legitimate traffic: nobody else may notice it."""

import asyncio
from contextlib import suppress

from kit.probe import Latency, watch
from kit.table import Row

# What a machine with other work may add to any request without an attack having to do with it.
FLOOR_MS = 5.0
MEMORY_MB = 60
ROUNDS = 3


async def beside(house, name: str, sent: str, attack, seconds: float = 10) -> Row:
    """Measures legitimate traffic without and with `attack(house, notes)`; other work on the machine is given
    three rounds. `attack` runs until it is cancelled, puts what it saw into `notes` and faults under "faults"."""
    for _ in range(ROUNDS):
        before = await watch(house, seconds)
        memory_before = house.memory_mb()
        notes: dict = {"faults": []}
        task = asyncio.create_task(attack(house, notes))
        peak = asyncio.create_task(peak_memory(house))
        await asyncio.sleep(1.0)
        during = await watch(house, seconds)
        await end(task, notes)
        grown = await stop(peak) - memory_before
        row = judge(name, sent, before, during, grown, notes)
        if row.good or house.process.poll() is not None:
            return row
    return row


async def end(task: asyncio.Task, notes: dict):
    """Lets an attack that ends by itself end, for a while; cancels it then."""
    done, _ = await asyncio.wait({task}, timeout=notes.get("patience_s", 1))
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=30)
        return
    try:
        task.result()
    except Exception as err:  # noqa: BLE001: an attack that breaks proves nothing
        notes["faults"].append(f"the attack itself broke: {err!r}")


async def peak_memory(house) -> float:
    most = house.memory_mb()
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(0.1)
            most = max(most, house.memory_mb())
    return most


async def stop(peak: asyncio.Task) -> float:
    peak.cancel()
    return await peak


def judge(name: str, sent: str, before: Latency, during: Latency, grown: float, notes: dict) -> Row:
    faults = notes.pop("faults")
    notes.pop("patience_s", None)
    if during.failed:
        faults.append(f"{during.failed} legitimate requests failed")
    if during.p99_ms > 2 * before.p99_ms + FLOOR_MS:
        faults.append("legitimate p99 more than doubled")
    if grown > MEMORY_MB:
        faults.append(f"memory grew beyond {MEMORY_MB} MB")
    seen = "; ".join([f"{what}: {value}" for what, value in notes.items()])
    seen += f"; others p99 {before.p99_ms:.1f} → {during.p99_ms:.1f} ms (p50 {before.p50_ms:.1f} → {during.p50_ms:.1f})"
    seen += f"; memory {grown:+.0f} MB"
    seen += "".join(f"; FAULT: {fault}" for fault in faults)
    return Row(name, sent, seen.removeprefix("; "), not faults)
