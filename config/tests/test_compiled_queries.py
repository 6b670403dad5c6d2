"""Compiled queries answer as the ORM does, whatever values they are asked with and by whom."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Count
from django.utils import timezone

from accounts.models import Session, User
from accounts.tests.factories import UserFactory
from config.compiled_queries import CompiledQuery, parameter
from tests.racing import at_once

BEGIN = timezone.now()


def session_of(user: User, **changes: object) -> Session:
    facts = {
        "user": user,
        "method": "password",
        "acr": "pwd",
        "amr": ["pwd"],
        "ip": "192.0.2.7",
        "auth_time": BEGIN,
        "last_active_at": BEGIN,
        "expires_at": BEGIN + timedelta(days=1),
        "idle_expires_at": BEGIN + timedelta(hours=1),
    }
    return Session.objects.create(**(facts | changes))


def facts_of(session: Session) -> dict[str, object]:
    """Every column, of the session and of its person."""
    columns = {field.attname: getattr(session, field.attname) for field in Session._meta.fields}
    person = session._state.fields_cache["user"]
    return columns | {
        f"user.{field.attname}": getattr(person, field.attname) for field in User._meta.fields
    }


@pytest.mark.django_db
def test_rows_are_what_the_queryset_gives_related_ones_included() -> None:
    session = session_of(UserFactory.create(phone="+919876543210"), risk_signals=["new_device"])
    session_of(UserFactory.create())
    query = CompiledQuery(
        lambda: Session.objects.select_related("user").filter(pk=parameter("key"))
    )
    (found,) = query.rows(key=session.pk)
    assert facts_of(found) == facts_of(Session.objects.select_related("user").get(pk=session.pk))
    assert not found._state.adding
    found.device_name = "a desk"
    found.save()
    assert query.rows(key=session.pk)[0].device_name == "a desk"


@pytest.mark.django_db
def test_every_call_is_answered_for_its_own_values() -> None:
    asha, ravi = UserFactory.create(), UserFactory.create()
    live, over = session_of(asha), session_of(ravi, expires_at=BEGIN, idle_expires_at=BEGIN)
    query = CompiledQuery(
        lambda: Session.objects.live(at=parameter("now")).for_user(parameter("user_id"))
    )
    now, earlier = timezone.now(), BEGIN - timedelta(minutes=1)
    assert query.rows(now=now, user_id=asha.pk) == [live]
    assert query.rows(now=now, user_id=ravi.pk) == []
    assert query.first(now=now, user_id=ravi.pk) is None
    assert query.first(now=earlier, user_id=ravi.pk) == over


@pytest.mark.django_db
def test_what_is_annotated_and_what_is_selected_by_name_comes_too() -> None:
    asha = UserFactory.create()
    session_of(asha)
    counted = CompiledQuery(
        lambda: User.objects.annotate(devices=Count("sessions")).filter(pk=parameter("key"))
    )
    named = CompiledQuery(lambda: Session.objects.values_list("user__email", "amr", "ip"))
    assert [user.devices for user in counted.rows(key=asha.pk)] == [1]  # type: ignore[attr-defined]
    assert named.rows() == [(asha.email, ["pwd"], "192.0.2.7")]


@pytest.mark.django_db
def test_a_value_is_a_value_whatever_is_in_it() -> None:
    asha = UserFactory.create(email="asha@example.com")
    query = CompiledQuery(lambda: User.objects.with_lowered_email(parameter("email")))
    assert query.rows(email="asha@example.com") == [asha]
    for text in ("' OR '1'='1", "%s", "%(email)s", "asha@example.com' --", "\\"):
        assert query.rows(email=text) == []


@pytest.mark.django_db
def test_the_sql_is_made_once_and_a_missing_value_is_named(
    django_assert_num_queries: Callable[..., object],
) -> None:
    made = []

    def build() -> object:
        made.append(1)
        return User.objects.filter(pk=parameter("key"))

    query: CompiledQuery[User] = CompiledQuery(build)  # type: ignore[arg-type]
    asha = UserFactory.create()
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert query.rows(key=asha.pk) == query.rows(key=asha.pk) == [asha]
    assert made == [1]
    with pytest.raises(KeyError, match="key"):
        query.rows()


@pytest.mark.django_db(transaction=True)
def test_threads_share_one_and_get_their_own_answers() -> None:
    people = [UserFactory.create() for _ in range(4)]
    query = CompiledQuery(lambda: User.objects.filter(pk=parameter("key")))
    answers = at_once(*(partial(query.rows, key=person.pk) for person in people))
    assert answers == [[person] for person in people]
