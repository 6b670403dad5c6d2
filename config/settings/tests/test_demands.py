"""What production refuses to start with."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings.demands import problems
from config.settings.environment import Environment

Read = Callable[[dict[str, str]], Environment]

ALIKE = b64encode(b"\0" * 32).decode()


def test_good_variables_are_accepted(read: Read, good_variables: dict[str, str]) -> None:
    assert problems(read(good_variables)) == []


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "VAULT_LOCAL_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ALLOWED_HOSTS"],
)
def test_what_is_missing_is_named(read: Read, good_variables: dict[str, str], name: str) -> None:
    del good_variables[name]
    (problem,) = problems(read(good_variables))
    assert name in problem
    assert problem.endswith("is missing")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "Xk3-9_qPz" * 5, "shorter than 50"),
        ("SECRET_KEY", "a" * 64, "repeats itself"),
        ("SECRET_KEY", "changeme" * 8, "repeats itself"),
        ("VAULT_LOCAL_KEY", "hunter2 is no key", "not 32 bytes"),
        ("VAULT_LOCAL_KEY", b64encode(b"sixteen bytes it").decode(), "not 32 bytes"),
        ("VAULT_LOCAL_KEY", ALIKE, "not random"),
        ("VAULT_ADDR", "http://vault.internal:8200", "https"),
        ("VAULT_AWS_ENDPOINT_URL", "http://kms.internal", "https"),
        ("PUBLIC_URL", "http://gatehouse.example", "https"),
        ("KITE_API_URL", "http://kite.example", "https"),
        ("KITE_LOGIN_URL", "http://kite.example", "https"),
        ("ALLOWED_HOSTS", "gatehouse.example,*", "every host"),
        ("ALLOWED_HOSTS", ",", "is empty"),
        ("METRICS_TOKEN", "hunter2", "shorter than 32"),
    ],
)
def test_what_is_weak_is_named_and_not_shown(
    read: Read, good_variables: dict[str, str], name: str, value: str, complaint: str
) -> None:
    (problem,) = problems(read({**good_variables, name: value}))
    assert problem.startswith(f"{name}: ")
    assert complaint in problem
    assert value == "," or value not in problem


def test_everything_that_is_wrong_is_told_at_once(read: Read) -> None:
    assert len(problems(read({}))) == 7


@pytest.fixture
def key_file(tmp_path: Path, good_variables: dict[str, str]) -> Path:
    path = tmp_path / "key"
    path.write_text(good_variables.pop("VAULT_LOCAL_KEY") + "\n")
    path.chmod(0o600)
    good_variables["VAULT_LOCAL_KEY_FILE"] = str(path)
    return path


def test_a_private_key_file_is_accepted(
    read: Read, good_variables: dict[str, str], key_file: Path
) -> None:
    assert problems(read(good_variables)) == []


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o660])
def test_a_key_file_that_others_may_use_is_refused(
    read: Read, good_variables: dict[str, str], key_file: Path, mode: int
) -> None:
    key_file.chmod(mode)
    (problem,) = problems(read(good_variables))
    assert "others than its owner" in problem


def test_a_weak_key_in_a_file_is_refused(
    read: Read, good_variables: dict[str, str], key_file: Path
) -> None:
    key_file.write_text(ALIKE)
    (problem,) = problems(read(good_variables))
    assert problem.startswith("VAULT_LOCAL_KEY_FILE: is not random")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_key_file_that_cannot_be_read_is_refused(
    read: Read, good_variables: dict[str, str], key_file: Path, content: bytes | None
) -> None:
    key_file.unlink() if content is None else key_file.write_bytes(content)
    (problem,) = problems(read(good_variables))
    assert problem == "VAULT_LOCAL_KEY_FILE: cannot be read"


@pytest.mark.parametrize(
    ("provider", "given", "complaints"),
    [
        ("aws", {}, ["VAULT_AWS_KEY_ID: is missing"]),
        ("aws", {"VAULT_AWS_KEY_ID": "alias/gatehouse"}, []),
        ("vault", {"VAULT_TOKEN": "hvs.token"}, ["VAULT_ADDR: is missing"]),
        ("vault", {"VAULT_ADDR": "https://vault.internal"}, ["VAULT_TOKEN, VAULT_TOKEN_FILE, or"]),
        (
            "vault",
            {"VAULT_ADDR": "https://vault.internal", "VAULT_ROLE_ID": "role"},
            ["VAULT_TOKEN, VAULT_TOKEN_FILE, or"],
        ),
        (
            "vault",
            {
                "VAULT_ADDR": "https://vault.internal",
                "VAULT_TOKEN": "hvs.token",
                "VAULT_TOKEN_FILE": "/run/token",
            },
            ["VAULT_TOKEN, VAULT_TOKEN_FILE, or"],
        ),
        ("vault", {"VAULT_ADDR": "https://vault.internal", "VAULT_TOKEN_FILE": "/run/token"}, []),
    ],
)
def test_a_key_service_names_what_it_lacks_and_needs_no_local_key(
    read: Read,
    good_variables: dict[str, str],
    provider: str,
    given: dict[str, str],
    complaints: list[str],
) -> None:
    del good_variables["VAULT_LOCAL_KEY"]
    found = problems(read({**good_variables, "VAULT_PROVIDER": provider, **given}))
    assert len(found) == len(complaints)
    for problem, complaint in zip(found, complaints, strict=True):
        assert problem.startswith(complaint)
        assert "hvs.token" not in problem
