"""What comes with the product is put in place once, and never over what staff made of it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.management import call_command

from authz.engine.document import parse
from authz.events import PolicyEvent
from authz.models import Policy, Role
from authz.receivers import after_migrate
from authz.services import policies, shipped
from events.signals import domain_event

pytestmark = pytest.mark.django_db

DOCUMENTS = [
    json.loads(path.read_text()) for path in sorted((shipped.FOLDER / "policies").glob("*.json"))
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release of our own: one role, one policy."""
    (tmp_path / "policies").mkdir()
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    release(tmp_path)
    return tmp_path


def release(folder: Path, *, scopes: tuple[str, ...] = ("a:read",), priority: int = 0) -> None:
    role = {"name": "reader", "description": "Reads.", "scopes": scopes}
    policy = {
        "name": "readers",
        "effect": "allow",
        "priority": priority,
        "subjects": ["role:reader"],
        "actions": ["*:read"],
        "resources": ["*"],
    }
    (folder / "roles.json").write_text(json.dumps([role]))
    (folder / "policies" / "readers.json").write_text(json.dumps(policy))


def actions(**options: Any) -> dict[str, str]:
    return {step.name: step.action.value for step in shipped.install(**options)}


def test_it_installs_once(folder: Path) -> None:
    assert actions() == {"reader": "created", "readers": "created"}
    assert actions() == {"reader": "unchanged", "readers": "unchanged"}
    assert Policy.objects.get(name="readers").current.created_by == "shipped"


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    assert actions(dry_run=True) == {"reader": "created", "readers": "created"}
    assert not Policy.objects.exists()
    assert not Role.objects.filter(name="reader").exists()
    actions()
    release(folder, scopes=("b:read",), priority=1)
    assert actions(dry_run=True) == {"reader": "updated", "readers": "updated"}
    assert Role.objects.get(name="reader").scopes == ["a:read"]
    assert Policy.objects.get(name="readers").current.number == 1


def test_a_new_release_brings_up_to_date_what_only_we_wrote(folder: Path) -> None:
    actions()
    release(folder, scopes=("a:read", "b:read"), priority=7)
    assert actions() == {"reader": "updated", "readers": "updated"}
    assert Role.objects.get(name="reader").scopes == ["a:read", "b:read"]
    policy = Policy.objects.get(name="readers")
    assert (policy.current.number, policy.current.document["priority"]) == (2, 7)


@pytest.mark.parametrize("change", ["edit", "rename", "delete", "disable"])
def test_what_staff_changed_stays_theirs(folder: Path, change: str) -> None:
    actions()
    Role.objects.filter(name="reader").update(scopes=["c:read"])
    policy = Policy.objects.get(name="readers")
    changes = {"edit": {"priority": 3}, "rename": {"name": "mine"}, "disable": {"enabled": False}}
    if change == "delete":
        policies.delete(policy_id=policy.pk, by="user:usr_1", reason="not for us")
    else:
        policies.update(
            policy_id=policy.pk,
            document=policy.current.document | changes[change],
            by="user:usr_1",
            reason="ours",
        )
    release(folder, scopes=("b:read",), priority=7)
    assert actions() == {"reader": "kept", "readers": "kept"}
    assert Role.objects.get(name="reader").scopes == ["c:read"]
    assert Policy.objects.count() == 1
    assert Policy.objects.get().current.document.get("priority") != 7


def test_a_name_that_staff_took_first_stays_theirs(folder: Path) -> None:
    document = json.loads((folder / "policies" / "readers.json").read_text())
    policies.create(document=document, by="user:usr_1", reason="ours")
    Role.objects.create(name="reader", scopes=[])
    assert actions() == {"reader": "kept", "readers": "kept"}


def test_the_command_tells_people_and_machines(folder: Path) -> None:
    told = StringIO()
    call_command("authz_install", "--dry-run", "--json", stdout=told)
    report = json.loads(told.getvalue())
    assert report["dry_run"] is True
    assert {"kind": "policy", "name": "readers", "action": "created"} in report["steps"]
    told = StringIO()
    call_command("authz_install", stdout=told)
    assert "policy readers: created" in told.getvalue()


def test_installing_is_told_like_any_other_change(folder: Path) -> None:
    heard: list[Any] = []

    def hear(*, event: Any, **_: Any) -> None:
        heard.append(event)

    domain_event.connect(hear)
    actions()
    actions()
    domain_event.disconnect(hear)
    (event,) = [one for one in heard if isinstance(one, PolicyEvent)]
    assert (event.change, event.by) == ("policy.created", "shipped")


def test_the_shipped_roles_are_there_after_migrating() -> None:
    names = {"user", "trader", "support", "compliance", "admin"}
    assert names <= set(Role.objects.values_list("name", flat=True))


def test_only_administrators_change_roles_and_policies() -> None:
    holding = {
        role.name
        for role in Role.objects.all()
        if {"roles:write", "policies:write"} & set(role.scopes)
    }
    assert holding == {"admin"}
    scopes = {role.name: set(role.scopes) for role in Role.objects.all()}
    assert not any(scope.endswith(":write") for scope in scopes["compliance"])


def test_migrating_backwards_leaves_the_roles_alone() -> None:
    Role.objects.filter(name="trader").delete()
    after_migrate(apps=Apps(), using="default")
    assert not Role.objects.filter(name="trader").exists()
    after_migrate(apps=apps, using="default")
    assert Role.objects.filter(name="trader").exists()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["name"])
def test_every_shipped_policy_compiles_and_says_what_it_is_for(document: dict[str, Any]) -> None:
    assert parse(document).description
