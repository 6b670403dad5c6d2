"""Oneself, and everybody for staff."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.errors import StatusTransitionError
from accounts.models import User
from accounts.models.user import UserStatus
from accounts.services import status
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import UserFactory
from accounts.tests.second_factor import enrol
from audit.models import AuthEvent
from authz.services.roles import grant_role
from authz.tasks import close_expired_grants
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]
Api = Callable[..., APIClient]


def staff(api: Api, *scopes: str) -> APIClient:
    return api(UserFactory.create(), scopes=scopes or ("users:read", "users:write"))


def test_people_see_and_change_themselves(api: Api) -> None:
    user = UserFactory.create()
    client = api(user)
    answer = client.patch(
        "/v1/users/me", {"name": "New Name", "timezone": "Europe/Paris"}, format="json"
    )
    assert (answer.json()["name"], answer.json()["timezone"]) == ("New Name", "Europe/Paris")
    event = OutboxEvent.objects.get(event_type="user.updated.v1")
    assert event.data["changed"] == ["name", "timezone"]
    assert "New Name" not in str(event.data)


def test_a_change_that_changes_nothing_is_no_event(api: Api) -> None:
    user = UserFactory.create()
    assert api(user).patch("/v1/users/me", {"name": user.name}, format="json").status_code == 200
    assert not OutboxEvent.objects.filter(event_type="user.updated.v1").exists()


@pytest.mark.parametrize("field", ["email", "status", "id", "is_staff", "roles", "password"])
def test_what_is_not_theirs_to_change_is_refused(api: Api, field: str) -> None:
    answer = api(UserFactory.create()).patch("/v1/users/me", {field: "x"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "123"), ("timezone", "Nowhere"), ("locale", "xx"), ("name", "")]
)
def test_a_value_that_cannot_be_is_named(api: Api, field: str, value: str) -> None:
    answer = api(UserFactory.create()).patch("/v1/users/me", {field: value}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_service_is_nobody(api: Api) -> None:
    assert api(service="ticker").get("/v1/users/me").status_code == 403


def test_preferences_start_with_defaults_and_are_patched_by_merge(api: Api) -> None:
    client = api(UserFactory.create())
    assert client.get("/v1/users/me/preferences").json()["theme"] == "system"
    patched = client.patch(
        "/v1/users/me/preferences",
        {"theme": "dark", "notifications": {"product_news_email": True}},
        format="json",
    ).json()
    assert patched["theme"] == "dark"
    assert patched["notifications"] == {
        "new_device_email": True,
        "broker_login_email": True,
        "product_news_email": True,
    }
    back = client.patch("/v1/users/me/preferences", {"theme": None}, format="json").json()
    assert back["theme"] == "system"
    assert back["notifications"]["product_news_email"] is True


def test_putting_preferences_replaces_them_all(api: Api) -> None:
    client = api(UserFactory.create())
    client.patch("/v1/users/me/preferences", {"theme": "dark"}, format="json")
    answer = client.put(
        "/v1/users/me/preferences", {"notifications": {"new_device_email": False}}, format="json"
    )
    assert answer.json()["theme"] == "system"
    assert answer.json()["notifications"]["new_device_email"] is False


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"theme": "pink"}, "theme"),
        ({"notifications": {"new_device_email": "yes"}}, "notifications.new_device_email"),
        ({"colour": "red"}, ""),
        (
            {"default_trading_account_id": "acc_01h455vb4pex5vsknk084sn02q"},
            "default_trading_account_id",
        ),
    ],
)
def test_a_preference_of_the_wrong_shape_is_named(
    api: Api, document: dict[str, Any], field: str
) -> None:
    answer = api(UserFactory.create()).patch("/v1/users/me/preferences", document, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_staff_find_people_by_part_of_what_they_know(api: Api) -> None:
    asha = UserFactory.create(name="Asha Rao", email="asha@example.com", phone="+919876543210")
    UserFactory.create(name="Ravi", email="ravi@example.com")
    client = staff(api)
    for search in ("rao", "ASHA@", "98765", asha.public_id):
        found = client.get("/v1/users", {"search": search}).json()["results"]
        assert [row["id"] for row in found] == [asha.public_id]


def test_a_whole_address_finds_its_owner_alone(api: Api, django_assert_num_queries: Any) -> None:
    asha = UserFactory.create(email="asha@example.com")
    UserFactory.create(email="natasha@example.com.au")
    client = staff(api)
    found = client.get("/v1/users", {"search": "Asha@Example.com"}).json()["results"]
    assert [row["id"] for row in found] == [asha.public_id]
    part = client.get("/v1/users", {"search": "asha@example.co"}).json()["results"]
    assert len(part) == 2
    with django_assert_num_queries(2):
        client.get("/v1/users", {"search": "asha@example.com"})


def test_staff_filter_by_status_and_role(api: Api) -> None:
    suspended = UserFactory.create(status=UserStatus.SUSPENDED)
    trader = UserFactory.create()
    grant_role(user=trader, role="trader", granted_by=None, reason="for the test")
    client = staff(api)
    by_status = client.get("/v1/users", {"status": "suspended"}).json()["results"]
    by_role = client.get("/v1/users", {"role": "trader"}).json()["results"]
    assert [row["id"] for row in by_status] == [suspended.public_id]
    assert [row["id"] for row in by_role] == [trader.public_id]
    assert client.get("/v1/users", {"status": "dead"}).status_code == 400


def test_nobody_else_sees_the_directory(api: Api) -> None:
    user = UserFactory.create()
    for path in ("/v1/users", f"/v1/users/{user.public_id}"):
        assert api(user).get(path).status_code == 403
        assert api().get(path).status_code == 401


@pytest.mark.parametrize(
    "user_id", ["usr_x", "ses_01h455vb4pex5vsknk084sn02q", "usr_01h455vb4pex5vsknk084sn02q"]
)
def test_an_unknown_person_is_not_found(api: Api, user_id: str) -> None:
    assert staff(api).get(f"/v1/users/{user_id}").status_code == 404


def test_staff_suspend_with_a_reason_and_let_in_again(api: Api) -> None:
    user = UserFactory.create()
    client = staff(api)
    path = f"/v1/users/{user.public_id}"
    assert post(client, f"{path}/suspend", {}).status_code == 400
    assert (
        post(client, f"{path}/suspend", {"reason": "court order"}).json()["status"] == "suspended"
    )
    assert AuthEvent.objects.get(event_type="account.suspended").metadata["reason"] == "court order"
    assert post(client, f"{path}/suspend", {"reason": "again"}).status_code == 409
    assert post(client, f"{path}/reactivate", {"reason": "lifted"}).json()["status"] == "active"
    assert (
        post(client, f"{path}/deactivate", {"reason": "asked by phone"}).json()["status"]
        == "deactivated"
    )


def test_reading_people_does_not_let_one_change_them(api: Api) -> None:
    user = UserFactory.create()
    client = staff(api, "users:read")
    assert post(client, f"/v1/users/{user.public_id}/suspend", {"reason": "no"}).status_code == 403


def test_an_address_that_was_never_verified_is_not_reactivated(api: Api) -> None:
    user = UserFactory.create(status=UserStatus.SUSPENDED, email_verified_at=None)
    answer = post(staff(api), f"/v1/users/{user.public_id}/reactivate", {"reason": "asked"})
    assert answer.status_code == 409


@pytest.mark.parametrize("came_from", UserStatus)
@pytest.mark.parametrize("to", UserStatus)
def test_a_status_changes_only_along_its_arrows(came_from: UserStatus, to: UserStatus) -> None:
    user = UserFactory.create(status=came_from)
    if to in status.ARROWS[came_from]:
        status.move(user, to, reason="")
        assert User.objects.get(pk=user.pk).status == to
    else:
        with pytest.raises(StatusTransitionError):
            status.move(user, to, reason="")
        assert User.objects.get(pk=user.pk).status == came_from


def test_a_status_that_somebody_else_changed_first_is_not_overwritten() -> None:
    user = UserFactory.create()
    User.objects.filter(pk=user.pk).update(status=UserStatus.DEACTIVATED)
    with pytest.raises(StatusTransitionError):
        status.suspend(user=user, reason="too late")


def test_a_profile_is_changed_only_as_it_was_read(api: Api) -> None:
    user = UserFactory.create()
    client = api(user)
    seen = client.get("/v1/users/me")["ETag"]
    first = client.patch("/v1/users/me", {"name": "One"}, format="json", HTTP_IF_MATCH=seen)
    assert (first.status_code, first["ETag"] != seen) == (200, True)
    late = client.patch("/v1/users/me", {"name": "Two"}, format="json", HTTP_IF_MATCH=seen)
    assert late.json()["type"].endswith("/errors/precondition-failed")
    assert late.status_code == 412
    assert User.objects.get(pk=user.pk).name == "One"
    assert client.patch("/v1/users/me", {"name": "Two"}, format="json").status_code == 200


@pytest.mark.parametrize("name", ["Claim your prize at evil.example", "Two\nlines", "\u202eihsA"])
def test_a_name_holds_no_link_and_nothing_unseen(api: Api, name: str) -> None:
    body = {"email": "new@example.com", "password": "a long enough one", "name": name}
    registered = post(api(), "/v1/auth/register", body)
    changed = api(UserFactory.create()).patch("/v1/users/me", {"name": name}, format="json")
    for answer in (registered, changed):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "name")
    assert not User.objects.filter(email="new@example.com").exists()


def test_the_directory_pages_by_key_and_shows_everybody_once(api: Api) -> None:
    people = {UserFactory.create(name=f"Twin {n}").public_id for n in range(7)}
    client = staff(api)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/users", {"limit": "3", "search": "Twin", **cursor}).json()
        seen += [row["id"] for row in page["results"]]
        UserFactory.create(name="Twin who came meanwhile")
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(people)
    assert seen == sorted(seen, reverse=True)


def test_a_page_of_the_directory_is_two_queries_however_long(
    api: Api, django_assert_num_queries: Any
) -> None:
    client = staff(api)
    for _ in range(5):
        grant_role(user=UserFactory.create(), role="trader", granted_by=None, reason="test")
    with django_assert_num_queries(2):  # the role's key, and the page
        client.get("/v1/users", {"role": "trader", "status": "active", "search": "person"})


@pytest.mark.parametrize(
    ("wanted", "count"), [({"limit": "0"}, 400), ({"limit": "201"}, 400), ({"cursor": "x"}, 400)]
)
def test_a_page_that_cannot_be_is_refused(api: Api, wanted: dict[str, str], count: int) -> None:
    assert staff(api).get("/v1/users", wanted).status_code == count


def test_a_role_that_has_run_out_opens_nothing_from_that_moment_on(sign_in: SignIn) -> None:
    asha = sign_in()
    enrol(asha)
    until = timezone.now() + timedelta(minutes=2)
    grant_role(user=asha.user, role="support", granted_by=None, reason="test", expires_at=until)
    assert asha.client.get("/v1/users").status_code == 200
    with time_machine.travel(until):
        refused = asha.client.get("/v1/users")
        assert refused.status_code == 403
        assert refused["WWW-Authenticate"].startswith('Bearer error="insufficient_scope"')
        assert not AuthEvent.objects.filter(event_type="authz.role.expired").exists()
        close_expired_grants()
        row = AuthEvent.objects.get(event_type="authz.role.expired")
        assert (row.subject_user_id, row.metadata["role"]) == (asha.user.public_id, "support")


ACTIONS: dict[str, tuple[set[UserStatus], UserStatus]] = {
    "suspend": ({UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION}, UserStatus.SUSPENDED),
    "reactivate": ({UserStatus.SUSPENDED, UserStatus.DEACTIVATED}, UserStatus.ACTIVE),
    "deactivate": (
        {UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION, UserStatus.SUSPENDED},
        UserStatus.DEACTIVATED,
    ),
}


@pytest.mark.parametrize("came_from", UserStatus)
@pytest.mark.parametrize("action", ACTIONS)
def test_staff_move_people_along_the_arrows_and_no_others(
    api: Api, came_from: UserStatus, action: str
) -> None:
    verified = None if came_from == UserStatus.PENDING_VERIFICATION else timezone.now()
    user = UserFactory.create(status=came_from, email_verified_at=verified)
    allowed, to = ACTIONS[action]
    answer = post(staff(api), f"/v1/users/{user.public_id}/{action}", {"reason": "for the test"})
    moved = came_from in allowed
    assert answer.status_code == (200 if moved else 409)
    assert User.objects.get(pk=user.pk).status == (to if moved else came_from)
    assert AuthEvent.objects.filter(event_type__startswith="account.").exists() == moved
