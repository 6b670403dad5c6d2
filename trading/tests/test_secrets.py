"""Secrets are nowhere but in the vault's envelopes. The log of the run is searched for them by the run itself."""

import pytest
from django.db import connection

from trading.tests.conftest import TraderFactory
from trading.tests.trader import Trader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies")]


def dump() -> str:
    """Every row of every table, as text; bytes are in hexadecimal."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT row_table::text FROM {quoted} AS row_table")  # noqa: S608
            rows.extend(row[0] for row in cursor.fetchall())
    return "\n".join(rows)


def whole_life(someone: Trader) -> list[str]:
    """Link, sync, rotate, log in again and back out; returns every secret that was used."""
    account = someone.linked()
    secrets = [someone.app.api_key, someone.app.api_secret]
    secrets += [session.access_token for session in someone.control.sessions()]
    someone.app = someone.control.change_secret(someone.app.api_key)
    rotated = someone.api.post(
        f"/v1/trading-accounts/{account.public_id}/rotate-credentials",
        {"credentials": someone.credentials()},
        format="json",
    )
    someone.log_in(rotated.json()["login_url"])
    secrets += [someone.app.api_secret]
    secrets += [session.access_token for session in someone.control.sessions()]
    secrets += [someone.broker_user.user_id, someone.broker_user.email]
    return secrets


def test_no_table_holds_a_secret_in_the_clear(trader: TraderFactory) -> None:
    secrets = whole_life(trader())
    stored = dump()
    assert "Long term" in stored
    for secret in secrets:
        assert secret not in stored
        assert secret.encode().hex() not in stored


def test_values_that_hold_secrets_do_not_show_them(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    version = account.credential_versions.get()
    for shown in (repr(account), repr(version), str(version), repr(version.secret)):
        assert someone.app.api_secret not in shown
        assert someone.app.api_key not in shown
