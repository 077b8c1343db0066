"""A served site and headless Chromium: pages at a phone's and a desk's width, looked at by axe-core and kept as pictures."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.patience import PATIENCE_SECONDS, until
from yiwang.site import assets, paths

WAIT_MS = 60_000
# YIWANG_TEST_SLOWER=6 runs the browser tests with a sixth of the processor and a line of 300 ms.
SLOWER = float(os.environ.get("YIWANG_TEST_SLOWER", 0))
LATENCY_MS = 300
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
SERIOUS = {"serious", "critical"}
# Only what is wrong comes over, and nothing is fetched beforehand: only rules that are off or not serious look at that.
FINDINGS = "axe.run(document, {resultTypes: ['violations'], preload: false}).then(found => found.violations)"


@pytest.fixture(scope="session")
def served(django_db_setup: None) -> Iterator[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": f"{paths.ROOT / 'src'}:{paths.ROOT}",
        "YIWANG_DATABASE_NAME": str(connections["default"].settings_dict["NAME"]),
    }
    log = paths.folder("logs") / f"tests-{os.getpid()}.log"
    # The door is opened here and handed over: between finding a free port and binding it somebody else may take it.
    with socket.create_server(("127.0.0.1", 0)) as door, open(log, "wb") as stream:
        address = f"127.0.0.1:{door.getsockname()[1]}"
        command = [sys.executable, "-m", "gunicorn", "--config", "python:yiwang.site.gunicorn"]
        options = ["--bind", f"fd://{door.fileno()}", "--threads", "4", "yiwang.site.wsgi"]
        server = subprocess.Popen(
            [*command, *options], env=environment, stdout=stream, stderr=stream, pass_fds=[door.fileno()]
        )
        try:
            _wait(f"http://{address}/healthz", server, str(log))
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(PATIENCE_SECONDS)


def _wait(url: str, server: "subprocess.Popen[bytes]", log: str) -> None:
    def answers() -> bool:
        assert server.poll() is None, f"the served site did not start; see {log}"
        with suppress(OSError), urllib.request.urlopen(url, timeout=30):
            return True
        return False

    until(answers, f"the served site does not answer; see {log}")


@pytest.fixture
def live_site(transactional_db: None, served: str) -> str:
    """The address of the site, served by gunicorn from this worker's database; what a test commits is there, and gone after."""
    return served


@pytest.fixture(scope="session")
def browser(bare_ground: None) -> Iterator[Browser]:
    """Headless Chromium, Debian's own. Its loop gives Django other connections: nothing may stand on those before it."""
    # The shell shows pages and nothing else: of the whole browser's processor two fifths went into a window that nobody sees.
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, known)), None)
    if program is None:
        pytest.skip("no Chromium is installed (apt-get install chromium-headless-shell fonts-noto-cjk)")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


def new_page(browser: Browser, site: str, size: dict[str, object], **options: object) -> Page:
    """A page in a context of its own, patient, and on request as slow as an old telephone on a bad line."""
    context = browser.new_context(base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", **size, **options)  # type: ignore[arg-type]
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    if SLOWER:
        control = context.new_cdp_session(page)
        control.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        control.send("Network.enable")
        line = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": -1, "uploadThroughput": -1}
        control.send("Network.emulateNetworkConditions", line)
    return page


@pytest.fixture
def open_page(live_site: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of a size in a context of its own; a script error, a blocked resource or a 5xx fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opener(size: dict[str, object] = DESK, **options: object) -> Page:
        page = new_page(browser, live_site, size, **options)
        contexts.append(page.context)
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on(
            "console", lambda said: wrong.append(f"console: {said.text}") if _is_ours(said.type, said.text) else None
        )
        page.on(
            "response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        )
        return page

    yield opener
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


def _is_ours(kind: str, text: str) -> bool:
    # A 4xx is logged by the browser as an error too, but a page may mean it (a refused form).
    return kind == "error" and "Failed to load resource" not in text


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A page on a phone, 390 px wide."""
    return open_page(PHONE)


@pytest.fixture
def desk(open_page: Callable[..., Page]) -> Page:
    """A page on a desk, 1440 px wide."""
    return open_page(DESK)


@pytest.fixture(scope="session")
def look() -> Callable[..., None]:
    """`look(page, "name")`: keep a picture in var/screenshots; no serious axe finding, nothing wider than the screen."""
    axe = (assets.test_folder() / "axe.js").read_text(encoding="utf-8")

    def looker(page: Page, name: str, *, whole: bool = True) -> None:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=paths.folder("screenshots") / f"{name}-{width}.png", full_page=whole, scale="css")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} at {width} px is {overflow} px too wide"
        if page.evaluate("!window.axe"):
            page.evaluate(axe)
        serious = [_told(each) for each in page.evaluate(FINDINGS) if each["impact"] in SERIOUS]
        assert not serious, f"{name} at {width} px:\n" + "\n".join(serious)

    return looker


def hold(page: Page, url: str) -> Callable[[], Route]:
    """Hold back what the page asks of `url`; the function returned waits for the next request, to be answered by the test."""
    held: list[Route] = []
    # A function of ours: Playwright marks the handler, and a builtin method takes no marks.
    page.route(url, lambda route: held.append(route))

    def asked() -> Route:
        until(lambda: bool(held), f"the page did not ask for {url}", pause=lambda _: page.wait_for_timeout(20))
        return held.pop(0)

    return asked


def _told(finding: dict[str, object]) -> str:
    nodes = finding["nodes"]
    assert isinstance(nodes, list)
    places = json.dumps([node["target"] for node in nodes[:5]], ensure_ascii=False)
    return f"{finding['id']} ({finding['impact']}): {finding['help']} at {places}"
