"""What a command needs before it may touch records: the database up and Django loaded."""

import contextlib
import os
from collections.abc import Iterator

from yiwang.site import database
from yiwang.site.postgres import roles


@contextlib.contextmanager
def records(role: str = "app") -> Iterator[None]:
    """Start the embedded PostgreSQL for the length of the block (if it is ours and not up) and load Django in `role`."""
    os.environ["YIWANG_DATABASE_ROLE"] = role
    with contextlib.ExitStack() as stack:
        if not database.is_outside():
            cluster = database.cluster()
            stack.enter_context(cluster.running(may_be_new=role == "owner"))
            if role == "owner":
                roles.ensure(cluster, database.name())
        import django

        django.setup()
        yield


def become_app_role() -> None:
    """Go on with the app role's rights after the owner's part is done."""
    from django.db import connection

    connection.close()
    connection.settings_dict.update(database.settings(roles.APP))
