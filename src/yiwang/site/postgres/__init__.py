"""The embedded PostgreSQL: found in a wheel or on the system, initialised, started, looked after and stopped by us."""

from yiwang.site.postgres.cluster import Cluster, PostgresFailed

__all__ = ["Cluster", "PostgresFailed"]
