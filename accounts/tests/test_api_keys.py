"""A person's own keys: made, used, revoked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from accounts.services import api_key_format, api_keys, status
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import UserFactory
from accounts.tests.second_factor import enrol
from audit.models import AuthEvent
from authz.services.roles import grant_role
from config.telemetry import planted_secrets
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]
Api = Callable[..., APIClient]
KEYS = "/v1/users/me/api-keys"


@pytest.fixture
def asha() -> User:
    person: User = UserFactory.create(name="Asha Rao")
    return person


def make(user: User, **terms: Any) -> str:
    issued = api_keys.create(user=user, **{"name": "robot", "scopes": ["me:read"], **terms})
    planted_secrets.add(issued.secret)
    return issued.secret


def holding(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def uses(outcome: str) -> float:
    return REGISTRY.get_sample_value("gatehouse_api_key_uses_total", {"outcome": outcome}) or 0


def test_a_key_is_shown_once_and_only_its_hash_is_kept(api: Api, asha: User) -> None:
    client = api(asha, acr="mfa")
    body = {
        "name": "Nightly report",
        "scopes": ["me:read", "accounts:read"],
        "allowed_networks": ["203.0.113.0/24", "2001:db8::/32"],
    }
    made = post(client, KEYS, body)
    assert made.status_code == 201, made.content
    secret = made.json()["secret"]
    planted_secrets.add(secret)
    assert api_key_format.is_well_formed(secret)
    assert made["Cache-Control"] == "no-store"

    [listed] = client.get(KEYS).json()["results"]
    assert listed == {name: value for name, value in made.json().items() if name != "secret"}
    assert (listed["name"], listed["hint"]) == ("Nightly report", secret[-4:])
    assert listed["scopes"] == ["accounts:read", "me:read"]
    assert listed["allowed_networks"] == ["2001:db8::/32", "203.0.113.0/24"]
    assert (listed["last_used_at"], listed["last_used_ip"]) == (None, None)
    row = ApiKey.objects.get()
    assert bytes(row.digest) == api_keys.digest_of(secret)
    assert secret not in str(row.__dict__)


def test_making_and_revoking_want_a_fresh_second_factor(api: Api, asha: User) -> None:
    client = api(asha, acr="pwd")
    key = api_keys.create(user=asha, name="robot", scopes=["me:read"]).key
    body = {"name": "robot", "scopes": ["me:read"]}
    for answer in (post(client, KEYS, body), client.delete(f"{KEYS}/{key.public_id}")):
        assert answer.status_code == 401
        assert 'acr_values="mfa"' in answer["WWW-Authenticate"]
    assert client.get(KEYS).status_code == 200


def test_with_a_real_factor_and_a_real_request_it_works_end_to_end(sign_in: SignIn) -> None:
    person = sign_in()
    enrol(person)
    secret = post(person.client, KEYS, {"name": "robot", "scopes": ["me:read"]}).json()["secret"]
    planted_secrets.add(secret)

    assert holding(secret).get("/v1/users/me").json()["id"] == person.user.public_id


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["users:read"]}, "scopes.0"),
        ({"scopes": ["me:read", "audit:read"]}, "scopes.1"),
        ({"name": ""}, "name"),
        ({"name": "see evil.example"}, "name"),
        ({"name": "two\u2028lines"}, "name"),
        ({"allowed_networks": ["10.0.0.0/33"]}, "allowed_networks"),
        ({"allowed_networks": ["10.0.0.1/8"]}, "allowed_networks"),
        ({"allowed_networks": ["10.0.0.0/8"] * 21}, "allowed_networks"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9999-01-01T00:00:00Z"}, "expires_at"),
        ({"secret": "gh_pat_mine"}, "secret"),
        ({"user": "usr_x"}, "user"),
    ],
)
def test_terms_that_cannot_be_are_named(
    api: Api, asha: User, terms: dict[str, Any], field: str
) -> None:
    answer = post(api(asha, acr="mfa"), KEYS, {"name": "robot", "scopes": ["me:read"], **terms})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), answer.content
    assert not ApiKey.objects.exists()


def test_it_lasts_as_long_as_the_settings_say(asha: User, environment: Any) -> None:
    environment(api_key_default_lifetime=3600)
    secret = make(asha)
    assert holding(secret).get("/v1/users/me").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=3601)):
        before = uses("expired")
        assert holding(secret).get("/v1/users/me").status_code == 401
        assert uses("expired") == before + 1


def test_a_revoked_key_is_refused_at_once(api: Api, asha: User) -> None:
    secret = make(asha)
    client = api(asha, acr="mfa")
    [listed] = client.get(KEYS).json()["results"]
    assert holding(secret).get("/v1/users/me").status_code == 200

    assert client.delete(f"{KEYS}/{listed['id']}").status_code == 204
    answer = holding(secret).get("/v1/users/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert client.get(KEYS).json()["results"] == []
    assert client.delete(f"{KEYS}/{listed['id']}").status_code == 404


def test_nobody_revokes_the_key_of_another(api: Api, asha: User) -> None:
    secret = make(asha)
    key = ApiKey.objects.get()
    stranger = api(UserFactory.create(), acr="mfa")
    for key_id in (key.public_id, "pat_x", asha.public_id):
        assert stranger.delete(f"{KEYS}/{key_id}").status_code == 404
    assert stranger.get(KEYS).json()["results"] == []
    assert holding(secret).get("/v1/users/me").status_code == 200


def test_a_suspended_persons_keys_are_refused_and_serve_again_when_they_are_let_in(
    asha: User,
) -> None:
    secret = make(asha)
    status.suspend(user=asha, reason="for the test")
    assert holding(secret).get("/v1/users/me").status_code == 401
    status.reactivate(user=asha, reason="for the test")
    assert holding(secret).get("/v1/users/me").status_code == 200


def test_closing_the_account_revokes_its_keys_for_good(asha: User) -> None:
    secret = make(asha)
    status.deactivate(user=asha, reason="for the test")
    status.reactivate(user=asha, reason="for the test")
    assert holding(secret).get("/v1/users/me").status_code == 401
    assert ApiKey.objects.get().revocation_reason == "the account was closed"


@pytest.mark.parametrize(
    ("networks", "address", "answer"),
    [
        (["203.0.113.0/24"], "203.0.113.9", 200),
        (["203.0.113.0/24"], "203.0.114.9", 401),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "203.0.113.9", 401),
        (["198.51.100.7"], "198.51.100.7", 200),
    ],
)
def test_it_is_good_from_its_networks_alone(
    asha: User, networks: list[str], address: str, answer: int
) -> None:
    secret = make(asha, networks=networks)
    assert holding(secret).get("/v1/users/me", REMOTE_ADDR=address).status_code == answer


def test_a_header_does_not_move_a_key_into_its_network(asha: User) -> None:
    secret = make(asha, networks=["203.0.113.0/24"])
    spoofed = holding(secret).get(
        "/v1/users/me", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.9"
    )
    assert spoofed.status_code == 401


def test_a_mistyped_key_is_refused_without_a_query(asha: User) -> None:
    secret = make(asha)
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    before = uses("malformed")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = holding(wrong).get("/v1/users/me")
    assert (answer.status_code, len(queries)) == (401, 0)
    assert uses("malformed") == before + 1


def test_a_well_formed_key_that_nobody_has_is_refused() -> None:
    before = uses("unknown")
    answer = holding(api_key_format.draw()).get("/v1/users/me")
    assert (answer.status_code, uses("unknown")) == (401, before + 1)


def test_the_last_use_is_written_once_a_minute_at_most(asha: User) -> None:
    secret = make(asha)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        holding(secret).get("/v1/users/me", REMOTE_ADDR="203.0.113.9")
        first = ApiKey.objects.get()
        assert (first.last_used_at, first.last_used_ip) == (timezone.now(), "203.0.113.9")
        clock.shift(59)
        with CaptureQueriesContext(connection) as queries:
            holding(secret).get("/v1/users/me", REMOTE_ADDR="203.0.113.10")
        assert not [query for query in queries if query["sql"].startswith("UPDATE")]
        clock.shift(2)
        holding(secret).get("/v1/users/me", REMOTE_ADDR="203.0.113.10")
        assert ApiKey.objects.get().last_used_ip == "203.0.113.10"


def test_a_use_costs_one_query_for_the_caller(asha: User) -> None:
    secret = make(asha)
    holding(secret).get("/v1/users/me")
    with CaptureQueriesContext(connection) as queries:
        holding(secret).get("/v1/users/me")
    assert len(queries) == 1


def test_a_person_may_have_so_many_and_no_more(api: Api, asha: User, environment: Any) -> None:
    environment(api_keys_per_person=2)
    client = api(asha, acr="mfa")
    body = {"name": "robot", "scopes": ["me:read"]}
    first = post(client, KEYS, body).json()
    assert post(client, KEYS, body).status_code == 201
    refused = post(client, KEYS, body)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/errors/too-many-api-keys")
    client.delete(f"{KEYS}/{first['id']}")
    assert post(client, KEYS, body).status_code == 201


def test_whoever_was_shut_out_meanwhile_gets_none(api: Api, asha: User) -> None:
    client = api(User.objects.get(pk=asha.pk), acr="mfa")
    status.suspend(user=asha, reason="just then")
    assert post(client, KEYS, {"name": "robot", "scopes": ["me:read"]}).status_code == 401
    assert not ApiKey.objects.exists()


def test_the_trail_names_the_key_and_receivers_hear_that_a_credential_changed(
    api: Api, asha: User
) -> None:
    secret = make(asha)
    key = ApiKey.objects.get()
    api(asha, acr="mfa").delete(f"{KEYS}/{key.public_id}")

    rows = AuthEvent.objects.filter(event_type__startswith="account.api_key.").order_by("event_id")
    assert [row.event_type for row in rows] == [
        "account.api_key.created",
        "account.api_key.revoked",
    ]
    assert {row.metadata["key_id"] for row in rows} == {key.public_id}
    for event in OutboxEvent.objects.filter(event_type="user.credentials.changed.v1"):
        assert event.data == {"user_id": asha.public_id, "credential": "api_key"}
    assert secret not in str([row.metadata for row in rows])


def test_what_a_program_does_by_a_key_is_on_the_trail_as_the_keys(asha: User) -> None:
    secret = make(asha, scopes=["me:write"])
    holding(secret).patch("/v1/users/me/preferences", {"theme": "dark"}, format="json")
    row = AuthEvent.objects.get(event_type="account.updated")
    key = ApiKey.objects.get()
    assert (row.actor_type, row.actor_id, row.client_id) == ("user", asha.public_id, key.public_id)


def test_the_person_is_told_by_mail(asha: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = make(asha)
    [told] = mail.outbox
    assert told.to == [asha.email]
    assert f"robot, ending in {secret[-4:]}" in str(told.body)
    assert secret not in str(told.body)


def test_a_key_carries_nothing_of_the_roles_of_its_owner(asha: User) -> None:
    grant_role(user=asha, role="admin", granted_by=None, reason="test")
    client = holding(make(asha, scopes=["me:read", "decisions:ask"]))
    for path in ("/v1/users", "/v1/audit/events", f"/v1/users/{asha.public_id}"):
        assert client.get(path).status_code == 403
    assert "version" not in str(client.get("/health").json())
    asked = {
        "subject": f"user:{UserFactory.create().public_id}",
        "action": "users:read",
        "resource": "platform:x",
    }
    assert post(client, "/v1/authz/check", asked).status_code == 403


def test_a_decision_about_oneself_is_made_without_a_proof_of_the_person(asha: User) -> None:
    client = holding(make(asha, scopes=["decisions:ask"]))
    question = {
        "subject": f"user:{asha.public_id}",
        "action": "platform:read",
        "resource": "platform:x",
        "context": {"acr": "mfa"},
    }
    assert post(client, "/v1/authz/check", question).json()["decision"] == "deny"


def test_a_scope_that_keys_may_not_have_any_more_counts_for_nothing(asha: User) -> None:
    secret = make(asha)
    ApiKey.objects.update(scopes=["me:read", "users:read", "withdrawn"])
    key = api_keys.find(secret)
    assert key is not None
    assert api_keys.scopes_now(key) == {"me:read"}


def test_introspection_finds_a_key_without_using_it(asha: User) -> None:
    secret = make(asha)
    found = api_keys.find(secret)
    assert found is not None
    assert (found.user, api_keys.is_good(found), found.last_used_at) == (asha, True, None)
    api_keys.revoke(key=found)
    again = api_keys.find(secret)
    assert again is not None
    assert not api_keys.is_good(again)
    for text in ("", "gh_pat_x", api_key_format.draw()):
        assert api_keys.find(text) is None
