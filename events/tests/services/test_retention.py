"""The outbox forgets what it has sent, in time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from config import bulk
from events import tasks
from events.models import OutboxEvent
from events.tests.factories import OutboxEventFactory

pytestmark = pytest.mark.django_db


def test_what_was_sent_long_ago_goes_and_the_rest_stays(environment: Callable[..., None]) -> None:
    environment(outbox_retention=3600)
    now = timezone.now()
    old = OutboxEventFactory.create(sent_at=now - timedelta(seconds=3700))
    recent = OutboxEventFactory.create(sent_at=now - timedelta(seconds=3500))
    waiting = OutboxEventFactory.create()
    OutboxEvent.objects.filter(id=waiting.id).update(created_at=now - timedelta(days=30))
    assert tasks.prune_outbox() == 1
    assert set(OutboxEvent.objects.all()) == {recent, waiting}
    assert old not in OutboxEvent.objects.all()


def test_many_rows_go_in_several_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    long_ago = timezone.now() - timedelta(days=365)
    OutboxEventFactory.create_batch(5, sent_at=long_ago)
    assert tasks.prune_outbox() == 5
    assert not OutboxEvent.objects.exists()
