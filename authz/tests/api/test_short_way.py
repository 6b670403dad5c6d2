"""The way of a decision over HTTP: one look at Redis, a short middleware list, and the conventions all the same."""

from typing import Any

import pytest
from django.test import Client

from accounts.services import access_tokens, service_clients, signing_keys
from authz.tests.conftest import Metric
from authz.tests.factories import write_policy
from config import redis
from config.telemetry import planted_secrets

QUESTION = {"subject": "user:usr_1", "action": "read", "resource": "planet:x"}
AUTHZEN = {
    "subject": {"type": "user", "id": "usr_1"},
    "action": {"name": "read"},
    "resource": {"type": "planet", "id": "x"},
}
CHECK, EVALUATION = "/v1/authz/check", "/access/v1/evaluation"


@pytest.fixture
def bearer() -> str:
    signing_keys.ensure_first()
    made = service_clients.create(name="Ticker", client_id="ticker", scopes=["authz:check"])
    token = access_tokens.issue_service_token(client=made.client, scopes=["authz:check"]).token
    planted_secrets.add(made.secret, token)
    return token


def post(token: str, path: str = CHECK, body: Any = None, **headers: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {token}", **headers}).post(
        path, body or QUESTION, content_type="application/json"
    )


class Trips:
    """Counts the round trips to Redis."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        connection = redis.client().connection_pool.connection_class
        send = connection.send_packed_command

        def counting(this: Any, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return send(this, *args, **kwargs)

        patch.setattr(connection, "send_packed_command", counting)


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Trips:
    return Trips(monkeypatch)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "body"), [(CHECK, QUESTION), (EVALUATION, AUTHZEN)])
def test_a_decision_takes_one_round_trip(
    bearer: str, trips: Trips, path: str, body: Any, django_assert_num_queries: Any
) -> None:
    write_policy()
    post(bearer, path, body)  # loads the rules, verifies the signature
    post(bearer, path, body)
    before = trips.count
    with django_assert_num_queries(0):
        assert post(bearer, path, body).status_code == 200
    assert trips.count == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_client_that_was_disabled_hears_no_more(bearer: str) -> None:
    assert post(bearer).status_code == 200
    service_clients.disable(client_id="ticker")
    refused = post(bearer)
    assert refused.status_code == 401
    assert "invalid_token" in refused["WWW-Authenticate"]


@pytest.mark.django_db(transaction=True)
def test_the_limit_counts_every_request(bearer: str, environment: Any) -> None:
    environment(service_requests_per_minute=3)
    answers = [post(bearer) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"api";q=3;w=60'
    assert answers[0]["X-RateLimit-Remaining"] == "2"
    assert "Retry-After" in answers[3]


@pytest.mark.django_db
def test_a_malformed_body_is_told_after_the_caller_is_known(bearer: str) -> None:
    assert post("no token").status_code == 401
    client = Client(headers={"Authorization": f"Bearer {bearer}"})
    for raw, status in (
        (b'{"subject": "a", "subject": "b"}', 400),
        (b"[" * 50 + b"]" * 50, 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b" " * 300_000, 413),
    ):
        answer = client.post(CHECK, raw, content_type="application/json")
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
    answer = client.post(CHECK, b"a=b", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    assert client.post(EVALUATION, b"a=b", content_type="text/plain").status_code == 400


@pytest.mark.django_db
def test_other_methods_and_formats_are_named(bearer: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {bearer}"})
    refused = client.get(CHECK)
    assert (refused.status_code, refused["Allow"]) == (405, "POST")
    assert post(bearer, accept="text/html").status_code == 406
    assert post(bearer, accept="application/json, text/plain").status_code == 200


@pytest.mark.django_db
def test_the_answer_is_guarded_and_counted(bearer: str, counted: Metric) -> None:
    name = "django_http_responses_total_by_status_view_method_total"
    view = "authz.api.decisions.check"
    before = counted(name, status="200", view=view, method="POST")
    answer = post(bearer, **{"X-Request-ID": "abc-1"})
    assert counted(name, status="200", view=view, method="POST") == before + 1
    assert answer["X-Request-ID"] == "abc-1"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert int(answer["Content-Length"]) == len(answer.content)
    assert not answer.cookies


@pytest.mark.django_db
def test_a_browser_goes_the_long_way(bearer: str, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    answer = post(bearer, Origin="https://app.example.com")
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "https://app.example.com"


@pytest.mark.django_db
def test_what_nobody_foresaw_is_a_problem_too(bearer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("authz.services.decisions.check_known", fail)
    client = Client(headers={"Authorization": f"Bearer {bearer}"}, raise_request_exception=False)
    answer = client.post(CHECK, QUESTION, content_type="application/json")
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("/internal-error")
