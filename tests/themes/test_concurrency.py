"""Tests that concurrent transactions on PostgreSQL respect the limit of themes; SQLite runs one at a time."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from tests.themes.users import ALICE, plain
from themes.errors import ThemeError
from themes.store import services

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="run 'make unit-postgres'"),
]


def test_two_transactions_cannot_both_create_the_last_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_THEMES_PER_OWNER", 2)
    services.create(ALICE, uuid.uuid4(), theme=plain())
    codes: list[str] = []

    def create() -> None:
        try:
            services.create(ALICE, uuid.uuid4(), theme=plain())
        except ThemeError as error:
            codes.append(error.code)
        finally:
            connection.close()

    other = threading.Thread(target=create)
    with transaction.atomic():
        services.create(ALICE, uuid.uuid4(), theme=plain())
        other.start()
        # It would end now if it did not wait for the lock.
        other.join(0.5)
        assert other.is_alive()
    other.join()
    assert codes == ["theme_limit_reached"]
