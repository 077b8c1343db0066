"""Runs the outside systems on loopback: `python -m yiwang.standins --help`."""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from . import cashier
from .counter import Counter
from .courier import Courier
from .office import Office
from .post_office import PostOffice
from .signing import shared_key
from .store import Store
from .systems import SYSTEMS, mail

PORT_BASE = 8810
ALL_SYSTEMS = (*SYSTEMS, cashier.SYSTEM)


def open_counter(system_id: str, *, home: Path, platform: str, port: int, speed: float, seed: str) -> Counter:
    """One outside system with its own database file and the key it shares with the platform."""
    system = next(system for system in ALL_SYSTEMS if system.id == system_id)
    key = shared_key(home / "outside" / f"{system.id}.key")
    store = Store(home / "standins" / f"{system.id}.sqlite3")
    is_till = system.id == cashier.SYSTEM.id
    office = (cashier.Till if is_till else Office)(system, store, seed=seed, speed=speed, clock=time.time)
    handler = cashier.Handler if is_till else None
    return Counter(office, Courier(office, platform=platform, key=key), key=key, port=port, handler=handler)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    chosen = [
        (index, system) for index, system in enumerate(ALL_SYSTEMS) if not options.only or system.id in options.only
    ]
    try:
        counters = [
            open_counter(
                system.id,
                home=options.home,
                platform=options.platform,
                port=options.port_base and options.port_base + index,
                speed=options.speed,
                seed=options.seed,
            )
            for index, system in chosen
        ]
    except OSError as error:
        sys.exit(f"外部系统无法启动:{error.strerror}。换一个 --port-base 再试。")
    for counter in counters:
        counter.start(by_hand=options.by_hand)
        sys.stdout.write(f"{counter.office.system.id}\t{counter.url}\t{counter.office.system.title}\n")
        sys.stdout.flush()
    letters = {
        f"{counter.office.system.id}-smtp": PostOffice(counter.office, key=counter.key)
        for counter in counters
        if counter.office.system.id == mail.SYSTEM.id
    }
    for letter_box in letters.values():
        letter_box.start()
    places = {counter.office.system.id: counter.url for counter in counters}
    addresses = options.home / "standins" / "addresses.json"
    addresses.write_text(json.dumps(places | {name: box.url for name, box in letters.items()}) + "\n")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()
    addresses.unlink(missing_ok=True)
    for letter_box in letters.values():
        letter_box.stop()
    for counter in counters:
        counter.stop()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m yiwang.standins",
        description="演示用的外部系统:公安户籍、医保、税务、制卡、短信、寄递、邮件、支付沙箱。只在本机监听。",
    )
    parser.add_argument(
        "--port-base",
        type=int,
        default=PORT_BASE,
        help=f"第一个系统的端口,其余依次加一(默认{PORT_BASE};0表示任意空闲端口)",
    )
    parser.add_argument(
        "--only", action="append", choices=[system.id for system in ALL_SYSTEMS], help="只启动这个系统,可重复"
    )
    parser.add_argument(
        "--platform", default=os.environ.get("YIWANG_PLATFORM_URL", "http://127.0.0.1:8000"), help="回传结果的平台地址"
    )
    parser.add_argument(
        "--home",
        type=Path,
        default=Path(os.environ.get("YIWANG_HOME", "var")),
        help="数据目录(默认 $YIWANG_HOME 或 ./var)",
    )
    parser.add_argument("--speed", type=float, default=60.0, help="办理速度,60表示一分钟办一小时的事")
    parser.add_argument("--seed", default="1", help="随机种子:同样的种子,同样的脾气")
    parser.add_argument("--by-hand", action="store_true", help="不自动办理,由控制地址一步步推动(测试用)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
