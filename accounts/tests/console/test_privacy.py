"""The console's list of what people asked about their data."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.privacy.models import LegalHold, PrivacyRequest, RequestKind

LIST = reverse("admin:privacy_privacyrequest_changelist")

pytestmark = pytest.mark.django_db


def asked() -> PrivacyRequest:
    return PrivacyRequest.objects.create(
        subject=UserFactory.create(),
        kind=RequestKind.EXPORT,
        requested_by="user:usr_1",
        due_at=timezone.now() + timedelta(days=30),
    )


def test_the_list_says_whose_data_is_held(at_console: AtConsole) -> None:
    free, held, let_go = asked(), asked(), asked()
    for each in (held, let_go):
        LegalHold.objects.create(subject=each.subject, reason="a court", placed_by="usr_2")
    LegalHold.objects.filter(subject=let_go.subject).update(
        lifted_at=timezone.now(), lifted_by="usr_2", lift_reason="settled"
    )
    shown: Any = at_console("compliance").get(LIST).context["cl"].result_list
    assert {row.pk: row.is_held for row in shown} == {
        free.pk: False,
        held.pk: True,
        let_go.pk: False,
    }


def test_a_long_list_takes_as_many_queries_as_a_short_one(at_console: AtConsole) -> None:
    browser = at_console("compliance")
    counts = []
    for more in (1, 9):
        for _ in range(more):
            asked()
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(LIST).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
