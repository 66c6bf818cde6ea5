"""Runs the attacks on a house of their own and prints what held: see scripts/attacks."""

import argparse
import asyncio
import importlib
import os
import shutil
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from kit.house import House
from kit.table import Row, markdown

# In this order: what leaks is searched for last, in all that the others left behind.
ATTACKS = ["bearers", "paths", "injection", "receipts", "pins", "codes", "sockets", "bodies", "contract", "leaks"]

LONGEST_S = 1200


async def main() -> int:
    asked = arguments()
    house = House(asked.binary.resolve(), asked.data.resolve(), Path(__file__).parents[2].resolve())
    rows: list[Row] = []
    try:
        await house.serve({"MOTCUA__LOG__FILTER": "info"})
        await house.fill()
        for name in asked.only or ATTACKS:
            attack = importlib.import_module(f"attacks.{name}")
            begun = time.monotonic()
            try:
                await house.serve(attack.SETTINGS)
                async with asyncio.timeout(LONGEST_S):
                    found = await attack.run(house)
            except Exception as err:  # noqa: BLE001: an attack that breaks has not held
                if os.environ.get("ATTACKS_TRACE"):
                    raise
                found = [Row(name, "", f"the attack itself broke: {err!r}", False)]
            if house.process.poll() is not None:
                found.append(Row(name, "", "the service ended", False))
                house.process = None
            rows += found
            for row in found:
                print(f"{'held  ' if row.good else 'FAILED'}  {row.attack}: {row.seen}", flush=True)
            print(f"        ({name}: {time.monotonic() - begun:.0f} s)", flush=True)
    finally:
        house.stop()
    head = f"{datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, {memory_gb()} GB.\n\n"
    asked.report.write_text(head + markdown(rows))
    print(f"\n{markdown(rows)}\nwritten to {asked.report}")
    if not asked.keep:
        shutil.rmtree(house.data, ignore_errors=True)
    return 0 if rows and all(row.good for row in rows) else 1


def arguments():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--binary", type=Path, required=True)
    asked.add_argument("--data", type=Path, default=None, help="where the house lies; a new directory by default")
    asked.add_argument("--report", type=Path, default=Path("attacks.md"), help="where the table is written")
    asked.add_argument("--only", action="append", choices=ATTACKS, metavar="NAME", help=f"of {', '.join(ATTACKS)}")
    asked.add_argument("--keep", action="store_true", help="keep the house and its logs")
    asked = asked.parse_args()
    if asked.data is None:
        asked.data = Path(tempfile.mkdtemp(prefix="motcua-attacks-"))
        # Run by root, the database runs as another user and has to get in; otherwise it would lie elsewhere.
        asked.data.chmod(0o755)
    return asked


def memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


if __name__ == "__main__":
    os.nice(5)
    sys.exit(asyncio.run(main()))
