"""`yiwang standins`: run the played outside systems and make them behave badly for a while."""

import json
import os
import sys
from typing import Any

import click

from yiwang.site import paths
from yiwang.site.cli import Stop

ADDRESSES = paths.HOME / "standins" / "addresses.json"
CONTROL = {"X-Standin-Control": "1", "Content-Type": "application/json"}
ALL = "all"


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Run the demo's outside systems (household, insurance, tax, cards, texts, delivery, mail, cashier) until Ctrl-C."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(run)


@command.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...] = ()) -> None:
    """Run them; `yiwang standins run --help` lists ports, speed and seed."""
    known = ["--home", str(paths.HOME), *arguments]
    os.execv(sys.executable, [sys.executable, "-m", "yiwang.standins", *known])  # noqa: S606 our own program


@command.command()
def status() -> None:
    """How each system stands, a line each."""
    for system in _addresses():
        state = _call(system)
        mood = f"停用至{state['down_until']}" if state["is_down"] else "正常"
        click.echo(
            f"{system}\t{mood}\t在办{state['working']}\t待回传{state['postings_waiting']}\t共{state['items']}"
            f"\t速度×{state['speed']:g}\t{state['title']}"
        )


@command.command()
@click.argument("system")
@click.option("--minutes", type=click.FloatRange(0, 100_000), default=60, show_default=True)
def down(system: str, minutes: float) -> None:
    """Take SYSTEM (or `all`) off for a while, by its own watch."""
    _control(system, {"down_minutes": minutes})


@command.command()
@click.argument("system")
def up(system: str) -> None:
    """Bring SYSTEM (or `all`) back, as friendly as at first."""
    moods = {
        "refuse": 20,
        "duplicate": 100,
        "shuffle": 60,
        "lose": 5,
        "defer": 0,
        "drop": 0,
        "latency_ms": 0,
        "slow_factor": 1,
    }
    _control(system, {"up": True, "moods": moods})


@command.command()
@click.argument("system")
@click.option("--factor", type=click.IntRange(1, 1000), default=10, show_default=True, help="times longer to decide")
@click.option("--latency", type=click.IntRange(0, 60_000), default=3000, show_default=True, help="ms to take a message")
def slow(system: str, factor: int, latency: int) -> None:
    """Make SYSTEM (or `all`) slow to take messages and slow to decide."""
    _control(system, {"moods": {"slow_factor": factor, "latency_ms": latency}})


@command.command()
@click.argument("system")
@click.argument("mood", type=click.Choice(["refuse", "duplicate", "shuffle", "lose", "defer", "drop"]))
@click.argument("permille", type=click.IntRange(0, 1000))
def mood(system: str, mood: str, permille: int) -> None:
    """How many of a thousand items SYSTEM refuses, answers twice, answers late or forgets to answer; mail also puts off (defer) or hangs up (drop)."""
    _control(system, {"moods": {mood: permille}})


@command.command()
def people() -> None:
    """Hand the demo place's household books to the played household system, so that it knows who is unknown."""
    import httpx

    from yiwang.site.cli._django import records

    url, count = _address("household"), 0
    with records(), httpx.Client(trust_env=False, timeout=120) as client:
        from yiwang.data.registries import queries

        rows = queries.books()
        while rows:
            lines = "\n".join(json.dumps({"id_number": number, "book_no": book}) for _, number, book in rows)
            client.post(f"{url}/control/people", content=lines, headers=CONTROL).raise_for_status()
            count += len(rows)
            rows = queries.books(after=rows[-1][0])
    click.echo(f"已交给户籍系统 {count:,} 人。")


def _control(system: str, wishes: dict[str, Any]) -> None:
    for name in _addresses() if system == ALL else [system]:
        state = _call(name, wishes)
        click.echo(f"{name}\t" + (f"停用至{state['down_until']}" if state["is_down"] else "正常"))


def _addresses() -> dict[str, str]:
    try:
        addresses: dict[str, str] = json.loads(ADDRESSES.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise Stop("外部系统没有在运行。先运行 yiwang standins 或 yiwang up。") from None
    return {name: url for name, url in addresses.items() if url.startswith("http")}


def _address(system: str) -> str:
    url = _addresses().get(system)
    if url is None:
        raise Stop(f"没有外部系统“{system}”。可选：{'、'.join([*_addresses(), ALL])}。")
    return url


def _call(system: str, wishes: dict[str, Any] | None = None) -> dict[str, Any]:
    import httpx

    url = _address(system)
    try:
        with httpx.Client(trust_env=False, timeout=15) as client:
            path = f"{url}/control"
            answer = client.get(path) if wishes is None else client.post(path, json=wishes, headers=CONTROL)
            answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Stop(f"{system} 没有回答({type(error).__name__})。它还在运行吗?") from None
    state: dict[str, Any] = answer.json()
    return state
