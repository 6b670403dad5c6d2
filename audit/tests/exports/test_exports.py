"""POST /v1/audit/exports, what a worker makes of it, and who may fetch it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.exports import reading
from audit.exports.models import ExportJob, ExportPart
from audit.models import AuthEvent
from audit.services import exports
from audit.tasks import export_trail, forget_expired_exports
from audit.tests.factories import AuthEventFactory, an_export, new_user
from audit.types import AuditType
from config.jobs.errors import JobNotRunningError
from config.jobs.models import Job
from config.jobs.running import JobRun
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

URL = "/v1/audit/exports"


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)


@pytest.fixture
def auditor(api: ApiClientFactory) -> APIClient:
    return api(service="siem", scopes={"audit:read"})


def ask(client: APIClient, **body: Any) -> Any:
    answer = client.post(URL, body, format="json")
    assert answer.status_code == 202, answer.json()
    return answer.json()


def work(export: Any) -> None:
    """What a worker does."""
    export_trail.apply(kwargs={"job_id": export["job_id"], "export_id": export["id"]}).get()


def fetched(client: APIClient, export: Any) -> str:
    answer = client.get(f"{URL}/{export['id']}/content")
    assert answer.status_code == 200, answer.content
    content: bytes = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return content.decode()


def run_of(export: ExportJob) -> JobRun:
    assert export.job is not None
    return JobRun(job_id=export.job.public_id, attempt=1, done=0, total=0)


@pytest.mark.parametrize("number", [0, 2, 3, 7])
def test_the_file_holds_what_there_was_newest_first(auditor: APIClient, number: int) -> None:
    rows = [AuthEventFactory.create() for _ in range(number)]
    export = ask(auditor, format="jsonl", event_type=["auth.*"])
    assert (export["state"], export["expires_at"]) == ("queued", None)
    AuthEventFactory.create()  # too late

    work(export)

    told = [json.loads(line)["id"] for line in fetched(auditor, export).splitlines()]
    assert told == [row.public_id for row in reversed(rows)]
    state = auditor.get(f"{URL}/{export['id']}").json()
    assert (state["state"], state["rows"]) == ("succeeded", number)
    job = auditor.get(f"/v1/jobs/{export['job_id']}").json()
    assert (job["state"], job["done"], job["total"]) == ("succeeded", number, number)
    assert job["result"]["content"] == f"{URL}/{export['id']}/content"


@pytest.mark.parametrize("name", ["json", "csv", "ocsf"])
def test_every_format_can_be_fetched(auditor: APIClient, name: str) -> None:
    row = AuthEventFactory.create()
    export = ask(auditor, format=name)
    work(export)
    assert row.public_id in fetched(auditor, export)


def test_the_filters_are_those_of_the_list(auditor: APIClient) -> None:
    user = new_user()
    mine = AuthEventFactory.create(subject_user_id=user)
    AuthEventFactory.create()
    export = ask(auditor, format="jsonl", user_id=user, event_type=["auth.*"])
    work(export)
    assert [json.loads(line)["id"] for line in fetched(auditor, export).splitlines()] == [
        mine.public_id
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "format"),
        ({"format": "xml"}, "format"),
        ({"format": "csv", "user_id": "x"}, "user_id"),
        ({"format": "csv", "colour": "x"}, "colour"),
        ({"format": "csv", "event_type": ["nothing.such"]}, "event_type"),
    ],
)
def test_what_makes_no_sense_is_refused(
    auditor: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = auditor.post(URL, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not ExportJob.objects.exists()


def test_each_export_and_each_download_is_a_row_of_the_trail(auditor: APIClient) -> None:
    export = ask(auditor, format="csv", outcome="failure")
    work(export)
    fetched(auditor, export)
    rows = AuthEvent.objects.of_types({AuditType.TRAIL_EXPORTED}).newest_first()
    assert [row.metadata["step"] for row in rows] == ["downloaded", "requested"]
    assert rows[0].metadata["filter"] == {"outcome": "failure"}
    assert rows[0].metadata["export_id"] == export["id"]


def test_exports_are_their_owners(auditor: APIClient, api: ApiClientFactory) -> None:
    export = ask(auditor, format="csv")
    work(export)
    other = api(service="other", scopes={"audit:read"})
    for path in (f"{URL}/{export['id']}", f"{URL}/{export['id']}/content"):
        assert other.get(path).status_code == 404
        assert api(service="siem", scopes={"users:read"}).get(path).status_code == 403
    assert api(service="siem").post(URL, {"format": "csv"}, format="json").status_code == 403


def test_what_is_not_written_yet_or_has_expired_cannot_be_fetched(auditor: APIClient) -> None:
    export = ask(auditor, format="csv")
    assert auditor.get(f"{URL}/{export['id']}/content").status_code == 409
    work(export)
    ExportJob.objects.update(expires_at=timezone.now())
    answer = auditor.get(f"{URL}/{export['id']}/content")
    assert (answer.status_code, answer.json()["title"]) == (410, "The export has expired")


def test_an_attempt_that_is_killed_is_gone_on_with_behind_its_last_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [AuthEventFactory.create() for _ in range(8)]
    export = an_export()
    append, parts = exports._append, []

    def die_at_the_second(*arguments: Any) -> None:
        append(*arguments)
        parts.append(1)
        if len(parts) == 2:
            raise KeyboardInterrupt  # within the transaction of the part, as a kill would be

    monkeypatch.setattr(exports, "_append", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        exports.write(run_of(export), export_id=export.public_id)
    assert ExportJob.objects.get().rows == ExportPart.objects.count() * 3 == 3

    exports.write(run_of(export), export_id=export.public_id)

    export.refresh_from_db()
    text = b"".join(exports._contents(export)).decode()
    told = [json.loads(line)["id"] for line in text.splitlines()]
    assert told == [row.public_id for row in reversed(rows)]


def test_a_worker_whose_job_another_has_taken_over_writes_nothing() -> None:
    AuthEventFactory.create()
    export = an_export()
    Job.objects.update(attempts=2)
    with pytest.raises(JobNotRunningError):
        exports.write(run_of(export), export_id=export.public_id)
    assert not ExportPart.objects.exists()


def test_exports_are_forgotten_when_they_cannot_be_fetched_any_more() -> None:
    kept, expired, forgotten = an_export(), an_export(), an_export()
    ExportJob.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    ExportPart.objects.create(export=expired, number=0, content=b"x")
    ExportJob.objects.filter(pk=forgotten.pk).update(created_at=timezone.now() - timedelta(days=3))
    assert forget_expired_exports() == 2
    assert ExportJob.objects.get() == kept
    assert not ExportPart.objects.exists()
