"""A database that goes away under a request: an answer that says so, and to try again."""

import psycopg
import pytest
from django.db import close_old_connections, connection
from django.test import Client

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# A view of the API's ground, a plain one, and one that goes the short way
ADDRESSES = ["/v1/people", "/v1/count-people", "/v1/short"]


def end_our_session() -> None:
    """As a restart, a failover or a pooler ends it: from outside, unnoticed until the next query."""
    connection.ensure_connection()
    process = connection.connection.info.backend_pid
    settings = connection.get_connection_params()
    wanted = {
        name: settings[name] for name in ("dbname", "user", "host", "port") if settings.get(name)
    }
    with psycopg.connect(**wanted, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_lost_connection_is_told_as_unavailable_and_the_next_request_is_answered(
    address: str,
) -> None:
    UserFactory()
    client = Client()
    end_our_session()
    lost = client.get(address)
    assert lost.status_code == 503
    assert lost["Retry-After"] == "1"
    assert lost["Content-Type"] == "application/problem+json"
    assert lost.json()["type"].endswith("/errors/unavailable")
    close_old_connections()  # a server does at the end of a request; the test client leaves it out
    assert client.get(address).status_code == 200
