"""Who may read `/metrics`."""

from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

pytestmark = pytest.mark.django_db
TOKEN = "a-scrape-token-for-tests"


def read(client: Client, **headers: Any) -> Any:
    return client.get("/metrics", **headers)


def test_without_a_token_the_machine_itself_may(client: Client) -> None:
    answer = read(client, REMOTE_ADDR="127.0.0.1")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert b"gatehouse_problems_total" in answer.content
    assert "no-store" in answer["Cache-Control"]


def test_so_may_its_other_loopback_addresses(client: Client) -> None:
    assert read(client, REMOTE_ADDR="::1").status_code == 200


@pytest.mark.parametrize("peer", ["203.0.113.7", "10.0.0.2", "", "not an address"])
def test_without_a_token_nobody_else_may(peer: str, client: Client) -> None:
    answer = read(client, REMOTE_ADDR=peer)

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/errors/forbidden")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_on_the_machine_is_not_the_machine(header: str, client: Client) -> None:
    assert read(client, REMOTE_ADDR="127.0.0.1", headers={header: "127.0.0.1"}).status_code == 403


def test_with_a_token_its_bearer_may_from_anywhere(client: Client, environment: Any) -> None:
    environment(metrics_token=SecretStr(TOKEN))

    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert read(client, REMOTE_ADDR="203.0.113.7", headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "given", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \N{SNOWMAN}"]
)
def test_with_a_token_nobody_may_without_it(
    given: str | None, client: Client, environment: Any
) -> None:
    environment(metrics_token=SecretStr(TOKEN))
    headers = {} if given is None else {"Authorization": given}

    answer = read(client, REMOTE_ADDR="127.0.0.1", headers=headers)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["type"].endswith("/errors/unauthenticated")


def test_problems_are_counted_by_type(client: Client) -> None:
    line = b'gatehouse_problems_total{type="forbidden"} '

    def count() -> float:
        content = read(client, REMOTE_ADDR="127.0.0.1").content
        return float(content.partition(line)[2].split(b"\n")[0] or 0)

    before = count()
    read(client, REMOTE_ADDR="203.0.113.7")

    assert count() == before + 1


def test_requests_are_counted_by_route_and_status(client: Client) -> None:
    client.get("/livez")

    content = read(client).content
    assert (
        b'django_http_responses_total_by_status_view_method_total{method="GET",status="200",view="livez"}'
        in content
    )
