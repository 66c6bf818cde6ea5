"""SQL, templates, formulas and other languages in every text field and parameter: kept as text, or refused."""

import time
from urllib.parse import quote

from kit.house import intake
from kit.table import Row

SETTINGS = {"MOTCUA__LOG__FORMAT": "json"}
SLOW_S = 2.0
WORDS = [
    "' OR '1'='1", "'; DROP TABLE dossiers;--", "' UNION SELECT version(),null--", "'||pg_sleep(5)||'",
    "1; SELECT pg_sleep(5)--", "\\'; SELECT pg_sleep(5)--", "$$; SELECT pg_sleep(5)--", "%' OR 1=1--", "%%%%%_____",
    "{{7*191}}", "${7*191}", "<%= 7*191 %>", "{code}{unit}[[{reason}]]", "[[{code}", "{0}", "%s%s%n", "%x%x",
    "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
    "../../../etc/passwd", "file:///etc/passwd", "http://169.254.169.254/", "$(sleep 5)", "`sleep 5`", "| sleep 5",
    "${jndi:ldap://127.0.0.1/a}", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "*)(uid=*))(|(uid=*",
    "\u202etxt.exe", "\ufeff", "a\u0300" * 200, "İıŞſ", "９９９", "\u0000", "😀" * 50, "true", "null", "-1", "1e309",
    "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
]


class Seen:
    def __init__(self):
        self.sent, self.statuses, self.faults = 0, {}, []

    def note(self, what: str, answer, took: float):
        self.sent += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if answer.status >= 500:
            self.faults.append(f"{what}: {answer.status}")
        if took > SLOW_S:
            self.faults.append(f"{what}: took {took:.1f} s")
        if b"1337" in answer.body:
            self.faults.append(f"{what}: 7*191 was worked out")
        if b"PostgreSQL" in answer.body or b"syntax error at" in answer.body:
            self.faults.append(f"{what}: the database is heard")

    def row(self, name: str, sent: str) -> Row:
        told = ", ".join(f"{status} × {count}" for status, count in sorted(self.statuses.items()))
        return Row(name, f"{self.sent:,} requests: {sent}",
                   f"{told}; no effect" + "".join(f"; FAULT: {fault}" for fault in self.faults[:5]), not self.faults)


async def run(house) -> list[Row]:
    return [await parameters(house), await bodies(house), await kept_as_text(house)]


async def timed(house, role: str, method: str, path: str, body=None):
    begun = time.monotonic()
    answer = await house.as_role(role, method, path, body)
    return answer, time.monotonic() - begun


async def parameters(house) -> Row:
    """Every parameter of every operation of the contract that reads."""
    seen = Seen()
    for path, item in house.contract["paths"].items():
        operation = item.get("get")
        if not operation or "callbacks" in path:
            continue
        for parameter in operation.get("parameters", []):
            for word in WORDS:
                if parameter["in"] == "path":
                    asked = path.replace(f"{{{parameter['name']}}}", quote(word, safe=""))
                else:
                    asked = f"{path}?{parameter['name']}={quote(word, safe='')}"
                if "{" in asked:
                    asked = asked.replace("{code}", "H21.16").replace("{id}", "1").replace("{year}", "2026")
                seen.note(f"{asked[:60]}", *await timed(house, "controller", "GET", asked))
    return seen.row("injection into parameters", f"{len(WORDS)} words in each parameter of each reading operation")


async def bodies(house) -> Row:
    """Each text of the bodies of the main routes."""
    seen = Seen()
    code = house.dossiers[5]["code"]
    forms = [
        ("clerk", "POST", "/api/v1/dossiers", intake(house, 900)),
        ("clerk", "PATCH", f"/api/v1/dossiers/{code}", {"applicant": {"name": "A"}, "reason": "a"}),
        ("clerk", "POST", f"/api/v1/dossiers/{code}/actions/request_supplement",
         {"reason": "a", "papers": [{"name": "a", "kind": "original", "quantity": 1}]}),
        ("leader", "POST", f"/api/v1/dossiers/{code}/actions/finish", {"result": "granted", "number": "1"}),
        ("clerk", "POST", "/api/v1/deadlines/preview",
         {"received_at": "2026-04-24T09:00:00+07:00", "channel": "direct", "procedure_code": "2.002516", "unit_code": "H21.16"}),
        ("clerk", "POST", "/api/v1/sessions", {"username": "a", "password": "b"}),
        ("controller", "POST", "/api/v1/notices/sending/actions/nothing", {"reason": "a"}),
    ]
    for role, method, path, form in forms:
        for where, body in with_words(form):
            if path == "/api/v1/sessions" and seen.statuses.get(429, 0) > 3:
                continue
            seen.note(f"{path} {where}", *await timed(house, role, method, path, body))
    return seen.row("injection into bodies", f"{len(WORDS)} words in each text of {len(forms)} bodies")


def with_words(form, where=""):
    """Every way to put a word in the place of one text."""
    if isinstance(form, dict):
        for name, value in form.items():
            for at, changed in with_words(value, f"{where}/{name}"):
                yield at, {**form, name: changed}
    elif isinstance(form, list):
        for index, value in enumerate(form):
            for at, changed in with_words(value, f"{where}/{index}"):
                yield at, [*form[:index], changed, *form[index + 1:]]
    elif isinstance(form, str):
        for word in WORDS:
            yield where, word


async def kept_as_text(house) -> Row:
    """A name with quotes, braces and a formula comes back as it went, also in the list, the search and the export."""
    faults = []
    word = "O'Hara \"{code}\" [[x]] {{7*191}} <b>%s</b>"
    body = intake(house, 901)
    body["applicant"]["name"] = word
    made = await house.as_role("clerk", "POST", "/api/v1/dossiers", body)
    code = made.json["code"]
    shown = await house.as_role("clerk", "GET", f"/api/v1/dossiers/{code}")
    if word not in shown.body.decode().replace('\\"', '"'):
        faults.append("the name changed")
    found = await house.as_role("clerk", "GET", f"/api/v1/dossiers?q={quote(word)}")
    if found.status != 200 or code not in found.body.decode():
        faults.append(f"it is not found by its name: {found.status}")
    left = await house.as_role("clerk", "GET", "/api/v1/dossiers?limit=200")
    if len(left.json["items"]) < len(house.dossiers):
        faults.append("dossiers are missing")
    return Row("what was injected, read again", "a name of quotes, braces, templates and HTML",
               "comes back as it went; nothing is missing" + "".join(f"; FAULT: {fault}" for fault in faults), not faults)
