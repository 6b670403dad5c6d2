"""What happened is in the trail if and only if it happened."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY

from audit.models import AuthEvent
from audit.tests.factories import (
    SomebodySignedIn,
    SomebodyWasRefused,
    SomethingSecretHappened,
    new_session,
    new_user,
)
from config.http.context import RequestContext, acting
from config.tests.mmdb import HOSTING, IN_OSLO
from events.domain import DomainEvent, emit
from events.models import OutboxEvent


@dataclass(frozen=True, kw_only=True)
class Untold(DomainEvent):
    """Leaves no row."""


@pytest.mark.django_db
def test_a_row_says_what_happened_to_whom_by_whom_and_from_where() -> None:
    user = new_user()
    context = RequestContext(
        request_id="r-1",
        actor_type="user",
        actor_id="usr_actor",
        client_id="web",
        session_id="ses_1",
        ip="192.0.2.7",
        user_agent="Browser/1",
        country="IN",
        device_fingerprint="abc",
    )
    with acting(context):
        emit(SomebodySignedIn(user_id=user))
    row = AuthEvent.objects.get()
    assert (row.event_type, row.outcome) == ("auth.login.succeeded", "success")
    assert (row.actor_type, row.actor_id, row.subject_user_id) == ("user", "usr_actor", user)
    assert (row.session_id, row.client_id, row.request_id) == ("ses_1", "web", "r-1")
    assert (row.ip, row.country, row.user_agent) == ("192.0.2.7", "IN", "Browser/1")
    assert row.device_fingerprint == "abc"
    assert (row.risk_score, row.risk_signals) == (None, [])
    assert row.metadata == {"user_id": user, "method": "password"}
    assert str(row) == f"auth.login.succeeded {row.public_id}"


@pytest.mark.django_db
def test_an_event_may_bring_its_session_its_risk_and_its_outcome() -> None:
    session = new_session()
    with acting(RequestContext(session_id="ses_other")):
        emit(
            SomebodyWasRefused(
                user_id=new_user(),
                session_id=session,
                risk_score=80,
                risk_signals=("new_device", "new_country"),
            )
        )
    row = AuthEvent.objects.get()
    assert (row.outcome, row.session_id, row.risk_score) == ("failure", session, 80)
    assert row.risk_signals == ["new_device", "new_country"]


@pytest.mark.django_db
def test_outside_a_request_the_system_did_it() -> None:
    emit(SomebodySignedIn(user_id=new_user()))
    row = AuthEvent.objects.get()
    assert (row.actor_type, row.actor_id, row.ip) == ("system", "", None)


@pytest.mark.django_db
def test_the_row_and_the_event_that_leaves_have_one_id_and_each_its_own_words() -> None:
    emit(SomethingSecretHappened(user_id=new_user(), email="a@example.com"))
    row, sent = AuthEvent.objects.get(), OutboxEvent.objects.get()
    assert row.public_id == sent.public_id
    assert AuthEvent.parse_id(sent.public_id) == row.event_id
    assert sent.data["email"] == "a@example.com"
    assert row.metadata == {"method": "password"}


@pytest.mark.django_db
def test_an_event_without_an_audit_type_leaves_no_row() -> None:
    emit(Untold())
    assert not AuthEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_never_happened() -> None:
    with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
        emit(SomebodySignedIn(user_id=new_user()))
        raise RuntimeError("undo")
    assert not AuthEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_type_outside_the_vocabulary_undoes_the_change() -> None:
    class Misspelt(SomebodySignedIn):
        audit_type = "auth.login.suceeded"

    with pytest.raises(ValueError, match="suceeded"), transaction.atomic():
        emit(SomebodySignedIn(user_id=new_user()))
        emit(Misspelt(user_id=new_user()))
    assert not AuthEvent.objects.exists()


@pytest.mark.django_db
def test_no_header_of_a_stranger_stops_a_sign_in() -> None:
    hostile = RequestContext(
        user_agent="x" * 5_000, device_fingerprint="y" * 5_000, ip="fe80::1%eth0"
    )
    with acting(hostile):
        emit(SomebodySignedIn(user_id=new_user()))
    row = AuthEvent.objects.get()
    assert (len(row.user_agent), len(row.device_fingerprint), row.ip) == (512, 128, "fe80::1")


@pytest.mark.django_db
@pytest.mark.usefixtures("mapped")
def test_a_row_says_from_which_country_and_network() -> None:
    with acting(RequestContext(ip=IN_OSLO)):
        emit(SomebodySignedIn(user_id=new_user()))
    row = AuthEvent.objects.get()
    assert (row.country, row.asn) == ("NO", HOSTING)


@pytest.mark.django_db
def test_the_trail_costs_one_insert() -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        emit(SomebodySignedIn(user_id=new_user()))
    assert len(captured) == 1
    assert captured[0]["sql"].startswith("INSERT")


@pytest.mark.django_db
def test_rows_are_counted_by_class_once_they_are_committed(
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    def counted() -> float:
        labels = {"class": "authentication"}
        return REGISTRY.get_sample_value("gatehouse_audit_events_total", labels) or 0

    before = counted()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        emit(SomebodySignedIn(user_id=new_user()))
        assert counted() == before
    assert counted() == before + 1
