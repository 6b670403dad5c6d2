"""Which passwords nobody may choose."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from rest_framework.test import APIClient

from accounts.breached.filter_file import BreachedList, digest_of
from accounts.breached.variations import frequent_passwords
from accounts.services import breached_passwords
from accounts.services.breached_passwords import is_breached
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD


@pytest.fixture(autouse=True)
def _lists_are_loaded_anew() -> Iterator[None]:
    breached_passwords._loaded.cache_clear()
    yield
    breached_passwords._loaded.cache_clear()


@pytest.fixture
def own_list(tmp_path: Path, environment: Callable[..., None]) -> Callable[..., Path]:
    def make(*passwords: str) -> Path:
        path = tmp_path / "own"
        digests = [digest_of(password) for password in passwords]
        BreachedList.of(digests, expected=len(digests), rate=1e-6).write(path)
        environment(breached_passwords_file=path)
        return path

    return make


def test_the_frequent_passwords_are_on_the_shipped_list() -> None:
    assert [word for word in frequent_passwords() if not is_breached(word)] == []


@pytest.mark.parametrize(
    "password",
    [
        "Password2024!",
        "QWERTYUIOP12",
        "dragondragon",
        "aaaaaaaaaaaaaaaa",
        "123123123123",
        "Gatehouse@123",
        "mnopqrstuvwx",
        "  password123 ",
    ],
)
def test_so_is_what_people_make_of_them_to_please_a_rule(password: str) -> None:
    assert is_breached(password)


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "xkR7-unlikely-horse", "नमस्ते दुनिया कैसी हो"],
    ids=["a passphrase", "by chance", "in Hindi"],
)
def test_others_are_not(password: str) -> None:
    assert not is_breached(password)


def test_the_operators_list_counts_beside_ours(own_list: Callable[..., Path]) -> None:
    own_list("Stolen from a forum 7")
    assert is_breached("Stolen from a forum 7")
    assert not is_breached("stolen from a forum 7")  # on that list it has its capital
    assert is_breached("password1")


def test_an_accent_typed_in_two_ways_is_one_password(own_list: Callable[..., Path]) -> None:
    own_list("caf\u00e9 caf\u00e9 caf\u00e9")
    assert is_breached("cafe\u0301 cafe\u0301 cafe\u0301")


def test_with_a_damaged_list_ours_still_counts(own_list: Callable[..., Path]) -> None:
    path = own_list("Stolen from a forum 7")
    path.write_bytes(path.read_bytes()[:-1])
    assert is_breached("password1")
    assert not is_breached("Stolen from a forum 7")


def test_a_file_of_another_kind_is_told_before_the_start(
    tmp_path: Path, environment: Callable[..., None], own_list: Callable[..., Path]
) -> None:
    own_list("x")
    assert "gatehouse.E060" not in [message.id for message in run_checks()]
    for path in (tmp_path / "missing", tmp_path):
        environment(breached_passwords_file=path)
        assert "gatehouse.E060" in [message.id for message in run_checks()]


def code_of(answer: Any) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(e["field"], e["code"]) for e in answer.json().get("errors", [])]


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
def test_nobody_registers_with_one() -> None:
    body = {"email": "asha@example.com", "password": "Princess2024!", "name": "Asha"}
    answer = post(APIClient(), "/v1/auth/register", body)
    assert code_of(answer) == (400, [("password", "password_breached")])
    assert "stolen elsewhere" in answer.json()["errors"][0]["detail"]


@pytest.mark.django_db
def test_who_has_one_still_signs_in(sign_in: SignIn, own_list: Callable[..., Path]) -> None:
    own_list(PASSWORD)
    assert sign_in().tokens["access_token"]
