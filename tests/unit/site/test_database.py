"""The database as the app role sees it."""

import pytest
from django.db import ProgrammingError, connection, transaction


@pytest.mark.django_db
def test_runtime_role_is_not_superuser_and_cannot_change_structure() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("yiwang_app", False)
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("CREATE TABLE intruder (id int)")


@pytest.mark.django_db
def test_server_listens_on_its_socket_only_and_sorts_by_code_point() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
        cursor.execute(
            "SELECT datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
        )
        assert cursor.fetchone() == ("C.UTF-8", "UTF8")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_of_one_test_are_gone_in_the_next(turn: int) -> None:
    from yiwang.kernel.base.models import Counter

    assert not Counter.objects.filter(series="turn").exists()
    Counter.objects.create(series="turn", value=turn)
