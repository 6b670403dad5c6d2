"""Whether the trail has room, as the metrics tell it."""

from datetime import UTC, datetime

import pytest

from audit.metrics import trail_facts
from audit.services.checkpoints import sign_all
from audit.tests.factories import AuthEventFactory


@pytest.mark.django_db
@pytest.mark.usefixtures("native_partitions")
def test_months_ahead_and_stray_rows_are_told() -> None:
    AuthEventFactory.create(occurred_at=datetime(2001, 1, 1, tzinfo=UTC))
    AuthEventFactory.create()
    facts = {sample.name: sample.value for family in trail_facts() for sample in family.samples}
    assert facts == {
        "gatehouse_audit_partitions_ahead": 3,
        "gatehouse_audit_default_partition_rows": 1,
        "gatehouse_audit_unchained_rows": 2,
    }


@pytest.mark.django_db
def test_the_age_of_the_last_checkpoint_is_told_once_there_is_one() -> None:
    sign_all()
    facts = {sample.name: sample.value for family in trail_facts() for sample in family.samples}
    assert 0 <= facts["gatehouse_audit_checkpoint_age_seconds"] < 60
