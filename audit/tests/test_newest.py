"""The newest rows of several types, found type by type and merged."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import MOST_MERGED, AuthEvent, AuthEventQuerySet
from audit.tests.factories import AuthEventFactory
from audit.types import AuditType, Outcome

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
THREE = (AuditType.ACCOUNT_UPDATED, AuditType.SIGNED_OUT, AuditType.ROLE_GRANTED)


@pytest.fixture(autouse=True)
def _rows() -> None:
    """Forty, two at each moment, of more types than are asked for."""
    kinds = cycle([*THREE, AuditType.SIGN_IN_FAILED, AuditType.ACCOUNT_UPDATED])
    for number in range(40):
        AuthEventFactory.create(
            event_type=next(kinds),
            occurred_at=BEGIN + timedelta(hours=number // 2),
            outcome=Outcome.FAILURE if number % 3 else Outcome.SUCCESS,
        )


def of(types: Collection[AuditType]) -> AuthEventQuerySet:
    return AuthEvent.objects.since(BEGIN).until(BEGIN + timedelta(days=2)).of_types(types)


@pytest.mark.parametrize("limit", [1, 7, 32, 100])
def test_they_are_the_same_and_in_the_same_order(limit: int) -> None:
    rows = of(THREE)

    assert rows.newest(limit) == list(rows.newest_first()[:limit])


def test_other_filters_hold_and_a_page_goes_on_behind_the_one_before() -> None:
    rows = of(THREE).with_outcome(Outcome.FAILURE)
    pages, page = [], rows.newest(5)
    while page:
        pages += page
        page = rows.after(page[-1].position).newest(5)

    assert len(pages) > 10
    assert pages == list(rows.newest_first())


@pytest.mark.parametrize(
    ("types", "merged"),
    [
        (THREE[:1], False),
        (THREE, True),
        (list(AuditType)[:MOST_MERGED], True),
        (list(AuditType)[: MOST_MERGED + 1], False),
    ],
)
def test_one_type_and_very_many_are_asked_for_plainly(
    types: Collection[AuditType], merged: bool
) -> None:
    with CaptureQueriesContext(connection) as queries:
        of(types).newest(3)

    assert ("LATERAL" in queries.captured_queries[0]["sql"]) == merged
