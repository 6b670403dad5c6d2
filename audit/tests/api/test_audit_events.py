"""GET /v1/audit/events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuthEvent
from audit.tests.factories import AuthEventFactory, new_session, new_user
from audit.types import ActorType, AuditType, Outcome
from conftest import ApiClientFactory

URL = "/v1/audit/events"

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(api: ApiClientFactory) -> APIClient:
    return api(service="siem", scopes={"audit:read"})


def found(client: APIClient, **question: Any) -> list[str]:
    """The ids on the first page of the answer."""
    response = client.get(URL, question)
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


def ids(rows: Sequence[AuthEvent]) -> list[str]:
    return [row.public_id for row in rows]


def test_strangers_and_callers_without_the_scope_are_refused(api: ApiClientFactory) -> None:
    assert api().get(URL).status_code in (401, 403)
    response = api(service="ticker", scopes={"users:read"}).get(URL)
    assert response.status_code == 403
    assert 'scope="audit:read"' in response["WWW-Authenticate"]


def test_a_row_tells_all_that_the_trail_knows(auditor: APIClient) -> None:
    row = AuthEventFactory.create(
        occurred_at=datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        event_type=AuditType.SIGN_IN_FAILED,
        outcome=Outcome.FAILURE,
        actor_type=ActorType.ANONYMOUS,
        ip="2001:db8::1",
        risk_score=71,
        risk_signals=["new_device"],
        request_id="r-1",
        metadata={"reason": "bad_credentials"},
    )
    [told] = auditor.get(URL).json()["results"]
    assert told == {
        "id": row.public_id,
        "occurred_at": "2026-01-02T03:04:05.678901Z",
        "event_type": "auth.login.failed",
        "ocsf_class_uid": 3002,
        "outcome": "failure",
        "actor": {"type": "anonymous", "id": ""},
        "user_id": row.subject_user_id,
        "session_id": "",
        "client_id": "",
        "ip": "2001:db8::1",
        "country": "",
        "asn": None,
        "device_fingerprint": "",
        "user_agent": "",
        "risk_score": 71,
        "risk_signals": ["new_device"],
        "request_id": "r-1",
        "metadata": {"reason": "bad_credentials"},
    }


def test_by_person_and_by_session(auditor: APIClient) -> None:
    user, session = new_user(), new_session()
    mine = AuthEventFactory.create(subject_user_id=user)
    in_session = AuthEventFactory.create(session_id=session)
    assert found(auditor, user_id=user) == ids([mine])
    assert found(auditor, session_id=session) == ids([in_session])
    assert found(auditor, user_id=user, session_id=session) == []


def test_by_type_by_several_and_by_family(auditor: APIClient) -> None:
    out = AuthEventFactory.create(event_type=AuditType.SIGNED_OUT)
    granted = AuthEventFactory.create(event_type=AuditType.ROLE_GRANTED)
    created = AuthEventFactory.create(event_type=AuditType.ACCOUNT_CREATED)
    assert found(auditor, event_type="auth.logout") == ids([out])
    assert found(auditor, event_type="auth.*") == ids([out])
    assert found(auditor, event_type=["account.*", "authz.role.granted"]) == ids([created, granted])


def test_by_time_from_is_in_and_to_is_out(auditor: APIClient) -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    before, at, after = (
        AuthEventFactory.create(occurred_at=noon + timedelta(hours=hours)) for hours in (-1, 0, 1)
    )
    assert found(auditor, **{"from": "2026-01-02T12:00:00Z"}) == ids([after, at])
    assert found(auditor, to="2026-01-02T12:00:00Z") == ids([before])
    assert found(auditor, to="2026-01-02T18:30:00+05:30") == ids([at, before])
    assert found(auditor, **{"from": "2026-01-02T12:00:00Z"}, to="2026-01-02T13:00:00Z") == ids(
        [at]
    )


@pytest.mark.parametrize(
    ("question", "hits"),
    [
        ("192.0.2.7", {"192.0.2.7"}),
        ("192.0.2.0/24", {"192.0.2.7", "192.0.2.8"}),
        ("192.0.2.200/24", {"192.0.2.7", "192.0.2.8"}),
        ("::ffff:192.0.2.7", {"192.0.2.7"}),
        ("::ffff:192.0.2.0/120", {"192.0.2.7", "192.0.2.8"}),
        ("2001:db8::/32", {"2001:db8::7"}),
        ("0.0.0.0/0", {"192.0.2.7", "192.0.2.8"}),
        ("198.51.100.1", set()),
    ],
)
def test_by_address_and_by_network(auditor: APIClient, question: str, hits: set[str]) -> None:
    for address in ("192.0.2.7", "192.0.2.8", "2001:db8::7", None):
        AuthEventFactory.create(ip=address)
    rows = auditor.get(URL, {"ip": question}).json()["results"]
    assert {row["ip"] for row in rows} == hits


def test_by_outcome_and_by_risk(auditor: APIClient) -> None:
    failed = AuthEventFactory.create(outcome=Outcome.FAILURE, risk_score=None)
    low, high = AuthEventFactory.create(risk_score=29), AuthEventFactory.create(risk_score=70)
    assert found(auditor, outcome="failure") == ids([failed])
    assert found(auditor, risk=70) == ids([high])
    assert found(auditor, risk=0) == ids([high, low])
    assert found(auditor, risk=71) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user_id", "nobody"),
        ("user_id", "ses_01h455vb4pex5vsknk084sn02q"),
        ("user_id", ""),
        ("user_id", "usr_\x00"),
        ("session_id", "usr_01h455vb4pex5vsknk084sn02q"),
        ("event_type", "auth.login.suceeded"),
        ("event_type", "*"),
        ("event_type", ""),
        ("from", "yesterday"),
        ("from", ""),
        ("from", "2026-13-01T00:00:00Z"),
        ("to", "0001-01-01T00:00:00+14:00"),
        ("to", "9999-12-31T23:59:59-12:00"),
        ("ip", "localhost"),
        ("ip", "192.0.2.0/33"),
        ("ip", "fe80::1%eth0"),
        ("ip", "1" * 5_000),
        ("outcome", "perhaps"),
        ("risk", "-1"),
        ("risk", "101"),
        ("risk", "high"),
        ("risk", "9" * 500),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "x"),
        ("cursor", ""),
        ("cursor", "x"),
        ("cursor", "é"),
        ("cursor", "f" + "_" * 31),  # some 290,000 years from now
        ("userid", "usr_01h455vb4pex5vsknk084sn02q"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(
    auditor: APIClient, name: str, value: str
) -> None:
    response = auditor.get(URL, {name: value})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith("/errors/invalid-request")
    assert [error["field"] for error in problem["errors"]] == [name]


def test_a_parameter_given_twice_is_refused(auditor: APIClient) -> None:
    response = auditor.get(URL, {"user_id": [new_user(), new_user()]})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "user_id"


def test_a_span_that_ends_before_it_begins_is_refused(auditor: APIClient) -> None:
    span = {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    response = auditor.get(URL, span)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "to"


def test_pages_hold_every_row_once_newest_first_although_rows_are_written_meanwhile(
    auditor: APIClient,
) -> None:
    now = timezone.now()
    # Several rows share a moment, so that the id decides.
    rows = [
        AuthEventFactory.create(occurred_at=now - timedelta(minutes=number // 3))
        for number in range(11)
    ]
    expected = sorted(rows, key=lambda row: (row.occurred_at, row.event_id), reverse=True)
    seen: list[str] = []
    cursor = None
    while cursor is not None or not seen:
        question = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = auditor.get(URL, question).json()
        seen += [row["id"] for row in page["results"]]
        cursor = page["next_cursor"]
        AuthEventFactory.create(occurred_at=now + timedelta(minutes=1))
    assert seen == ids(expected)


def test_the_last_page_says_so(auditor: APIClient) -> None:
    AuthEventFactory.create_batch(2)
    assert auditor.get(URL, {"limit": 2}).json()["next_cursor"] is None
    assert auditor.get(URL, {"limit": 1}).json()["next_cursor"] is not None


def test_rows_of_types_that_this_release_does_not_know_are_shown_without_a_class(
    auditor: APIClient,
) -> None:
    AuthEventFactory.create(event_type="future.thing")
    [row] = auditor.get(URL).json()["results"]
    assert (row["event_type"], row["ocsf_class_uid"]) == ("future.thing", None)


@pytest.mark.parametrize("rows", [10, 100])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    auditor: APIClient, rows: int, django_assert_num_queries: Any
) -> None:
    AuthEventFactory.create_batch(rows)
    with django_assert_num_queries(1):
        auditor.get(URL, {"limit": 200})
