"""The archive holds all that is held of a person, by a list made from the models, and no secret."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BinaryField

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from audit.models import AuthEvent
from audit.privacy import archive
from audit.privacy.errors import ArchiveGoneError, RequestOpenError
from audit.privacy.models import PrivacyRequest
from audit.privacy.registry import holdings
from audit.privacy.services import erasing, exports
from config.http.principal import Principal
from config.vault.fields import SealedField
from tests.privacy.everywhere import DUMP, EMAIL, NAME, PHONE, Known

pytestmark = pytest.mark.django_db


def read(path: Path) -> dict[str, Any]:
    with ZipFile(path) as file:
        return {
            name: json.loads(file.read(name)) for name in file.namelist() if name.endswith(".json")
        }


@pytest.fixture
def written(kavya: Known, tmp_path: Path) -> Path:
    target = tmp_path / "kavya.zip"
    archive.build(person=kavya.user, target=target)
    return target


def models_of_people() -> Iterator[Any]:
    """Every model that points straight at a person by a field called `user` or `owner`: theirs, by any reading."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if field.related_model is User and field.name in {"user", "owner"}:
                yield model, field


LEFT_OUT = {"admin.LogEntry", "mfa.PasskeyChallenge", "trading.LoginAttempt"}


# Secrets, and what others of the staff said: see the declarations.
WITHHELD = {"password", "details", "reason", "requested_by", "decided_by", "granted_by"} | {
    "end_reason",
    "ended_by",
    "invited_email",
}


def test_every_row_that_points_at_the_person_is_in_it(kavya: Known, written: Path) -> None:
    content = read(written)
    areas = {each.model: each.area for each in holdings()}
    for model, field in models_of_people():
        rows = model._base_manager.filter(**{field.name: kavya.user})
        assert rows.exists(), model
        if model._meta.label in LEFT_OUT:
            continue
        shown = content[f"{areas[model._meta.label]}.json"]
        assert len(shown) >= rows.count(), model
        for each in model._meta.concrete_fields:
            if isinstance(each, BinaryField | SealedField) or each.name in WITHHELD:
                continue
            assert all(each.name in row for row in shown) or each.name == "id", (model, each.name)


def test_every_table_that_names_the_person_is_in_it_or_says_why_not(
    kavya: Known, written: Path
) -> None:
    """By its rows and not by its keys: ids of people are also in texts and in JSON."""
    content = read(written)
    declared = {each.model: each for each in holdings()}
    for model in apps.get_models(include_auto_created=True):
        if not names(model, kavya.user):
            continue
        holding = declared.get(model._meta.label)
        assert holding is not None, f"{model._meta.label} names the person"
        assert content.get(f"{holding.area}.json") or holding.withheld.get("*"), model


def names(model: Any, person: User) -> bool:
    """Whether a row has the person's id, in any spelling, or the address."""
    marks = (str(person.pk), person.pk.hex, person.public_id, person.email.lower())
    with (
        connection.cursor() as cursor,
        cursor.copy(DUMP.format(model._meta.db_table)) as copy,
    ):
        text = b"".join(bytes(chunk) for chunk in copy).decode().lower()
    return any(mark in text for mark in marks)


def test_the_profile_is_the_persons(written: Path) -> None:
    (profile,) = read(written)["profile.json"]

    assert (profile["email"], profile["name"], profile["phone"]) == (EMAIL, NAME, PHONE)
    assert profile["id"].startswith("usr_")
    assert "password" not in profile


def test_the_manifest_has_the_hash_of_each_file(written: Path) -> None:
    manifest = read(written)["manifest.json"]
    with ZipFile(written) as file:
        named = {entry["name"]: entry["sha256"] for entry in manifest["files"]}
        assert set(named) | {"manifest.json"} == set(file.namelist())
        for name, digest in named.items():
            assert hashlib.sha256(file.read(name)).hexdigest() == digest
    assert manifest["schema_version"] == 1


def test_no_secret_is_in_it(kavya: Known, written: Path) -> None:
    with ZipFile(written) as file:
        whole = b"".join(file.read(name) for name in file.namelist())

    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if not isinstance(field, BinaryField) or model._meta.label == "mfa.Passkey":
                continue
            for (value,) in model._base_manager.values_list(field.name):
                assert value is None or bytes(value).hex().encode() not in whole
    user = User.objects.get(pk=kavya.user.pk)
    assert user.password.encode() not in whole


