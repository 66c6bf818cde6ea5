"""A real service on loopback with a data directory of its own, started and stopped by its own number."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

from kit.client import Answer, Connection, bearer

ROLES_OF_SCHEMATHESIS = ("clerk", "officer", "controller")
PEOPLE = 40
# How long a code of an authenticator app is shown.
STEP_S = 30


class House:
    """The service under attack and everything secret that was ever sent to it or got from it."""

    def __init__(self, binary: Path, data: Path, root: Path):
        self.binary, self.data, self.root = binary, data, root
        self.log = data / "service.log"
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.settings: dict[str, str] = {}
        self.secrets: dict[str, set[str]] = {}
        self.tokens: dict[str, str] = {}
        self.dossiers: list[dict] = []
        self.callback_secret = self.keep("secret", base64.b32encode(os.urandom(20)).decode())
        self.contract: dict = {}
        self.steps: dict[str, int] = {}

    # Starting and stopping.

    async def serve(self, settings: dict[str, str] | None = None):
        """Serves with these settings on top of the defaults; restarts when they are others than now."""
        wanted = {
            "MOTCUA__DATA__DIR": str(self.data / "house"),
            "MOTCUA__SERVER__BIND": f"127.0.0.1:{self.port}",
            "MOTCUA__GATEWAYS__SMS__KIND": "file",
            "MOTCUA__GATEWAYS__SMS__CHANNEL": "sms",
            "MOTCUA__GATEWAYS__SMS__RECEIPTS__SECRET": self.callback_secret,
            "MOTCUA__LOG__FILTER": "debug",
            **(settings or {}),
        }
        if self.process and wanted == self.settings:
            return
        self.stop()
        self.settings = wanted
        self.data.mkdir(parents=True, exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA__")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--demo"], cwd=self.root, env={**clean, **wanted}, stdout=subprocess.DEVNULL,
                stderr=log, stdin=subprocess.DEVNULL)
        await self.until_ready()

    async def until_ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended at once, see {self.log}")
            try:
                if (await self.ask("GET", "/health/ready")).status == 200:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)
        raise RuntimeError(f"the service did not become ready, see {self.log}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Runs another command of the binary on the same house."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA__")}
        return subprocess.run([self.binary, *arguments], cwd=self.root, env={**clean, **self.settings},
                              capture_output=True, timeout=600, check=True)

    def memory_mb(self) -> float:
        """Returns what the process has in memory now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def open_files(self) -> int:
        """Returns how many files and sockets the process holds open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # Asking.

    async def ask(self, method: str, path: str, body=None, headers: dict | None = None, source=None) -> Answer:
        connection = Connection(self.port, source=source)
        try:
            return await connection.ask(method, path, body, headers)
        finally:
            connection.close()

    async def as_role(self, role: str, method: str, path: str, body=None) -> Answer:
        return await self.ask(method, path, body, bearer(await self.token(role)))

    async def token(self, role: str) -> str:
        """Logs in as the demo's account of the role, with a second factor where one is wanted."""
        if role not in self.tokens:
            self.tokens[role] = self.keep("token", await self.log_in(role))
        return self.tokens[role]

    def account(self, role: str) -> dict:
        accounts = json.loads((self.data / "house" / "demo-accounts.json").read_text())
        account = next(account for account in accounts if account["role"] == role)
        self.keep("password", account["password"])
        return account

    async def log_in(self, role: str) -> str:
        account = self.account(role)
        body = {"username": account["username"], "password": account["password"]}
        secret = account.get("totp_secret")
        for _ in range(4):
            if secret:
                await self.until_step(role)
                body["code"] = totp(self.keep("secret", secret))
            answer = await self.ask("POST", "/api/v1/sessions", body)
            if answer.status == 201:
                return answer.json["token"]
            # A limit wants patience.
            await asyncio.sleep(min(61, int(answer.headers.get("retry-after", 1))))
        raise RuntimeError(f"{role} could not log in: {answer.status} {answer.body[:200]}")

    async def until_step(self, role: str):
        """A code of the clock counts once: waits for one that this role has not used."""
        while (step := int(time.time()) // STEP_S) <= self.steps.get(role, 0):
            await asyncio.sleep(0.5)
        self.steps[role] = step

    def has(self, path: str, method: str = "post") -> bool:
        """Whether the served contract has the route."""
        return method in self.contract.get("paths", {}).get(path, {})

    # What is secret.

    def keep(self, kind: str, text: str) -> str:
        """Remembers a secret for the search at the end."""
        self.secrets.setdefault(kind, set()).add(text)
        return text

    async def fill(self):
        """Receives dossiers of people whose data are known, and finishes some, so that messages go out."""
        self.contract = (await self.ask("GET", "/api/v1/openapi.json")).json
        for number in range(PEOPLE):
            body = intake(self, number)
            answer = await self.as_role("clerk", "POST", "/api/v1/dossiers", body)
            assert answer.status == 201, answer.body
            dossier = answer.json
            self.keep("pin", dossier["lookup_pin"])
            self.keep("pin", dossier["lookup_pin"].replace("-", ""))
            self.dossiers.append({"code": dossier["code"], "pin": dossier["lookup_pin"], **body["applicant"]})
            if number % 2 == 0:
                await self.as_role("clerk", "POST", f"/api/v1/dossiers/{dossier['code']}/actions/transfer", {})
                done = await self.as_role("leader", "POST", f"/api/v1/dossiers/{dossier['code']}/actions/finish",
                                          {"result": "granted", "at_counter": True})
                assert done.status == 200, done.body


def intake(house: House, number: int) -> dict:
    """An application of somebody whose every word is remembered."""
    digits = "".join(random.choices("0123456789", k=8))
    return {
        "procedure_code": "2.002516", "unit_code": "H21.16", "channel": "direct",
        "applicant": {
            "kind": "citizen", "name": f"Nguyễn Thị Thử {number}",
            "id_number": house.keep("id_number", f"0521{digits}"),
            "phone": house.keep("phone", f"0905{digits[:6]}"),
            "email": house.keep("email", f"nguoi.thu.{digits}@vidu.example"),
        },
        "papers": [{"name": "Tờ khai", "kind": "original", "quantity": 1}],
    }


def totp(secret: str) -> str:
    """RFC 6238 with SHA-1 and six digits."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    mark = hmac.new(key, struct.pack(">Q", int(time.time()) // STEP_S), hashlib.sha1).digest()
    at = mark[-1] & 15
    return f"{(struct.unpack('>I', mark[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]
