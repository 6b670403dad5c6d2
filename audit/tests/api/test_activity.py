"""GET /v1/users/me/activity."""

from dataclasses import dataclass
from typing import Any

import pytest

from audit.tests.factories import AuthEventFactory, new_session, new_user
from audit.types import ActorType, AuditType
from conftest import ApiClientFactory

URL = "/v1/users/me/activity"

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Person:
    """As much of a person as a token proves."""

    public_id: str
    is_authenticated: bool = True


@pytest.fixture
def person() -> Person:
    return Person(new_user())


def activity(api: ApiClientFactory, person: Person) -> list[dict[str, Any]]:
    response = api(person).get(URL)
    assert response.status_code == 200
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def test_people_see_their_own_and_nothing_of_others(api: ApiClientFactory, person: Person) -> None:
    mine = AuthEventFactory.create(subject_user_id=person.public_id)
    AuthEventFactory.create(actor_type=ActorType.USER, actor_id=person.public_id)
    assert [row["id"] for row in activity(api, person)] == [mine.public_id]


def test_a_row_says_what_when_and_from_where_and_no_more(
    api: ApiClientFactory, person: Person
) -> None:
    session = new_session()
    row = AuthEventFactory.create(
        subject_user_id=person.public_id,
        actor_type=ActorType.USER,
        actor_id=person.public_id,
        session_id=session,
        ip="192.0.2.7",
        country="IN",
        user_agent="Browser/1",
        risk_score=80,
        risk_signals=["new_device"],
    )
    [told] = activity(api, person)
    assert told.pop("occurred_at")
    assert told == {
        "id": row.public_id,
        "event_type": "auth.login.succeeded",
        "outcome": "success",
        "by": "you",
        "session_id": session,
        "ip": "192.0.2.7",
        "country": "IN",
        "user_agent": "Browser/1",
    }


@pytest.mark.parametrize(
    ("actor_type", "by", "shown"),
    [
        (ActorType.ANONYMOUS, "unknown", True),
        (ActorType.USER, "another_person", False),
        (ActorType.SERVICE, "service", False),
        (ActorType.SYSTEM, "system", False),
    ],
)
def test_where_others_acted_from_is_theirs(
    api: ApiClientFactory, person: Person, actor_type: ActorType, by: str, shown: bool
) -> None:
    AuthEventFactory.create(
        subject_user_id=person.public_id,
        event_type=AuditType.ACCOUNT_SUSPENDED,
        actor_type=actor_type,
        actor_id="" if actor_type == ActorType.ANONYMOUS else "somebody",
        session_id=new_session(),
        ip="192.0.2.7",
        country="IN",
        user_agent="Browser/1",
    )
    [told] = activity(api, person)
    assert told["by"] == by
    if shown:
        assert (told["ip"], told["country"], told["user_agent"]) == ("192.0.2.7", "IN", "Browser/1")
    else:
        assert (told["ip"], told["session_id"]) == (None, "")
        assert (told["country"], told["user_agent"]) == ("", "")


def test_it_comes_in_pages(api: ApiClientFactory, person: Person) -> None:
    AuthEventFactory.create_batch(3, subject_user_id=person.public_id)
    page = api(person).get(URL, {"limit": 2}).json()
    rest = api(person).get(URL, {"limit": 2, "cursor": page["next_cursor"]}).json()
    assert (len(page["results"]), len(rest["results"]), rest["next_cursor"]) == (2, 1, None)


def test_services_and_strangers_have_no_activity(api: ApiClientFactory) -> None:
    assert api(service="siem", scopes={"audit:read"}).get(URL).status_code == 403
    assert api().get(URL).status_code in (401, 403)
