"""The console's pages about lost factors."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.console.conftest import AtConsole
from accounts.tests.console.test_people import PEOPLE, act
from accounts.tests.factories import UserFactory
from mfa.models import ResetRequest
from mfa.services import factors
from mfa.tests.factories import a_passkey

RESETS = reverse("admin:mfa_resetrequest_changelist")
pytestmark = pytest.mark.django_db


def decide(browser: Client, action: str) -> str:
    body = {"action": action, "_selected_action": [str(ResetRequest.objects.get().pk)]}
    return browser.post(RESETS, body, follow=True).content.decode()


def test_one_asks_for_a_reason_and_another_approves(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    a_passkey(asha)
    one, other = at_console("support"), at_console("support")
    assert "Reason" in act(one, PEOPLE, "reset_factors", asha)
    act(one, PEOPLE, "reset_factors", asha, reason="phone lost, called back")
    assert "phone lost, called back" in other.get(RESETS).content.decode()
    assert "Another member of the staff" in decide(one, "approve")
    assert factors.count(asha) == 1
    decide(other, "approve")
    assert factors.count(asha) == 0
    assert ResetRequest.objects.get().status == "approved"


def test_a_request_is_taken_back(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    a_passkey(asha)
    one = at_console("support")
    act(one, PEOPLE, "reset_factors", asha, reason="mistaken")
    decide(one, "cancel")
    assert ResetRequest.objects.get().status == "cancelled"
    assert factors.count(asha) == 1


def test_whoever_only_reads_decides_nothing(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    a_passkey(asha)
    act(at_console("support"), PEOPLE, "reset_factors", asha, reason="lost")
    reader = at_console("compliance")
    decide(reader, "approve")
    act(reader, PEOPLE, "reset_factors", asha, reason="lost")
    assert ResetRequest.objects.get().status == "open"


def test_it_takes_a_fresh_second_factor(at_console: AtConsole) -> None:
    asha = UserFactory.create()
    a_passkey(asha)
    one, other = at_console("support"), at_console("support")
    act(one, PEOPLE, "reset_factors", asha, reason="lost")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        body = {"action": "approve", "_selected_action": [str(ResetRequest.objects.get().pk)]}
        led = other.post(RESETS, body)
    assert led["Location"].startswith(reverse("prove-yourself"))
    assert factors.count(asha) == 1
