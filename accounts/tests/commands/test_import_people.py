"""`manage.py import_people`"""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.tests.conftest import post
from accounts.tests.factories import PASSWORD, UserFactory
from events.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready")]

RAW = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Import `people`; strings are lines as they are. Returns what `--json` tells, failures or not."""

    def call(*people: dict[str, Any] | str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        path = tmp_path / "people.jsonl"
        path.write_text("\n".join(p if isinstance(p, str) else json.dumps(p) for p in people))
        out = io.StringIO()
        try:
            call_command("import_people", str(path), "--json", *options, stdout=out)
        except CommandError:
            assert json.loads(out.getvalue())["failed"]
        return dict(json.loads(out.getvalue()))

    return call


def person(**changes: Any) -> dict[str, Any]:
    return {
        "email": "asha@example.com",
        "name": "Asha",
        "password_hash": RAW,
        "verified": True,
    } | changes


def log_in(password: str = PASSWORD) -> int:
    body = {"email": "asha@example.com", "password": password}
    return int(post(APIClient(), "/v1/auth/login", body).status_code)


@pytest.mark.parametrize(
    "password_hash",
    [
        RAW.replace("$2b$", "$2a$", 1),
        RAW,
        RAW.replace("$2b$", "$2y$", 1),
        f"bcrypt${RAW}",
        make_password(PASSWORD, hasher="bcrypt_sha256"),
        make_password(PASSWORD, hasher="pbkdf2_sha256"),
        make_password(PASSWORD),
    ],
    ids=["$2a$", "$2b$", "$2y$", "bcrypt", "bcrypt_sha256", "pbkdf2_sha256", "argon2id"],
)
def test_people_sign_in_with_the_password_that_they_have_and_its_hash_is_replaced(
    run: Import, password_hash: str
) -> None:
    assert run(person(password_hash=password_hash))["created"] == 1
    assert log_in("not the password") == 401
    assert log_in() == 200
    renewed = User.objects.get().password
    assert renewed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert log_in() == 200


def test_bcrypt_reads_72_bytes_of_a_longer_password(run: Import) -> None:
    longer = "x" * 71 + "é" + "y" * 20  # the 72nd byte is half of a character
    made = bcrypt.hashpw(longer.encode()[:72], bcrypt.gensalt(4)).decode()
    run(person(password_hash=made))
    assert log_in("x" * 70 + "z" * 30) == 401
    assert log_in(longer) == 200
    assert log_in(longer[:72] + "another end") == 401  # Argon2id reads all of it


def test_a_person_without_a_password_cannot_sign_in_with_one(run: Import) -> None:
    run({"email": "asha@example.com", "name": "Asha", "verified": True})
    assert log_in("") == 400
    assert log_in() == 401


def test_an_unverified_address_waits_for_its_owner(run: Import, mailoutbox: list[Any]) -> None:
    run(person(verified=False))
    assert User.objects.get().status == UserStatus.PENDING_VERIFICATION
    assert (log_in(), mailoutbox) == (401, [])


def test_each_is_announced_and_has_the_role_of_everybody(run: Import) -> None:
    run(person())
    user = User.objects.get()
    assert OutboxEvent.objects.get(event_type="user.created.v1").aggregate_id == user.public_id
    assert user.role_grants.get().role.name == "user"


def test_running_it_again_changes_nothing(run: Import) -> None:
    UserFactory.create(email="ravi@example.com", name="Ravi")
    people = [person(), person(email="RAVI@example.com", name="Another")]
    first, second = run(*people), run(*people)
    assert (first["created"], first["existing"]) == (1, 1)
    assert (second["created"], second["existing"]) == (0, 2)
    assert User.objects.get(email="ravi@example.com").name == "Ravi"


def test_a_dry_run_keeps_nothing(run: Import) -> None:
    told = run(person(), options=("--dry-run",))
    assert (told["dry_run"], told["created"]) == (True, 1)
    assert not User.objects.exists()
    assert not OutboxEvent.objects.filter(event_type="user.created.v1").exists()


def test_a_bad_line_is_named_and_the_others_go_on(run: Import) -> None:
    told = run(
        "{",
        "[]",
        "",
        person(),
        {"email": "a@example.com"},
        person(email="b@example.com", admin=True),
        person(email="c@example.com", verified="yes"),
        person(email="no address"),
        person(email="d@example.com", phone="12", timezone="Mars"),
        person(email="e@example.com", password_hash="$1$md5crypt"),
        person(email="f@example.com", password_hash=RAW.replace("$04$", "$31$")),
        person(
            email="g@example.com", password_hash="pbkdf2_sha256$99999999$salt$" + "A" * 43 + "="
        ),
        person(email="h@example.com", name="x" * 20_000),
    )
    assert (told["lines"], told["created"], told["failed"]) == (13, 1, 11)
    reasons = {row["line"]: row["reason"] for row in told["failures"]}
    assert reasons == {
        1: "not JSON",
        2: "not an object",
        5: "name: missing",
        6: reasons[6],
        7: "verified: not of the kind bool",
        8: "email: invalid",
        9: "phone: invalid_phone, timezone: unknown_timezone",
        10: "password_hash: unknown_password_hash",
        11: "password_hash: unknown_password_hash",
        12: "password_hash: unknown_password_hash",
        13: "longer than 16384 bytes",
    }
    assert reasons[6].startswith("1 members that nobody knows")


def test_a_failure_is_an_exit_code_and_shows_no_value(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(json.dumps(person(password_hash="$1$a-hash-of-no-kind-we-know")))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 of 1 lines"):
        call_command("import_people", str(path), stdout=out)
    assert "line 1: password_hash" in out.getvalue()
    assert "$1$" not in out.getvalue()


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_people", "/nowhere/people.jsonl")


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("import_people", "--help")
    assert "manage.py import_people people.jsonl --dry-run" in capsys.readouterr().out
