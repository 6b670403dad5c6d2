"""Whether the trail has room, as the metrics tell it."""

from datetime import UTC, datetime

import pytest

from audit.metrics import trail_facts
from audit.tests.factories import AuthEventFactory


@pytest.mark.django_db
def test_months_ahead_and_stray_rows_are_told() -> None:
    AuthEventFactory.create(occurred_at=datetime(2001, 1, 1, tzinfo=UTC))
    AuthEventFactory.create()
    facts = {sample.name: sample.value for family in trail_facts() for sample in family.samples}
    assert facts == {
        "gatehouse_audit_partitions_ahead": 3,
        "gatehouse_audit_default_partition_rows": 1,
    }
