"""Schemathesis on the contract as it is served, all checks, as three roles."""

import asyncio
import json
import os
import sys
from pathlib import Path

from kit.house import ROLES_OF_SCHEMATHESIS as ROLES
from kit.table import Row

# Limits would answer 429 to nearly all of it.
SETTINGS = {"MOTCUA__LIMITS__PUBLIC_PER_MINUTE": "10000000", "MOTCUA__LIMITS__SESSIONS_PER_MINUTE": "10000000",
            "MOTCUA__LIMITS__CATALOGUE_PER_SECOND": "1000000"}
SECONDS = int(os.environ.get("ATTACKS_CONTRACT_SECONDS", "120"))
# What would end the session that asks, or take its password away.
OURS = ["^/api/v1/me/password$", "^/api/v1/sessions/", "^/api/v1/me/second-factor"]


async def run(house) -> list[Row]:
    return [await as_role(house, role) for role in ROLES]


async def as_role(house, role: str) -> Row:
    token = house.keep("token", await house.log_in(role))
    here = house.data / f"schemathesis-{role}"
    here.mkdir(parents=True, exist_ok=True)
    command = [
        Path(sys.executable).parent / "st", "--config-file", Path(__file__).parent.parent / "schemathesis.toml", "run",
        f"http://127.0.0.1:{house.port}/api/v1/openapi.json", "-H", f"Authorization: Bearer {token}", "--workers", "1",
        "--max-time", str(SECONDS), "--checks", "all", "--continue-on-failure", "--no-color",
        "--report", "json", "--report-json-path", here / "report.json",
    ]
    for pattern in OURS:
        command += ["--exclude-path-regex", pattern]
    with (here / "out").open("wb") as out:
        process = await asyncio.create_subprocess_exec(*map(str, command), cwd=here, stdout=out, stderr=out,
                                                       env={**os.environ, "NO_COLOR": "1"})
        code = await process.wait()
    text = (here / "out").read_text(errors="replace")
    return Row(f"schemathesis as {role}", f"{summed(text, 'Test cases:')} in {SECONDS} s, all checks",
               f"{summed(text, 'Failures:')}; see {here / 'out'}" if code else "no failure", code == 0)


def summed(text: str, heading: str) -> str:
    """The lines of the summary below a heading, in one."""
    lines = text.split("SUMMARY", 1)[-1].splitlines()
    for number, line in enumerate(lines):
        if line.strip().startswith(heading):
            found = []
            for below in lines[number + 1:]:
                if not below.strip():
                    break
                found.append(below.strip().removeprefix("❌ "))
            return ", ".join(found)
    return "no summary"
