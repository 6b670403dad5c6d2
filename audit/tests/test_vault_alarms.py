"""A secret that did not open is in the trail, also when all that was done around it is not."""

import pytest
from celery import shared_task
from django.core.signals import request_finished
from django.db import OperationalError, transaction

from audit import vault_alarms
from audit.models import AuthEvent
from config.http.context import RequestContext, acting
from config.vault import alarms
from config.vault.errors import KeyDestroyedError, OpenFailedError

PLACE = "vault_tests_note.secret of 7"


def rows() -> list[AuthEvent]:
    return list(AuthEvent.objects.filter(event_type="vault.open_failed"))


def fail() -> None:
    alarms.noted(OpenFailedError("refused"), place=PLACE)


@pytest.mark.django_db(transaction=True)
def test_it_is_written_at_once_where_nothing_can_take_it_back() -> None:
    with acting(RequestContext(actor_type="service", actor_id="orders", ip="203.0.113.7")):
        fail()
    (row,) = rows()
    assert (row.outcome, row.actor_id, row.ip) == ("failure", "orders", "203.0.113.7")
    assert row.metadata == {"place": PLACE, "reason": "refused"}


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_with_it_does_not_take_it_along() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        fail()
        raise RuntimeError
    assert rows() == []
    request_finished.send(sender=None)
    assert len(rows()) == 1
    request_finished.send(sender=None)
    assert len(rows()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_goes_on_all_the_same_writes_it_at_its_end() -> None:
    with transaction.atomic():
        fail()
    assert len(rows()) == 1


@shared_task(name="audit.tests.open_something")
def open_something() -> None:
    with transaction.atomic():
        fail()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_worker_writes_it_when_its_task_is_over() -> None:
    open_something.delay()
    assert len(rows()) == 1


@pytest.mark.django_db(transaction=True)
def test_shredding_is_no_alarm() -> None:
    alarms.noted(KeyDestroyedError(), place=PLACE)
    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_one_failure_is_one_alarm_however_many_hands_it_goes_through() -> None:
    error = OpenFailedError("malformed")
    alarms.noted(alarms.noted(error, place=PLACE), place="elsewhere")
    assert error.place == PLACE
    assert len(rows()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_does_not_make_it_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(vault_alarms, "emit", away)
    fail()
    assert rows() == []
