"""Guessing pins, one-time codes and passwords: slowed down, counted under race, and nobody else is locked out."""

import asyncio
import random

from kit.client import bearer
from kit.table import Row

SETTINGS = {"MOTCUA__LIMITS__PUBLIC_PER_MINUTE": "1000000", "MOTCUA__SERVER__TRUSTED_PROXIES": '["127.0.0.1"]'}
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"
PARALLEL = 64
FREE_PINS = 5


async def run(house) -> list[Row]:
    rows = [await pins(house), await spelled_otherwise(house), await one_house_one_network(house)]
    rows.append(await passwords(house))
    if house.has("/api/v1/public/dossiers/{code}/codes"):
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
    """Five tries, however many come at the same moment."""
    dossier = house.dossiers[4]
    path = f"/api/v1/public/dossiers/{dossier['code']}/codes"
    started = await house.ask("POST", path, {"pin": dossier["pin"]}, {"X-Forwarded-For": HERE})
    number = started.json.get("id", "") if started.status in (200, 201, 202) else ""
    guesses = random.sample(range(1_000_000), PARALLEL)
    async def attempt(guessed: int):
        return await house.ask("POST", f"{path}/{number}", {"code": f"{guessed:06}"}, {"X-Forwarded-For": HERE})
    statuses = [answer.status for answer in await asyncio.gather(*(attempt(guessed) for guessed in guesses))]
    looked_at = sum(status in (401, 404, 422) for status in statuses)
    return Row("one-time codes guessed in parallel", f"{PARALLEL} at once for one challenge",
               f"asked for: {started.status}; {looked_at} looked at; {statuses.count(429) + statuses.count(409)} refused",
               200 not in statuses and looked_at <= 5 and bool(number))
