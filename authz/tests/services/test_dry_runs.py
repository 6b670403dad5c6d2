"""What a draft would have changed, from what was recorded."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from authz.models import DecisionRecord
from authz.services import decisions, policies
from authz.tests.factories import make_person, write_policy
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

URL = "/v1/authz/policies/dry-run"
ACTIVE = {"attr": "subject.status", "eq": "active"}


def draft(name: str = "draft", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "effect": "allow",
        "subjects": ["user:*"],
        "actions": ["*"],
        "resources": ["*"],
    } | changes


def ask(subject: str = "user:usr_1", resource: str = "planet:x", **context: Any) -> None:
    decisions.check(subject=subject, action="read", resource=resource, context=context)


@pytest.fixture
def tried(api: ApiClientFactory, records: Any) -> Any:
    client = api(make_person(), scopes={"policies:write"})

    def attempt(**body: Any) -> dict[str, Any]:
        records()
        answer = client.post(URL, body, format="json")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    return attempt


def test_a_new_policy_opens_what_was_denied(tried: Any) -> None:
    ask()
    ask("user:usr_2")
    ask("user:usr_2", "planet:y")
    found = tried(document=draft(subjects=["user:usr_2"]))
    assert (found["replayed"], found["deny_to_allow"], found["allow_to_deny"]) == (3, 2, 0)
    (subject,) = found["subjects"]
    assert (subject["subject"], subject["deny_to_allow"]) == ("user:usr_2", 2)
    assert [example["resource"] for example in subject["examples"]] == ["planet:y", "planet:x"]
    assert subject["examples"][0]["before"] == {"decision": "deny", "policy": None}
    assert subject["examples"][0]["after"] == {"decision": "allow", "policy": "draft"}
    assert found["complete"]
    assert found["allows_recorded"] == 1.0


def test_a_replacement_closes_what_was_open(tried: Any) -> None:
    policy = write_policy("open")
    ask()
    ask(acr="mfa")
    stricter = draft("open", condition={"attr": "context.acr", "eq": "mfa"})
    found = tried(document=stricter, policy=policy.public_id)
    assert (found["allow_to_deny"], found["deny_to_allow"]) == (1, 0)


def test_so_does_a_removal(tried: Any) -> None:
    policy = write_policy("open")
    ask()
    assert tried(policy=policy.public_id)["allow_to_deny"] == 1
    assert policy.__class__.objects.live().count() == 1


def test_it_is_decided_from_what_was_known_then(tried: Any) -> None:
    person = make_person()
    ask(f"user:{person.public_id}")
    person.status = "suspended"
    person.save()
    assert tried(document=draft(condition=ACTIVE))["deny_to_allow"] == 1


def test_what_has_changed_since_is_told_apart(tried: Any) -> None:
    ask()
    write_policy("open")
    found = tried(document=draft())
    assert (found["already_different"], found["deny_to_allow"]) == (1, 0)


def test_what_was_not_recorded_whole_is_not_replayed_if_it_matters(tried: Any) -> None:
    ask(note="x" * 100_000)
    ask(password="hunter2-and-more", device="phone")
    assert tried(document=draft())["not_replayed"] == 0
    phones = tried(document=draft(condition={"attr": "context.device", "eq": "phone"}))
    assert (phones["not_replayed"], phones["deny_to_allow"]) == (1, 1)
    secret = tried(document=draft(condition={"attr": "context.password", "exists": True}))
    assert (secret["not_replayed"], secret["replayed"]) == (2, 0)


def test_roles_that_were_not_recorded_leave_everything_open(tried: Any) -> None:
    ask()
    tried(document=draft())
    DecisionRecord.objects.update(left_out=["subject.roles"])
    assert tried(document=draft())["not_replayed"] == 1


def test_a_window_narrows_it(tried: Any) -> None:
    ask()
    later = (timezone.now() + timedelta(minutes=1)).isoformat()
    assert tried(document=draft(), **{"from": later})["replayed"] == 0
    assert tried(document=draft(), to=later)["replayed"] == 1


def test_it_stops_at_the_limit_and_says_so(tried: Any, environment: Any) -> None:
    for number in range(3):
        ask(f"user:usr_{number}")
    tried(document=draft())
    environment(decision_replay_limit=2, decision_record_interval=3600)
    found = tried(document=draft())
    assert (found["replayed"], found["complete"]) == (2, False)
    environment(decision_replay_time=1e-9, decision_record_interval=3600)
    assert tried(document=draft())["complete"] is False


def test_nothing_is_stored(tried: Any) -> None:
    tried(document=draft())
    assert not decisions.check(subject="user:usr_1", action="read", resource="planet:x").allowed


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"document": {"name": "x"}}, 400),
        ({"document": {}}, 400),
        ({"document": draft(), "policy": "pol_1"}, 404),
        ({"document": draft("open")}, 409),
        ({"document": draft(), "colour": "red"}, 400),
    ],
)
def test_what_cannot_be_tried_is_refused(api: ApiClientFactory, body: Any, status: int) -> None:
    write_policy("open")
    client = api(make_person(), scopes={"policies:write"})
    assert client.post(URL, body, format="json").status_code == status


def test_it_needs_the_right_to_write_policies(api: ApiClientFactory) -> None:
    client = api(make_person(), scopes={"policies:read"})
    assert client.post(URL, {"document": draft()}, format="json").status_code == 403


def test_a_removed_policy_is_not_found(api: ApiClientFactory) -> None:
    policy = write_policy("open")
    policies.delete(policy_id=policy.pk, by="system", reason="a test")
    client = api(make_person(), scopes={"policies:write"})
    assert client.post(URL, {"policy": policy.public_id}, format="json").status_code == 404
