"""How much is remembered of tokens, and how."""

from typing import Any

import pytest

from accounts.models import SigningKey
from accounts.services import access_tokens
from accounts.services.access_tokens import Claims
from accounts.services.remembered_tokens import RememberedTokens
from accounts.tests.issuing import issue_person_token

CLAIMS = Claims(sub="t", client_id="t", scope=frozenset(), jti="j", exp=2, iat=1, kid="k")


def test_the_least_recently_used_token_is_forgotten_first(environment: Any) -> None:
    environment(remembered_tokens=2)
    memory = RememberedTokens()
    memory.put("a", CLAIMS)
    memory.put("b", CLAIMS)
    memory.get("a")
    memory.put("c", CLAIMS)

    assert memory.get("b") is None
    assert memory.get("a") == memory.get("c") == CLAIMS
    assert len(memory) == 2


def test_nothing_is_remembered_where_the_setting_is_zero(environment: Any) -> None:
    environment(remembered_tokens=0)
    memory = RememberedTokens()
    memory.put("a", CLAIMS)

    assert memory.get("a") is None


def test_a_dropped_token_is_forgotten() -> None:
    memory = RememberedTokens()
    memory.put("a", CLAIMS)
    memory.drop("a")
    memory.drop("never there")

    assert memory.get("a") is None


def test_tokens_themselves_are_not_kept() -> None:
    memory = RememberedTokens()
    memory.put("the token", CLAIMS)

    assert "the token" not in repr(vars(memory))


@pytest.mark.django_db
def test_a_remembered_token_is_not_verified_again(
    signing_key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issue_person_token()
    first = access_tokens.verify(token)

    def no_more(*_: Any) -> None:
        raise AssertionError("the signature was checked again")

    monkeypatch.setattr(access_tokens, "KeyBackend", no_more)

    assert access_tokens.verify(token) is first
