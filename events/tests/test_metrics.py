"""How much waits, as the metrics tell it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.metrics import outbox_facts
from events.models import OutboxEvent
from events.tests.factories import OutboxEventFactory

pytestmark = pytest.mark.django_db


def facts() -> dict[str, float]:
    return {sample.name: sample.value for family in outbox_facts() for sample in family.samples}


def test_an_empty_outbox_is_not_late() -> None:
    OutboxEventFactory.create(sent_at=timezone.now())
    assert facts() == {"gatehouse_outbox_pending": 0, "gatehouse_outbox_oldest_age_seconds": 0}


def test_the_backlog_and_the_age_of_its_oldest_event_are_told() -> None:
    OutboxEventFactory.create_batch(2)
    oldest = OutboxEventFactory.create()
    OutboxEvent.objects.filter(id=oldest.id).update(created_at=timezone.now() - timedelta(hours=1))
    told = facts()
    assert told["gatehouse_outbox_pending"] == 3
    assert 3600 <= told["gatehouse_outbox_oldest_age_seconds"] < 3700
