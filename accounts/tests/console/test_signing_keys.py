"""The console's page of signing keys."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SigningKey
from accounts.services import signing_keys
from accounts.tests.console.conftest import AtConsole

LIST = reverse("admin:accounts_signingkey_changelist")
ROTATE = reverse("admin:accounts_signingkey_rotate")

pytestmark = pytest.mark.django_db


@pytest.fixture
def born(environment: Any) -> signing_keys.KeyChange:
    environment(jwks_max_age=0, clock_leeway=0)
    return signing_keys.tend()


def states() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("kid", "state"))


def test_keys_are_listed_with_their_states(
    at_console: AtConsole, born: signing_keys.KeyChange
) -> None:
    page = at_console("support").get(LIST).content.decode()

    assert born.activated in page
    assert born.published in page


def test_a_keys_page_shows_its_public_half_alone(
    at_console: AtConsole, born: signing_keys.KeyChange
) -> None:
    key = SigningKey.objects.get(kid=born.activated)

    page = at_console("admin").get(reverse("admin:accounts_signingkey_change", args=[key.pk]))

    assert key.public_jwk["n"] in page.content.decode()
    assert "sealed" not in page.content.decode()


def test_rotating_asks_first(at_console: AtConsole, born: signing_keys.KeyChange) -> None:
    page = at_console("admin").get(ROTATE)

    assert "csrfmiddlewaretoken" in page.content.decode()
    assert states()[born.activated] == "active"


def test_rotating_makes_the_next_key_sign(
    at_console: AtConsole, born: signing_keys.KeyChange
) -> None:
    answer = at_console("admin").post(ROTATE, follow=True)

    assert f"{born.published} signs from now on" in answer.content.decode()
    assert states()[born.published] == "active"


def test_rotating_too_early_says_when_it_can_be_done(
    at_console: AtConsole, environment: Any
) -> None:
    environment(jwks_max_age=600)
    signing_keys.tend()
    before = states()

    answer = at_console("admin").post(ROTATE, follow=True)

    assert "may sign from" in answer.content.decode()
    assert states() == before


def test_who_may_not_write_keys_cannot_rotate(
    at_console: AtConsole, born: signing_keys.KeyChange
) -> None:
    assert at_console("support").post(ROTATE).status_code == 403
    assert states()[born.activated] == "active"


def test_a_foreign_page_cannot_rotate(at_console: AtConsole, born: signing_keys.KeyChange) -> None:
    browser = at_console("admin")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    assert strict.post(ROTATE).status_code == 403
    assert states()[born.activated] == "active"


def test_rotating_takes_a_fresh_second_factor(
    at_console: AtConsole, born: signing_keys.KeyChange
) -> None:
    browser = at_console("admin")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        for answer in (browser.get(ROTATE), browser.post(ROTATE)):
            assert answer["Location"].startswith(reverse("prove-yourself"))
    assert states()[born.activated] == "active"
