"""Guessing pins, one-time codes and passwords: slowed down, counted under race, and nobody else is locked out."""

import asyncio
import random
import re

from kit.table import Row

# The limits per address are out of the way: what stops guessing without them is tried.
SETTINGS = {"MOTCUA__LIMITS__PUBLIC_PER_MINUTE": "1000000", "MOTCUA__LIMITS__CITIZENS_PER_MINUTE": "1000000",
            "MOTCUA__SERVER__TRUSTED_PROXIES": '["127.0.0.1"]'}
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"
PARALLEL = 64
FREE_PINS = 5


async def run(house) -> list[Row]:
    rows = [await pins(house), await spelled_otherwise(house), await one_house_one_network(house)]
    rows.append(await passwords(house))
    if house.has("/api/v1/public/dossiers/{code}/one-time-codes"):
        rows.append(await one_time_codes(house))
    return rows


async def guess(house, code: str, pin: str, address: str):
    return await house.ask("GET", f"/api/v1/public/dossiers/{code}?pin={pin}", headers={"X-Forwarded-For": address})


async def pins(house) -> Row:
    dossier = house.dossiers[1]
    guesses = [guess(house, dossier["code"], f"0000-0000-{number:04}", HERE) for number in range(PARALLEL)]
    statuses = [answer.status for answer in await asyncio.gather(*guesses)]
    later = await guess(house, dossier["code"], "0000-0000-9999", HERE)
    right = await guess(house, dossier["code"], dossier["pin"], ELSEWHERE)
    tried = statuses.count(404)
    good = later.status == 429 and int(later.headers["retry-after"]) >= 60 and right.status == 200
    return Row("pins guessed in parallel", f"{PARALLEL} at once, {FREE_PINS} free",
               f"{tried} looked at, {statuses.count(429)} refused; the next waits {later.headers.get('retry-after')} s; "
               f"the right pin from elsewhere: {right.status}", good and tried <= FREE_PINS)


async def spelled_otherwise(house) -> Row:
    """The same code in other spellings must not be counted anew."""
    dossier, seen = house.dossiers[2], {}
    code = dossier["code"]
    spellings = [code, code.lower(), f"%20{code}", f"{code}%20", f"{code}%09", code.replace(".", "%2e"),
                 code.replace("-", "%2D"), f"%E3%80%80{code}", f"{code}%0A", f"{code}%C2%A0", code.swapcase()]
    for number in range(60):
        answer = await guess(house, spellings[number % len(spellings)], f"1111-0000-{number:04}", HERE)
        seen[answer.status] = seen.get(answer.status, 0) + 1
    last = await asyncio.gather(*(guess(house, spelling, "2222-0000-0000", HERE) for spelling in spellings))
    # A spelling that finds no dossier at all guesses nothing.
    opened = await asyncio.gather(*(guess(house, spelling, dossier["pin"], ELSEWHERE) for spelling in spellings))
    holes = [spelling for spelling, shut, open_ in zip(spellings, last, opened)
             if open_.status == 200 and shut.status != 429]
    return Row("one code in many spellings", f"60 pins for {len(spellings)} spellings",
               f"{seen}; spellings that find it and are not slowed: {holes or 'none'}", not holes)


async def one_house_one_network(house) -> Row:
    """An IPv6 house has 2⁶⁴ addresses."""
    dossier = house.dossiers[3]
    for number in range(FREE_PINS + 1):
        await guess(house, dossier["code"], f"3333-0000-{number:04}", f"2001:db8:1:2::{number + 1:x}")
    same = await guess(house, dossier["code"], "4444-0000-0000", "2001:db8:1:2:ffff::9")
    other = await guess(house, dossier["code"], dossier["pin"], "2001:db8:1:3::1")
    return Row("pins from one /64", f"{FREE_PINS + 1} pins, each from its own address of a /64",
               f"another address of it: {same.status}; another /64 with the right pin: {other.status}",
               same.status == 429 and other.status == 200)


async def passwords(house) -> Row:
    """The one attacked still gets in, from where nobody guesses."""
    account = house.account("officer")
    async def attempt(number: int):
        body = {"username": account["username"], "password": f"sai-mat-khau-{number}"}
        return await house.ask("POST", "/api/v1/sessions", body, {"X-Forwarded-For": HERE})
    answers = await asyncio.gather(*(attempt(number) for number in range(PARALLEL)))
    statuses = [answer.status for answer in answers]
    body = {"username": account["username"], "password": account["password"]}
    for _ in range(10):
        right = await house.ask("POST", "/api/v1/sessions", body, {"X-Forwarded-For": ELSEWHERE})
        if right.status != 429:
            break
        # Slowed down, then, which is not locked out.
        await asyncio.sleep(min(10, int(right.headers.get("retry-after", 1))))
    if right.status == 201:
        house.keep("token", right.json["token"])
    good = statuses.count(401) <= 10 and 201 not in statuses and right.status == 201
    return Row("passwords guessed in parallel", f"{PARALLEL} at once for one account",
               f"{statuses.count(401)} looked at, {statuses.count(429)} refused; the right one from elsewhere: "
               f"{right.status}", good)


async def one_time_codes(house) -> Row:
    """Five tries, however many come at the same moment; the citizen asks for another code and comes in."""
    attacked, later = house.dossiers[4], house.dossiers[6]
    number, right = await asked(house, attacked)
    wrong = random.sample([guess for guess in range(1_000_000) if f"{guess:06}" != right], PARALLEL)
    statuses = [answer.status for answer in await asyncio.gather(*(show(house, number, f"{guess:06}") for guess in wrong))]
    after = await show(house, number, right)
    number, right = await asked(house, later)
    for guess in [guess for guess in wrong if f"{guess:06}" != right][:4]:
        await show(house, number, f"{guess:06}")
    fifth = await show(house, number, right)
    if fifth.status == 200:
        house.keep("token", fifth.json["token"])
    return Row("one-time codes guessed in parallel", f"{PARALLEL} at once for one request",
               f"{statuses.count(401)} refused; then even the right one: {after.status}; of another request the right one "
               f"after four wrong: {fifth.status}", set(statuses) <= {401, 429} and after.status == 401 and fifth.status == 200)


async def asked(house, dossier: dict) -> tuple[str, str]:
    """Asks for a code and reads it where the demo's gateway writes it."""
    phone = f"+84{dossier['phone'][1:]}"
    path = f"/api/v1/public/dossiers/{dossier['code']}/one-time-codes"
    number = (await house.ask("POST", path, headers={"X-Forwarded-For": HERE})).json["id"]
    for _ in range(100):
        lines = [line for file in (house.data / "house" / "outbox").glob("sms-*.txt")
                 for line in file.read_text().splitlines() if phone in line]
        codes = [found[0] for line in lines if (found := re.findall(r"(?<!\d)\d{6}(?!\d)", line.split("\t")[-1]
                                                                     .replace(dossier["code"], "")))]
        if codes:
            return number, house.keep("one-time code", codes[-1])
        await asyncio.sleep(0.1)
    raise RuntimeError("no one-time code was sent")


async def show(house, number: str, code: str):
    return await house.ask("POST", f"/api/v1/public/one-time-codes/{number}", {"code": code}, {"X-Forwarded-For": ELSEWHERE})
