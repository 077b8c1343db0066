"""Whole sign-ins at another system: authorize with PKCE and consent that is known, token, userinfo; beside as many empty requests."""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from django.utils import timezone

from yiwang.demo.bench import _people
from yiwang.demo.bench._http import Client, Form
from yiwang.demo.bench._meter import POSTGRES, WEB, Meter, spent
from yiwang.demo.bench.contracts import Figures, Installation, Tell
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people_read
from yiwang.support.oidc import actions
from yiwang.support.oidc.contracts import ClientKind, Credentials, Ground, NewClient

PEOPLE, REQUESTS = 8, 3
CALLBACK, SCOPES = "https://bench.example/callback", ("openid", "profile")
_NOTHING = "/healthz"


@dataclass(frozen=True, slots=True)
class Met:
    """A client in force, and who signs in there: all have agreed before."""

    client: Credentials
    usernames: tuple[str, ...]


def run(*, site: Installation, each: int, rounds: int, tell: Tell) -> Figures:
    """`each` sign-ins a round by eight people at once; opening their sittings (passwords) is not part of it."""
    ground, meter = make(), Meter(site)
    with asyncio.Runner() as runner:
        seats = [runner.run(_seat(site.url, name)) for name in ground.usernames]
        runner.run(_all(seats, ground.client, 2 * PEOPLE))
        tell(f"{each} sign-ins, {rounds} times")
        logins = [_measured(runner, meter, _all(seats, ground.client, each), each) for _ in range(rounds)]
        empty = [_measured(runner, meter, _empty(seats, each * REQUESTS), each) for _ in range(rounds)]
    cpu, bare = min(one[0] for one in logins), min(one[0] for one in empty)
    return {
        "logins": each,
        "cpu_ms": round(cpu * 1000, 2),
        "per_cpu_s": round(1 / cpu, 1),
        "per_s": round(max(one[1] for one in logins), 1),
        "empty_requests_cpu_ms": round(bare * 1000, 2),
        "times_empty_requests": round(cpu / bare, 1),
        "of_empty_requests": round(bare / cpu, 3),
    }


def make() -> Met:
    """People with accounts, a client that two persons let in, and their consent."""
    at = timezone.now()
    accounts = [_people.resident(n, _people.applicant(n, at), at) for n in range(PEOPLE)]
    new = NewClient(
        title="测速系统",
        kind=ClientKind.WEB,
        org_id=orgs.of_kind("health")[0].id,
        ground=Ground.CONSENT,
        purpose="测量登录速度",
        authority="测速用，不是真的系统",
        audiences=("person",),
        scopes=SCOPES,
        redirect_uris=(CALLBACK,),
    )
    asked = actions.ask_client(new=new, grounds="测速", by=SYSTEM, at=at)
    given = actions.confirm_client(client_id=asked.id, grounds="测速", by=SYSTEM, at=at)
    for account in accounts:
        actions.consent(client_id=asked.id, scopes=SCOPES, by=people_read.actor_of(account.id), at=at)
    return Met(given, tuple(account.username for account in accounts))


async def sign_in(seat: Client, client: Credentials) -> None:
    """One whole way, as a client's server and a browser go it. Raises RuntimeError where it ends before its end."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": CALLBACK, "scope": " ".join(SCOPES),
        "state": nonce, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    status, _ = await seat.request("GET", f"/oidc/authorize?{urlencode(asked)}")
    code = parse_qs(urlsplit(seat.location).query).get("code")
    if status != 302 or not code:
        raise RuntimeError(f"authorize answered {status} {seat.location[:80]}")
    form = Form(
        grant_type="authorization_code", code=code[0], redirect_uri=CALLBACK, code_verifier=verifier,
        client_id=client.client_id, client_secret=client.secret,
    )  # fmt: skip
    status, tokens = await seat.json("POST", "/oidc/token", form)
    if status != 200:
        raise RuntimeError(f"token answered {status} {tokens}")
    status, person = await seat.json("GET", "/oidc/userinfo", Authorization=f"Bearer {tokens['access_token']}")
    if status != 200 or "name" not in person:
        raise RuntimeError(f"userinfo answered {status}")


async def _seat(url: str, username: str) -> Client:
    seat = Client(url)
    await seat.sign_in(username, _people.PASSWORD, "person")
    return seat


async def _all(seats: list[Client], client: Credentials, count: int) -> None:
    left = iter(range(count))

    async def one(seat: Client) -> None:
        for _ in left:
            await sign_in(seat, client)

    await asyncio.gather(*map(one, seats))


async def _empty(seats: list[Client], count: int) -> None:
    left = iter(range(count))

    async def one(seat: Client) -> None:
        for _ in left:
            status, _content = await seat.request("GET", _NOTHING)
            if status != 200:
                raise RuntimeError(f"{_NOTHING} answered {status}")

    await asyncio.gather(*map(one, seats))


def _measured(
    runner: asyncio.Runner, meter: Meter, work: Coroutine[object, object, None], count: int
) -> tuple[float, float]:
    """CPU seconds of web and PostgreSQL for each, and how many a second of the clock."""
    before, begun = meter.seconds(), time.monotonic()
    runner.run(work)
    seconds, used = time.monotonic() - begun, spent(before, meter.seconds())
    return (used[WEB] + used[POSTGRES]) / count, count / seconds
