"""What the integrators' page about passkeys shows is true."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from authz.services import decisions, policies
from authz.services.roles import grant_role
from mfa.models import Passkey
from mfa.services import passkeys
from mfa.tests.factories import a_passkey

PAGE = Path(settings.BASE_DIR) / "docs" / "integrators" / "passkeys.md"


def reason(person: User) -> str:
    decision = decisions.check(
        subject=f"user:{person.public_id}", action="trade:place_order", resource="thing:1"
    )
    return f"{'allow' if decision.allowed else 'deny'} {decision.policy}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("ready")
def test_a_policy_demands_a_factor_and_a_passkey_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    document = json.loads(example)
    policies.create(document=document, by="system", reason="test")
    person: User = UserFactory.create()
    grant_role(user=person, role="trader", granted_by=None, reason="test")
    refused = f"deny {document['name']}"
    assert reason(person) == refused
    a_passkey(person)
    assert reason(person) != refused
    passkeys.remove(user=person, passkey_id=Passkey.objects.get().public_id)
    assert reason(person) == refused
