"""What every test may ask for: a database of its own, ../shared, and the waiting jobs run in the test's transaction."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

from tests.database import Databases
from yiwang.site import paths

hypothesis.settings.register_profile("yiwang", derandomize=True, deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("yiwang")

pytest_plugins = ["tests.world"]

ABSENT = "../shared is absent"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
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
def packs() -> Iterator[None]:
    """Tests read the checkout's packs (at first need) from their folder, not from a release in the database."""
    from yiwang.kernel.packs import queries

    with queries.using(settings.YIWANG_PACKS):
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real inputs beside the checkout."""
    if not paths.SHARED.is_dir():
        pytest.skip(ABSENT)
    return paths.SHARED


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Run the jobs that wait in the queue, in this process and inside the test's transaction; returns how many ran."""
    from tests.jobs import run_waiting

    return run_waiting
