"""Django's backend for PostgreSQL, which looks at a connection of the pool before handing it out instead of asking the server, and lets savepoints wait."""

import select
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base

from yiwang.kernel.base import wire
from yiwang.kernel.base.texts import Statement


class DatabaseWrapper(base.DatabaseWrapper):
    """Settings name it by its package, `yiwang.site.postgres`."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_quiet(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    before_commit: Sequence[Statement] = ()
    """What an action left to go in one round trip with its COMMIT (`base.rows`): should it fail, so does the commit."""

    def _commit(self) -> None:
        last, self.before_commit = self.before_commit, ()
        if last:
            wire.exchange([*last, ("COMMIT", ())])
        else:
            super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self.before_commit = ()
        super()._rollback()  # type: ignore[misc]

    def _savepoint(self, sid: str) -> None:
        if not self._waits(self.ops.savepoint_create_sql(sid)):
            super()._savepoint(sid)  # type: ignore[misc]

    def _savepoint_commit(self, sid: str) -> None:
        if not self._waits(self.ops.savepoint_commit_sql(sid)):
            super()._savepoint_commit(sid)  # type: ignore[misc]

    def _waits(self, sql: str) -> bool:
        """Whether a block that keeps statements back (`base.rows`) keeps this one: then it needs no cursor."""
        return any(each.keeps(sql) for each in self.execute_wrappers if hasattr(each, "keeps"))


def is_quiet(connection: Any) -> bool:
    """Whether the server says nothing: one that ends a connection says so, or its machine does, and to ask costs a round trip."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)
