"""What every page carries: no inline script or style, a policy that forbids them, nothing kept in caches."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.repo.test_files import INLINE
from yiwang.site import paths

pytestmark = pytest.mark.django_db
POLICY = {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "default-src 'self'"}


def _plain_paths(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _plain_paths(entry, path)
        elif isinstance(entry, URLPattern) and "<" not in path:
            yield path


ASK = """
from yiwang.site import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)
print(s.LANGUAGE_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)
"""
PATHS = sorted(set(_plain_paths(get_resolver())))


@pytest.mark.parametrize("who", ["", "mother", "service-centre.clerk", "city.supervisor"])
def test_every_page_forbids_what_it_does_not_carry(client_as: Callable[[str], Client], who: str) -> None:
    client = client_as(who) if who else Client()
    client.raise_request_exception = False
    seen = 0
    for path in PATHS:
        answer = client.get(path)
        # Only /readyz may say 503: it does when jobs that other tests left have waited for long.
        is_waiting = (path, answer.status_code) == ("/readyz", 503)
        assert answer.status_code < 500 or is_waiting, f"{path}: {answer.status_code}"
        policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
        assert policy >= POLICY, path
        assert "unsafe" not in answer.headers["Content-Security-Policy"], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        if who:
            assert "no-store" in answer.headers["Cache-Control"] or answer.status_code == 304, path
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            found = INLINE.search(answer.content.decode())
            assert found is None, f"{path}: {found and found[0]}"
            seen += 1
    assert seen > 8


def test_signing_out_empties_the_browser(client_as: Callable[[str], Client]) -> None:
    answer = client_as("mother").post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_behind_tls_cookies_belong_to_this_host_alone() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            ASK,
        ],
        env=os.environ | {"YIWANG_TLS": "1", "PYTHONPATH": str(paths.ROOT / "src"), "YIWANG_CLUSTER": "test"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.split() == ["__Host-session", "__Host-csrf", "True", "True", "True", "31536000", "True"]
