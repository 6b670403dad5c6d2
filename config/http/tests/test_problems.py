"""Every error is a problem document, whoever raised it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from rest_framework.test import APIClient

from config.http.problems import ProblemError

pytestmark = pytest.mark.django_db


def problem_of(response: Any, status: int, slug: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["type"].endswith(f"/errors/{slug}")
    assert body["status"] == status
    assert body["request_id"] == response["X-Request-ID"]
    return body


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def post(
    client: Client, path: str, body: bytes, content_type: str = "application/json"
) -> HttpResponse:
    return client.post(path, body, content_type=content_type)  # type: ignore[return-value]


def test_the_detail_sums_up_what_is_wrong_with_the_first_fields(client: Client) -> None:
    response = post(
        client, "/v1/echo", json.dumps({"text": 12 * "a"} | dict.fromkeys("abcd")).encode()
    )
    body = problem_of(response, 400, "invalid-request")
    first, *_, last = body["detail"].split("; ")
    assert first == f"{body['errors'][0]['field']}: {body['errors'][0]['detail']}"
    assert last == f"and {len(body['errors']) - 3} more"


def test_an_unknown_address(client: Client) -> None:
    body = problem_of(client.get("/v1/nowhere"), 404, "not-found")
    assert body["instance"] == "/v1/nowhere"


def test_a_page_for_people_keeps_its_html(client: Client) -> None:
    assert client.get("/console-nowhere")["Content-Type"].startswith("text/html")


def test_a_wrong_method_of_an_api_view_names_the_right_ones(client: Client) -> None:
    response = client.get("/v1/echo")
    problem_of(response, 405, "method-not-allowed")
    assert "POST" in response["Allow"]


def test_a_wrong_method_of_a_plain_view_names_the_right_ones(client: Client) -> None:
    response = client.get("/v1/only-post")
    problem_of(response, 405, "method-not-allowed")
    assert response["Allow"] == "POST"


@pytest.mark.parametrize("coding", ["chunked", "gzip, chunked", "identity", ""])
def test_a_body_of_unknown_length_is_refused_rather_than_read_as_empty(
    client: Client, coding: str
) -> None:
    response = client.post(
        "/v1/echo",
        b'{"text": "x"}',
        content_type="application/json",
        headers={"Transfer-Encoding": coding},
    )
    problem_of(response, 411, "length-required")


def test_an_unforeseen_error_tells_nothing_of_the_inside(client: Client) -> None:
    response = client.get("/v1/boom")
    problem_of(response, 500, "internal-error")
    assert b"secret of the inside" not in response.content


def test_djangos_permission_denied(client: Client) -> None:
    problem_of(client.get("/v1/forbidden"), 403, "forbidden")


def test_a_problem_raised_in_a_plain_view(client: Client) -> None:
    assert problem_of(client.get("/v1/problem"), 409, "conflict")["detail"] == "from a plain view"


def test_a_broken_model_rule_names_the_field(client: Client) -> None:
    body = problem_of(client.get("/v1/invariant"), 400, "invalid-request")
    assert body["errors"] == [
        {"field": "phone", "code": "invalid_phone", "detail": "Not a phone number."}
    ]


def test_an_unknown_field_is_named(client: Client) -> None:
    body = problem_of(post(client, "/v1/echo", b'{"text": "a", "txet": 1}'), 400, "invalid-request")
    assert body["errors"] == [{"field": "txet", "code": "unknown", "detail": "No such field."}]


def test_a_nested_mistake_has_a_path(client: Client) -> None:
    body = problem_of(
        post(client, "/v1/echo", b'{"text": "a", "items": [{"quantity": 1}, {"quantity": 0}]}'),
        400,
        "invalid-request",
    )
    assert [error["field"] for error in body["errors"]] == ["items.1.quantity"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        b'"text"',
        b'{"text": "a", "text": "b"}',
        b'{"text": NaN}',
        b'{"text": 1e999}',
        b'{"text": "a\\u0000"}',
        b'{"text": "\\ud800"}',
        b'{"\\u0000": 1}',
        b'{"text": ' + b"9" * 5000 + b"}",
        b'{"text": 18446744073709551616}',
        b'{"text": -9223372036854775809}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_strict_json_is_malformed(client: Client, body: bytes) -> None:
    problem_of(post(client, "/v1/echo", body), 400, "malformed-body")


def test_nesting_up_to_the_limit_is_read(client: Client) -> None:
    problem_of(post(client, "/v1/echo", b'{"a":' * 32 + b"1" + b"}" * 32), 400, "invalid-request")


def test_another_media_type_is_refused(client: Client) -> None:
    problem_of(post(client, "/v1/echo", b"text=a", "text/plain"), 415, "unsupported-media-type")


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: Client) -> None:
    problem_of(post(client, "/v1/echo", b" " * (256 * 1024 + 1)), 413, "payload-too-large")


def test_an_accept_header_that_leaves_no_json_is_refused(client: Client) -> None:
    response = client.post(
        "/v1/echo", b"{}", content_type="application/json", headers={"Accept": "image/png"}
    )
    problem_of(response, 406, "not-acceptable")


def test_a_safe_request_id_comes_back(client: Client) -> None:
    response = client.get("/v1/nowhere", headers={"X-Request-ID": "abc-123"})
    assert response["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("given", ["", "a" * 129, "a b", "a\tb", "é"])
def test_an_unsafe_request_id_is_replaced(client: Client, given: str) -> None:
    answered = client.get("/v1/nowhere", headers={"X-Request-ID": given})["X-Request-ID"]
    assert answered != given
    assert len(answered) == 32


def test_a_problem_type_resolves_to_its_page(client: Client) -> None:
    page = client.get("/errors/rate-limited")
    assert page.status_code == 200
    assert "Retry-After" in page.content.decode()
    assert client.get("/errors/no-such-type").status_code == 404
    assert "/errors/rate-limited" in client.get("/errors/").content.decode()


def test_every_problem_type_says_what_it_means() -> None:
    unexplained = [
        error.slug for error in ProblemError.registry.values() if not (error.__doc__ or "").strip()
    ]
    assert unexplained == []


def test_a_slug_belongs_to_one_error() -> None:
    with pytest.raises(TypeError, match="conflict"):
        type("AnotherError", (ProblemError,), {"slug": "conflict"})


def test_a_caller_without_credentials_is_told_the_scheme(api: Callable[..., APIClient]) -> None:
    response = api().get("/v1/user")
    problem_of(response, 401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_hostile_number_of_mistakes_gets_an_answer_of_modest_size(client: Client) -> None:
    unknown = ",".join(f'"k{number}": 1' for number in range(4_000))
    answer = post(client, "/v1/echo", f'{{"text": "a", {unknown}}}'.encode())
    assert len(problem_of(answer, 400, "invalid-request")["errors"]) == 50
    items = ",".join("{}" for _ in range(4_000))
    answer = post(client, "/v1/echo", f'{{"text": "a", "items": [{items}]}}'.encode())
    assert len(problem_of(answer, 400, "invalid-request")["errors"]) == 50


def test_a_container_with_too_many_members_is_malformed(client: Client) -> None:
    body = b'{"text": "a", "items": [' + b"1," * 5_000 + b"1]}"
    problem_of(post(client, "/v1/echo", body), 400, "malformed-body")


def test_a_nul_in_a_parameter_is_named(client: Client) -> None:
    body = problem_of(client.get("/v1/people?limit=2&search=%00"), 400, "invalid-request")
    assert body["errors"][0]["field"] == "search"