def test_the_page_runs_nothing_and_loads_nothing(kavya: Known, tmp_path: Path) -> None:
    User.objects.filter(pk=kavya.user.pk).update(name="<script>alert(1)</script>")
    target = tmp_path / "page.zip"
    archive.build(person=User.objects.get(pk=kavya.user.pk), target=target)

    page = ZipFile(target).read("index.html").decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page.replace("http-equiv", "")
    assert "src=" not in page


def test_an_attempt_goes_on_where_another_was_killed(kavya: Known, tmp_path: Path) -> None:
    target = tmp_path / "whole.zip"
    seen = []

    def dying(done: int, total: int) -> None:
        seen.append(done)
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.build(person=kavya.user, target=target, report=dying)
    assert not target.exists()
    parts = sorted(path.name for path in target.with_suffix(".parts").glob("*.json"))
    assert len(parts) == 5
    stamp = (target.with_suffix(".parts") / parts[0]).stat().st_mtime_ns

    def watching(done: int, total: int) -> None:
        assert (target.with_suffix(".parts") / parts[0]).stat().st_mtime_ns == stamp

    archive.build(person=kavya.user, target=target, report=watching)
    assert read(target)["profile.json"]
    assert not target.with_suffix(".parts").exists()


def test_a_person_asks_is_mailed_and_fetches_it(
    kavya: Known, api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = api(kavya.user)
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post("/v1/users/me/export", {}, format="json")
    assert asked.status_code == 202

    state = client.get("/v1/users/me/export").json()
    assert state["state"] == "done"
    job = client.get(f"/v1/jobs/{state['job_id']}").json()
    assert (job["kind"], job["state"]) == ("privacy.export", "succeeded")
    (sent,) = [each for each in mail.outbox if each.to == [EMAIL]]
    assert "Your data is ready" in sent.subject
    assert isinstance(sent, EmailMultiAlternatives)
    assert sent.alternatives
    answer = client.get("/v1/users/me/export/archive")
    content = b"".join(answer.streaming_content)
    assert ZipFile(io.BytesIO(content)).testzip() is None
    types = AuthEvent.objects.for_user(kavya.user.public_id).values_list("event_type", flat=True)
    assert {"privacy.requested", "privacy.exported", "privacy.fetched"} <= set(types)


def test_nobody_fetches_another_persons(kavya: Known, api: Any) -> None:
    exports.ask(subject=kavya.user, by=_themself(kavya.user))

    assert api(kavya.friend).get("/v1/users/me/export/archive").status_code == 404


def test_an_archive_is_gone_after_a_day(
    kavya: Known, archives: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        exports.ask(subject=kavya.user, by=_themself(kavya.user))
    assert exports.forget_spent() == 0
    (made,) = archives.iterdir()
    assert made.stat().st_mode & 0o077 == 0

    asked = PrivacyRequest.objects.get()
    assert asked.archive_expires_at is not None
    with time_machine.travel(asked.archive_expires_at + timedelta(seconds=1), tick=False):
        with pytest.raises(ArchiveGoneError):
            exports.fetch(subject=kavya.user)
        assert exports.forget_spent() == 1
    assert not list(archives.iterdir())


def test_one_is_made_at_a_time(kavya: Known) -> None:
    exports.ask(subject=kavya.user, by=_themself(kavya.user))
    PrivacyRequest.objects.update(state="running", finished_at=None)

    with pytest.raises(RequestOpenError):
        exports.ask(subject=kavya.user, by=_themself(kavya.user))


def test_an_export_that_an_erasure_overtakes_leaves_nothing(kavya: Known, archives: Path) -> None:
    exports.ask(subject=kavya.user, by=_themself(kavya.user))
    asked = PrivacyRequest.objects.get()
    PrivacyRequest.objects.update(state="running", finished_at=None, archive_expires_at=None)

    def erased_meanwhile(done: int, total: int) -> None:
        if done == total - 1:
            exports.withdraw(kavya.user)

    with pytest.raises((ArchiveGoneError, OSError)):
        exports.make(request_id=asked.public_id, report=erased_meanwhile)
    assert not list(archives.glob("*.zip"))


def test_an_archive_that_is_whole_only_after_the_erasure_is_not_kept(
    kavya: Known, archives: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.ask(subject=kavya.user, by=_themself(kavya.user))
    asked = PrivacyRequest.objects.get()
    PrivacyRequest.objects.update(state="running", finished_at=None, archive_expires_at=None)
    build = archive.build

    def overtaken(**given: Any) -> Any:
        exports.withdraw(kavya.user)
        return build(**given)

    monkeypatch.setattr(archive, "build", overtaken)
    with pytest.raises(ArchiveGoneError):
        exports.make(request_id=asked.public_id, report=lambda done, total: None)
    assert not list(archives.iterdir())


def test_the_command_seals_with_a_password(
    kavya: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, opened = tmp_path / "kavya.sealed", tmp_path / "opened.zip"
    monkeypatch.setattr("sys.stdin", io.StringIO("a long one-time password\n"))
    call_command(
        "gdpr_export", EMAIL, "--output", str(sealed), "--password-stdin", stdout=io.StringIO()
    )
    assert EMAIL.encode() not in sealed.read_bytes()

    monkeypatch.setattr("sys.stdin", io.StringIO("another long password\n"))
    with pytest.raises(CommandError, match="Another password"):
        call_command("gdpr_open", str(sealed), "--output", str(opened))
    assert not opened.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("a long one-time password\n"))
    call_command("gdpr_open", str(sealed), "--output", str(opened), stdout=io.StringIO())
    assert read(opened)["profile.json"]

    altered = bytearray(sealed.read_bytes())
    altered[-40] ^= 1
    sealed.write_bytes(altered)
    monkeypatch.setattr("sys.stdin", io.StringIO("a long one-time password\n"))
    with pytest.raises(CommandError, match="not as it was sealed"):
        call_command("gdpr_open", str(sealed), "--output", str(tmp_path / "x.zip"))


def test_staff_ask_for_a_person_who_alone_can_fetch_it(
    kavya: Known, api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    staff = api(kavya.friend, scopes=["privacy:read", "privacy:write"])
    path = f"/v1/users/{kavya.user.public_id}"
    with django_capture_on_commit_callbacks(execute=True):
        assert (
            staff.post(f"{path}/export", {"reason": "by letter"}, format="json").status_code == 202
        )
    answer = api(kavya.user).get("/v1/users/me/export/archive")
    assert ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None

    assert staff.post(f"{path}/erase", {"reason": "by letter"}, format="json").status_code == 202
    listed = staff.get("/v1/privacy/requests?state=open").json()["results"]
    assert [(each["kind"], each["reason"]) for each in listed] == [("erasure", "by letter")]
    assert staff.get("/v1/privacy/requests?state=nonsense").status_code == 400
    held = staff.post(f"{path}/legal-hold", {"reason": "court"}, format="json")
    assert held.status_code == 201
    assert staff.post(f"{path}/legal-hold", {"reason": "court"}, format="json").status_code == 409
    lifted = staff.post(f"{path}/legal-hold/lift", {"reason": "closed"}, format="json")
    assert lifted.json()["lifted_by"] == f"user:{kavya.friend.public_id}"
    assert api(kavya.friend).get("/v1/privacy/requests").status_code == 403


def test_the_page_makes_fetches_deletes_and_takes_back(
    kavya: Known, archives: Path, django_capture_on_commit_callbacks: Any
) -> None:
    browser = sign_in_browser(kavya.friend)
    assert b"Make an archive" in browser.get("/accounts/my-data").content
    assert browser.get("/accounts/my-data/archive/fetch").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post("/accounts/my-data/archive").status_code == 302
    assert b"Fetch my data" in browser.get("/accounts/my-data").content
    fetched = browser.get("/accounts/my-data/archive/fetch")
    assert ZipFile(io.BytesIO(b"".join(fetched.streaming_content))).testzip() is None  # type: ignore[attr-defined]

    assert b"Delete my account" in browser.get("/accounts/my-data/delete").content
    assert b"closed" in browser.post("/accounts/my-data/delete").content
    assert browser.get("/accounts/my-data").status_code == 302
    kavya.friend.refresh_from_db()
    assert kavya.friend.may_reopen


def test_closing_is_taken_back_on_a_page(kavya: Known, client: Any) -> None:
    from accounts.services import status
    from accounts.tests.factories import PASSWORD, UserFactory

    user = UserFactory.create(password=PASSWORD)
    status.close_own(user=user)
    wrong = client.post("/accounts/take-back", {"email": user.email, "password": "not this one"})
    assert b"nothing to take back" in wrong.content

    right = client.post("/accounts/take-back", {"email": user.email, "password": PASSWORD})

    assert b"open again" in right.content
    user.refresh_from_db()
    assert user.is_active


def test_a_dry_run_finds_what_an_archive_shows(kavya: Known) -> None:
    found = {each.model: each.rows for each in erasing.look(kavya.user)}

    assert found["accounts.User"] == 1
    assert found["accounts.Session"] >= 2


def _themself(user: User) -> Principal:
    return Principal(type="user", id=user.public_id)
