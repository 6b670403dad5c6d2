"""`manage.py check` finds settings that contradict each other."""

from collections.abc import Callable

import pytest
from django.core.checks import run_checks


def found() -> set[str]:
    return {
        message.id for message in run_checks() if message.id and message.id.startswith("gatehouse")
    }


def test_the_defaults_contradict_nothing() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"public_url": "https://elsewhere.example"}, "gatehouse.E001"),
        ({"refresh_idle_lifetime": 100, "refresh_absolute_lifetime": 99}, "gatehouse.E002"),
        ({"jwks_max_age": 100, "signing_key_lifetime": 100}, "gatehouse.E003"),
        ({"passkey_rp_id": "elsewhere.example"}, "gatehouse.E006"),
        ({"passkey_rp_id": "calhost"}, "gatehouse.E006"),
        ({"passkey_origins": ["https://app.example"]}, "gatehouse.E006"),
    ],
)
def test_a_contradiction_is_an_error(
    environment: Callable[..., None], changes: dict[str, object], complaint: str
) -> None:
    environment(**changes)
    assert found() == {complaint}


@pytest.mark.parametrize("url", ["https://[::1]:8000", "http://LOCALHOST"])
def test_hosts_are_compared_as_django_does(environment: Callable[..., None], url: str) -> None:
    environment(public_url=url)
    assert found() == set()
