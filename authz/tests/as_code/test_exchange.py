"""Out into a folder and back."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import AuthEvent
from authz.models import Policy, PolicyCase, Role
from authz.services import policies, policy_cases, shipped
from authz.services.roles import grant_role
from authz.tests.factories import make_person, make_role, write_policy

pytestmark = pytest.mark.django_db

CASE = {
    "name": "anybody-reads",
    "given": {"subject": "user:usr_1", "action": "read", "resource": "planet:x"},
    "expect": "allow",
}


def run(command: str, folder: Path, *arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(command, str(folder), *arguments, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def imported(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out = run("authz_import", folder, "--json", *arguments)
    return code, json.loads(out)


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture
def guarded() -> Policy:
    policy = write_policy("open")
    policy_cases.add(policy_id=policy.pk, case=CASE, by="system", reason="a test")
    return policy


def rewrite(folder: Path, name: str, **changes: Any) -> None:
    file = folder / "policies" / f"{name}.json"
    value = json.loads(file.read_text())
    value["policy"] |= changes
    file.write_text(json.dumps(value))


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_round_trip_changes_no_byte(tmp_path: Path, form: str) -> None:
    shipped.install()
    active = CASE["given"] | {"subject_properties": {"status": "active", "roles": ["user"]}}  # type: ignore[operator]
    policy_cases.add(
        policy_id=write_policy("open").pk,
        case=CASE | {"given": active},
        by="system",
        reason="a test",
    )
    run("authz_export", tmp_path, "--format", form)
    before = contents(tmp_path)
    assert f"policies/open.{form}" in before
    assert f"roles/support.{form}" in before
    assert imported(tmp_path, "--dry-run")[0] == 0
    PolicyCase.objects.all().delete()
    for policy in Policy.objects.live():
        policies.delete(policy_id=policy.pk, by="system", reason="a test")
    code, done = imported(tmp_path)
    assert (code, done["flaws"]) == (0, [])
    run("authz_export", tmp_path, "--format", form)
    assert contents(tmp_path) == before


def test_an_export_takes_away_what_is_no_more(tmp_path: Path, guarded: Policy) -> None:
    run("authz_export", tmp_path)
    (tmp_path / "policies" / "README").write_text("ours")
    policies.delete(policy_id=guarded.pk, by="system", reason="a test")
    run("authz_export", tmp_path)
    assert sorted(file.name for file in (tmp_path / "policies").iterdir()) == ["README"]


def test_a_dry_run_tells_the_drift_and_changes_nothing(tmp_path: Path, guarded: Policy) -> None:
    write_policy("extra")
    run("authz_export", tmp_path)
    (tmp_path / "policies" / "extra.json").unlink()
    rewrite(tmp_path, "open", priority=7)
    code, done = imported(tmp_path, "--dry-run")
    assert code == 3
    assert [(one["name"], one["action"]) for one in done["changes"]] == [
        ("extra", "extra"),
        ("open", "updated"),
    ]
    assert Policy.objects.with_current().get(name="open").current.number == 1
    assert imported(tmp_path)[0] == 0
    assert Policy.objects.with_current().get(name="open").current.number == 2
    assert Policy.objects.live().filter(name="extra").exists()
    assert imported(tmp_path, "--prune")[0] == 0
    assert not Policy.objects.live().filter(name="extra").exists()


def test_one_flaw_stops_everything_and_each_has_its_file_and_place(
    tmp_path: Path, guarded: Policy
) -> None:
    run("authz_export", tmp_path)
    rewrite(tmp_path, "open", priority=7)
    wrong = {"policy": {"name": "B", "effect": "allow"}, "cases": [{"name": "x"}]}
    (tmp_path / "policies" / "b.json").write_text(json.dumps(wrong))
    (tmp_path / "policies" / "c.txt").write_text("x")
    (tmp_path / "roles" / "z.json").write_text('{"name": "z", "scopes": ["x"]}')
    code, done = imported(tmp_path)
    assert code == 1
    found = {(flaw["file"], flaw["path"]) for flaw in done["flaws"]}
    assert found >= {
        ("policies/b.json", "policy.name"),
        ("policies/b.json", "policy.subjects"),
        ("policies/b.json", "cases.0.expect"),
        ("policies/c.txt", ""),
        ("roles/z.json", "description"),
        ("roles/z.json", "scopes.0"),
    }
    assert Policy.objects.with_current().get(name="open").current.number == 1
    assert "policies/b.json: policy.name: " in run("authz_import", tmp_path)[1]


def test_a_case_that_would_break_stops_it(tmp_path: Path, guarded: Policy) -> None:
    run("authz_export", tmp_path)
    rewrite(tmp_path, "open", effect="deny")
    code, done = imported(tmp_path)
    assert code == 1
    assert [flaw["path"] for flaw in done["flaws"]] == ["cases.open.anybody-reads"]
    assert Policy.objects.with_current().get().current.number == 1
    code, done = imported(tmp_path, "--break-cases")
    assert (code, done["broken_cases"]) == (0, ["open/anybody-reads"])
    assert AuthEvent.objects.filter(event_type="authz.policy.cases_broken").count() == 1


def test_a_case_that_comes_along_must_hold(tmp_path: Path, guarded: Policy) -> None:
    run("authz_export", tmp_path)
    file = tmp_path / "policies" / "open.json"
    value = json.loads(file.read_text())
    value["cases"].append(CASE | {"name": "nobody-reads", "expect": "deny"})
    file.write_text(json.dumps(value))
    code, done = imported(tmp_path)
    assert code == 1
    assert [(flaw["file"], flaw["path"]) for flaw in done["flaws"]] == [
        ("policies/open.json", "cases.1")
    ]
    assert PolicyCase.objects.count() == 1


def test_roles_come_and_go_but_not_from_under_people(tmp_path: Path) -> None:
    make_role(name="reader", scopes=["users:read"])
    held = make_role(name="held")
    grant_role(user=make_person(), role="held", granted_by=None, reason="a test")
    run("authz_export", tmp_path)
    file = tmp_path / "roles" / "reader.json"
    value = json.loads(file.read_text())
    file.write_text(json.dumps(value | {"scopes": ["users:read", "audit:read"]}))
    assert imported(tmp_path)[0] == 0
    assert Role.objects.get(name="reader").scopes == ["audit:read", "users:read"]
    assert AuthEvent.objects.filter(event_type="authz.role.defined").count() == 1
    file.unlink()
    assert imported(tmp_path, "--prune")[0] == 0
    assert not Role.objects.filter(name="reader").exists()
    (tmp_path / "roles" / "held.json").unlink()
    code, done = imported(tmp_path, "--prune")
    assert (code, done["flaws"][0]["code"]) == (1, "role-in-use")
    assert Role.objects.filter(pk=held.pk).exists()


def test_an_empty_folder_removes_nothing(tmp_path: Path, guarded: Policy) -> None:
    code, done = imported(tmp_path / "nowhere", "--prune")
    assert (code, done["flaws"][0]["code"]) == (1, "required")
    assert Policy.objects.live().exists()


def test_a_name_in_two_files_is_refused(tmp_path: Path, guarded: Policy) -> None:
    run("authz_export", tmp_path)
    first = tmp_path / "policies" / "open.json"
    (tmp_path / "policies" / "second.json").write_bytes(first.read_bytes())
    code, done = imported(tmp_path)
    assert (code, done["flaws"][0]["file"]) == (1, "policies/second.json")
