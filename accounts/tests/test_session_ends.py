"""How sessions end by themselves: from idleness, from age, and to make room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.models.session import EndReason, SignInMethod
from accounts.services import session_expiry, sessions
from accounts.services.sessions import Device
from accounts.tasks import end_run_out_sessions
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent
from config.http.context import RequestContext, acting
from config.jobs import schedule
from events.models import OutboxEvent
from tests.racing import at_once

DAY = 86_400


def later(**time: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def begin(user: User, *, persistent: bool = True) -> Session:
    with acting(RequestContext()):
        return sessions.begin(
            user=user,
            method=SignInMethod.PASSWORD,
            amr=("pwd",),
            device=Device(persistent=persistent),
        )


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("gatehouse_sessions_ended_total", {"reason": reason}) or 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("persistent", "days", "reason"),
    [(True, 15, EndReason.IDLE), (False, 1, EndReason.EXPIRED)],
)
def test_a_session_that_ran_out_gets_its_end_and_others_hear_of_it(
    django_capture_on_commit_callbacks: Any, persistent: bool, days: int, reason: EndReason
) -> None:
    session, before = begin(UserFactory.create(), persistent=persistent), counted(reason)
    with later(days=days), django_capture_on_commit_callbacks(execute=True):
        assert end_run_out_sessions() == 1
    ran_out_at = session.idle_expires_at
    session.refresh_from_db()
    assert (session.end_reason, session.ended_at) == (reason, ran_out_at)
    told = OutboxEvent.objects.get(event_type="user.session.ended.v1")
    assert told.data == {
        "user_id": session.user.public_id,
        "session_id": session.public_id,
        "reason": reason.value,
    }
    row = AuthEvent.objects.get(event_type="auth.logout")
    assert (row.actor_type, row.session_id) == ("system", session.public_id)
    assert counted(reason) == before + 1


@pytest.mark.django_db
def test_a_kept_session_that_is_refreshed_to_its_last_day_expires() -> None:
    session = begin(UserFactory.create())
    with later(days=89):
        sessions.touch(session)
    with later(days=90, seconds=1):
        session_expiry.end_run_out()
    session.refresh_from_db()
    assert session.end_reason == EndReason.EXPIRED


@pytest.mark.django_db
def test_the_sweep_ends_all_in_batches_and_leaves_the_living(
    environment: Callable[..., None],
) -> None:
    environment(session_sweep_batch=2)
    for _ in range(5):
        begin(UserFactory.create(), persistent=False)
    kept = begin(UserFactory.create())
    with later(days=1):
        assert session_expiry.end_run_out() == 5
        assert session_expiry.end_run_out() == 0
    assert list(Session.objects.filter(ended_at=None)) == [kept]


@pytest.mark.django_db(transaction=True)
def test_many_sweeps_at_once_tell_of_each_end_once() -> None:
    for _ in range(20):
        begin(UserFactory.create(), persistent=False)
    Session.objects.update(idle_expires_at=timezone.now() - timedelta(seconds=1))
    at_once(*[session_expiry.end_run_out] * 4)
    session_expiry.end_run_out()
    ended = OutboxEvent.objects.filter(event_type="user.session.ended.v1")
    assert len({event.data["session_id"] for event in ended}) == ended.count() == 20


@pytest.mark.django_db(transaction=True)
def test_the_sweep_does_not_wait_for_a_session_that_somebody_holds() -> None:
    held = begin(UserFactory.create(), persistent=False)
    other = begin(UserFactory.create(), persistent=False)
    Session.objects.update(idle_expires_at=timezone.now() - timedelta(seconds=1))
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=held.pk)
        assert at_once(session_expiry.end_run_out) == [1]
    other.refresh_from_db()
    assert other.end_reason == EndReason.IDLE


def test_beat_sweeps_every_minute() -> None:
    entry = schedule._registered["End sessions that ran out"]
    assert (entry.task, entry.every) == (end_run_out_sessions.name, timedelta(minutes=1))


@pytest.mark.django_db
def test_one_session_too_many_ends_the_oldest(
    sign_in: SignIn, environment: Callable[..., None]
) -> None:
    environment(sessions_per_person=2)
    oldest = sign_in()
    second, third = sign_in(oldest.user), sign_in(oldest.user)
    sign_in()  # somebody else's do not count
    alive = [who.client.get("/v1/users/me").status_code for who in (oldest, second, third)]
    assert alive == [401, 200, 200]
    ended = Session.objects.with_public_id(oldest.tokens["session_id"]).get()
    assert ended.end_reason == EndReason.LIMIT
    told = OutboxEvent.objects.get(event_type="user.session.ended.v1")
    assert told.data["reason"] == "limit"


@pytest.mark.django_db
def test_a_lower_limit_counts_from_the_next_sign_in_on(
    sign_in: SignIn, environment: Callable[..., None]
) -> None:
    asha = sign_in()
    for _ in range(4):
        sign_in(asha.user)
    environment(sessions_per_person=2)
    sign_in(asha.user)
    assert Session.objects.live().count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_sign_ins_at_once_never_leave_more_than_the_limit(
    ready: None, environment: Callable[..., None]
) -> None:
    environment(sessions_per_person=5)
    user = UserFactory.create(password=PASSWORD)
    body = {"email": user.email, "password": PASSWORD}
    answers = at_once(*[lambda: post(APIClient(), "/v1/auth/login", body).status_code] * 20)
    assert answers == [200] * 20
    assert Session.objects.live().count() == 5
    assert Session.objects.filter(end_reason=EndReason.LIMIT).count() == 15


@pytest.mark.django_db
def test_use_moves_last_active_once_a_minute_and_not_the_idle_end(sign_in: SignIn) -> None:
    asha = sign_in()

    def use() -> tuple[int, Session]:
        """How many UPDATEs a request costs, and the session after it."""
        with CaptureQueriesContext(connection) as captured:
            assert asha.client.get("/v1/users/me").status_code == 200
        written = [query for query in captured if query["sql"].startswith("UPDATE")]
        return len(written), Session.objects.get()

    begun = Session.objects.get()
    assert use()[0] == 0
    with later(seconds=61):
        writes, used = use()
        assert (writes, used.last_active_at) == (1, timezone.now())
        assert used.idle_expires_at == begun.idle_expires_at
        assert use()[0] == 0
    with later(seconds=122):
        assert use()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_notes_the_use() -> None:
    session = begin(UserFactory.create())
    Session.objects.update(last_active_at=timezone.now() - timedelta(hours=1))
    session.refresh_from_db()
    before = session.last_active_at
    at_once(*[lambda: sessions.note_use(session)] * 5)
    session.refresh_from_db()
    assert session.last_active_at > before


@pytest.mark.django_db
def test_an_ended_session_is_used_no_more() -> None:
    session = begin(UserFactory.create())
    Session.objects.update(last_active_at=timezone.now() - timedelta(hours=1))
    session.refresh_from_db()
    sessions.end(session=session, reason=EndReason.LOGOUT)
    sessions.note_use(session)
    assert Session.objects.get().last_active_at == session.last_active_at
