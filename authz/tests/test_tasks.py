"""The periodic work of this floor."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from authz.models import RoleGrant
from authz.services.roles import grant_role
from authz.tasks import close_expired_grants
from authz.tests.factories import make_person, make_role
from config.jobs.schedule import sync_schedule


@pytest.mark.django_db
def test_beat_is_told() -> None:
    sync_schedule()
    entry = PeriodicTask.objects.get(task=close_expired_grants.name)
    assert entry.enabled


@pytest.mark.django_db
def test_grants_that_have_run_out_are_closed() -> None:
    person = make_person()
    make_role(name="reader")
    soon = timezone.now() + timedelta(minutes=1)
    grant_role(user=person, role="reader", granted_by=None, reason="a test", expires_at=soon)
    with time_machine.travel(soon + timedelta(seconds=1)):
        assert close_expired_grants() == 1
    assert RoleGrant.objects.of(person.pk).get().end == "expired"
