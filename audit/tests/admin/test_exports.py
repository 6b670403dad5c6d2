"""Exports of the trail on the console."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.exports.models import ExportJob
from audit.models import AuthEvent
from audit.tasks import export_trail
from audit.tests.factories import AuthEventFactory
from authz.models import Role
from events.tests.staff import browser_of

LIST = "/console/audit/exportjob/"
ASK = f"{LIST}ask/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> Client:
    return browser_of("compliance")


def ask(browser: Client, **given: Any) -> ExportJob:
    answer = browser.post(ASK, {"format": "jsonl", **given})
    assert answer.status_code == 302, answer.context["form"].errors
    return ExportJob.objects.latest("id")


def work(export: ExportJob) -> None:
    """What a worker does."""
    assert export.job is not None
    export_trail.apply(kwargs={"job_id": export.job.public_id, "export_id": export.public_id}).get()


def steps() -> list[str]:
    rows = AuthEvent.objects.filter(event_type="audit.exported").order_by("occurred_at")
    return [row.metadata["step"] for row in rows]


def test_an_export_is_asked_for_with_the_filters_of_the_list(auditor: Client) -> None:
    assert auditor.get(ASK).status_code == 200
    export = ask(auditor, event_type="auth.*, audit.exported", begin="2026-11-01T09:30", risk="30")
    assert export.question == {
        "event_type": ["auth.*", "audit.exported"],
        "from": "2026-11-01T09:30:00+00:00",
        "risk": 30,
    }
    assert steps() == ["requested"]
    assert export.public_id in auditor.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"event_type": "nobody.knows"}, "No type of the trail"),
        ({"user_id": "somebody"}, "An id that begins with usr_"),
        ({"ip": "here"}, "An IP address"),
        ({"risk": "101"}, "less than or equal to 100"),
        ({"begin": "2026-11-02T00:00", "end": "2026-11-01T00:00"}, "Must be later"),
        ({"format": "docx"}, "Select a valid choice"),
    ],
)
def test_a_filter_that_is_not_understood_is_told_at_its_field(
    auditor: Client, given: dict[str, str], said: str
) -> None:
    answer = auditor.post(ASK, {"format": "jsonl", **given})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not ExportJob.objects.exists()


def test_the_file_is_for_whoever_asked(auditor: Client) -> None:
    AuthEventFactory.create()
    export = ask(auditor)
    content = f"{LIST}{export.pk}/content/"
    assert content not in auditor.get(LIST).content.decode()  # nobody has written it yet
    work(export)

    shown = auditor.get(LIST).content.decode()
    assert content in shown
    answer = auditor.get(content)
    assert answer["Content-Disposition"].endswith(f'"audit-{export.public_id}.jsonl"')
    assert len(b"".join(answer.streaming_content).splitlines()) == export_rows(export)  # type: ignore[attr-defined]
    assert steps() == ["requested", "downloaded"]

    colleague = browser_of("compliance")
    assert content not in colleague.get(LIST).content.decode()
    assert colleague.get(f"{LIST}{export.pk}/change/").status_code == 200
    refused = colleague.get(content, follow=True)
    assert "No such export" in refused.content.decode()
    assert steps() == ["requested", "downloaded"]


def export_rows(export: ExportJob) -> int:
    export.refresh_from_db()
    return export.rows


def test_a_file_whose_time_is_over_is_told_so(auditor: Client) -> None:
    export = ask(auditor)
    work(export)
    ExportJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    content = f"{LIST}{export.pk}/content/"
    assert content not in auditor.get(LIST).content.decode()
    assert auditor.get(content).status_code == 302


def test_those_who_may_not_read_the_trail_see_and_ask_nothing() -> None:
    export = ask(browser_of("compliance"))
    outsider = browser_of("user")
    for address in (LIST, f"{LIST}{export.pk}/change/", f"{LIST}{export.pk}/content/", ASK):
        assert outsider.get(address).status_code in (302, 403)
    Role.objects.create(name="visitor", scopes=["console:access"])
    visitor = browser_of("visitor")
    assert visitor.get(f"{LIST}{export.pk}/content/").status_code == 403
    outsider.post(ASK, {"format": "jsonl"})
    assert ExportJob.objects.count() == 1
