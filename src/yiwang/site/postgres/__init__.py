"""The embedded PostgreSQL: found in a wheel or on the system, initialised, started, looked after and stopped by us."""

from yiwang.site.postgres.cluster import Cluster
from yiwang.site.postgres.server import PostgresFailed

__all__ = ["Cluster", "PostgresFailed"]
