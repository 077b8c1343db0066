"""Which database this process talks to, and in which role."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from yiwang.site import paths, patience, secrets
from yiwang.site.postgres import Cluster
from yiwang.site.postgres.roles import APP, DATABASE, OWNER

_SECRETS = {OWNER: "database-owner", APP: "database-app"}


def cluster() -> Cluster:
    """The embedded server: the installation's, or the forgetful one of the tests (YIWANG_CLUSTER=test)."""
    if os.environ.get("YIWANG_CLUSTER") == "test":
        return Cluster(paths.HOME / "test-pg", durable=False)
    return Cluster(paths.HOME / "pg")


def is_outside() -> bool:
    """Whether an outside PostgreSQL is used instead of the embedded one."""
    return outside_url(APP) is not None


def outside_url(role: str) -> str | None:
    """The address of an outside PostgreSQL, when one is set; the owner's falls back to the app's."""
    if os.environ.get("YIWANG_CLUSTER") == "test":
        return None
    url = os.environ.get("YIWANG_DATABASE_URL")
    return (os.environ.get("YIWANG_DATABASE_OWNER_URL") or url) if role == OWNER else url


def name() -> str:
    """The embedded server's database (YIWANG_DATABASE_NAME: tests keep several)."""
    return os.environ.get("YIWANG_DATABASE_NAME") or DATABASE


def app_role() -> str | None:
    """The role that is given rights after a migration; None when one role both migrates and runs."""
    app, owner = settings(APP)["USER"], settings(OWNER)["USER"]
    return str(app) if app != owner else None


def settings(role: str | None = None) -> dict[str, object]:
    """Django's settings for the database in a role (YIWANG_DATABASE_ROLE: app by default, owner to migrate)."""
    role = role or (OWNER if os.environ.get("YIWANG_DATABASE_ROLE") == "owner" else APP)
    url = outside_url(role)
    where = _from_url(url) if url else _embedded(role)
    return {
        "ENGINE": "yiwang.site.postgres",
        "CONN_MAX_AGE": 0,
        # The backend looks at what comes from the pool by itself.
        "CONN_HEALTH_CHECKS": not pool(),
        "ATOMIC_REQUESTS": False,
        **where,
    }


def pool() -> dict[str, object] | bool:
    """Options of psycopg's pool; off for one-shot commands and tests, which use one connection each."""
    size = int(os.environ.get("YIWANG_POOL_SIZE") or 0)
    # The pool waits ever longer between the tries of one attempt: no attempt outlives the patience of who waits for it.
    if not size:
        return False
    return {
        "min_size": 1,
        "max_size": size,
        "timeout": patience.CONNECT_SECONDS,
        "reconnect_timeout": patience.CONNECT_SECONDS,
        "connection_class": patience.Bounded,
    }


# Options that the driver reads and PostgreSQL's own library does not know.
DRIVER_OPTIONS = frozenset({"pool", "prepare_threshold"})


# What base.wire prepares is planned once a connection, whatever the values.
_PLANS = "-c plan_cache_mode=force_generic_plan"


def _options() -> dict[str, object]:
    # The driver forgets what it prepared with every rollback, and what base.wire prepared with it: it prepares nothing.
    return {"pool": pool(), "prepare_threshold": None, "options": _PLANS}


def _embedded(role: str) -> dict[str, object]:
    return {
        "NAME": name(),
        "HOST": str(cluster().socket),
        "USER": role,
        "PASSWORD": secrets.read(_SECRETS[role]),
        "OPTIONS": _options(),
    }


def _from_url(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": _options() | dict(parse_qsl(parts.query)),
    }
