"""What every test may ask for: a database of its own, ../shared, waiting jobs, a served site and a browser."""

import os
import time
from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from tests.browser import browser, desk, live_site, look, open_page, phone, served
from tests.database import Databases
from yiwang.site import heap, paths

__all__ = ["browser", "desk", "live_site", "look", "open_page", "phone", "served"]

# How long an example takes to make says something about the machine only.
NO_HURRY = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "yiwang", derandomize=True, deadline=None, max_examples=60, database=None, suppress_health_check=NO_HURRY
)
hypothesis.settings.load_profile("yiwang")

pytest_plugins = [
    "tests.standing",
    "tests.jobs",
    "tests.world",
    "tests.families",
    "tests.singles",
    "tests.hotline",
    "tests.streets",
]

ABSENT = "../shared is absent"
QUIET_SECONDS = 60
heap.grow()


def pytest_collection_finish() -> None:
    """What is loaded stays until the end, as in a process that serves."""
    heap.settle()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database per worker, copied from a template that was migrated once."""
    name = f"test_{os.getpid()}"
    databases = Databases()
    with databases.cluster.running(), django_db_blocker.unblock():
        databases.create(name)
        settings.DATABASES["default"]["NAME"] = name
        connections["default"].settings_dict["NAME"] = name
        # A test of commits cannot be rolled back, and the app role may not truncate: it gets a fresh copy afterwards.
        TransactionTestCase._fixture_teardown = lambda self: databases.renew(name)  # type: ignore[method-assign]
        yield
        connections.close_all()
        databases.drop(name)


@pytest.fixture(scope="session", autouse=True)
def _place_packs() -> Iterator[None]:
    """Tests read the checkout's packs (once, at first need) from their folder, not from a release in the database."""
    from tests.world import place_packs
    from yiwang.kernel.packs import queries

    with queries.using(place_packs):
        yield


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request in English must not leave the next test reading English."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real inputs beside the checkout."""
    if not paths.SHARED.is_dir():
        pytest.skip(ABSENT)
    return paths.SHARED


def pytest_runtest_setup() -> None:
    """A test that says "today" twice means one day: none begins in the last minute of the law's day."""
    now = timezone.localtime()
    left = (now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now).total_seconds()
    if left < QUIET_SECONDS:
        time.sleep(left)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure, unless ../shared is absent: a test that never runs protects nothing."""
    report = yield
    if (
        report.skipped
        and os.environ.get("CI")
        and not hasattr(report, "wasxfail")
        and ABSENT not in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
