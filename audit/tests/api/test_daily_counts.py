"""GET /v1/audit/daily-counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.chain.daily_models import DailyCount
from audit.services.chaining import chain_waiting
from audit.tests.factories import AuthEventFactory
from audit.types import AuditType, Outcome
from conftest import ApiClientFactory

URL = "/v1/audit/daily-counts"
DAY = "2026-03-04"

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(api: ApiClientFactory) -> APIClient:
    return api(service="siem", scopes={"audit:read"})


def told(client: APIClient, **question: Any) -> list[tuple[str, str, str, int]]:
    response = client.get(URL, question)
    assert response.status_code == 200, response.json()
    keys = ("day", "event_type", "outcome", "events")
    return [tuple(row[key] for key in keys) for row in response.json()["results"]]


def happened(number: int, moment: str, **fields: Any) -> None:
    AuthEventFactory.create_batch(number, occurred_at=moment, **fields)


def test_a_caller_without_the_scope_is_refused(api: ApiClientFactory) -> None:
    assert api(service="ticker", scopes={"users:read"}).get(URL).status_code == 403


def test_each_day_is_counted_by_type_and_outcome(auditor: APIClient) -> None:
    failed = {"event_type": AuditType.SIGN_IN_FAILED, "outcome": Outcome.FAILURE}
    happened(9, "2026-03-04T00:00:00Z")
    happened(3, "2026-03-04T23:59:59.999999Z", **failed)
    happened(2, "2026-03-05T00:00:00Z", **failed)
    chain_waiting()

    asked = {"from": DAY, "to": "2026-03-05"}
    assert told(auditor, **asked) == [
        (DAY, "auth.login.failed", "failure", 3),
        (DAY, "auth.login.succeeded", "success", 9),
        ("2026-03-05", "auth.login.failed", "failure", 2),
    ]
    assert told(auditor, **asked, outcome="success") == [
        (DAY, "auth.login.succeeded", "success", 9)
    ]
    assert told(auditor, **asked, event_type="auth.login.failed")[0][3] == 3
    assert told(auditor, **{"from": DAY, "to": DAY}, event_type="account.*") == []


def test_rows_are_counted_once_however_often_they_are_queued(auditor: APIClient) -> None:
    happened(5, "2026-03-04T10:00:00Z")
    chain_waiting(batch_size=1)
    happened(2, "2026-03-04T11:00:00Z")
    chain_waiting()
    chain_waiting()
    assert told(auditor, **{"from": DAY, "to": DAY}) == [
        (DAY, "auth.login.succeeded", "success", 7)
    ]


def test_without_days_the_last_thirty_are_told(auditor: APIClient) -> None:
    now = timezone.now()
    for days in (0, 29, 30):
        AuthEventFactory.create(occurred_at=now - timedelta(days=days))
    chain_waiting()
    assert [row[0] for row in told(auditor)] == [
        (now - timedelta(days=29)).date().isoformat(),
        now.date().isoformat(),
    ]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-05", "to": "2026-03-04"}, "to"),
        ({"from": "2026-01-01", "to": "2026-04-03"}, "from"),
        ({"to": "0001-01-01", "from": ""}, "from"),
        ({"event_type": "auth.nothing"}, "event_type"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"until": DAY}, "until"),
        ({"to": [DAY, DAY]}, "to"),
    ],
)
def test_a_question_that_makes_no_sense_names_the_parameter(
    auditor: APIClient, question: dict[str, Any], field: str
) -> None:
    response = auditor.get(URL, question)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_ninety_two_days_may_be_asked_and_the_first_day_of_all_too(auditor: APIClient) -> None:
    assert told(auditor, **{"from": "2026-01-01", "to": "2026-04-02"}) == []
    assert told(auditor, to="0001-01-01") == []


def test_shards_are_counted_apart_and_told_together(auditor: APIClient) -> None:
    happened(40, "2026-03-04T10:00:00Z")
    chain_waiting()
    assert DailyCount.objects.count() > 1
    assert told(auditor, **{"from": DAY, "to": DAY})[0][3] == 40
