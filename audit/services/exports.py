"""Exports of the trail: asked for, written by a worker, fetched for a day, forgotten (ADR 0172)."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.errors import ExportExpiredError, ExportNotFoundError, ExportNotReadyError
from audit.events import TrailExported
from audit.exports.formats import WRITERS, Row
from audit.exports.models import ExportJob, ExportPart
from audit.exports.reading import PAGE, end_of, expected_rows, page_after
from audit.models import Position
from audit.trail_filter import TrailFilter
from config.http.principal import Principal
from config.jobs import services as jobs
from config.jobs.models import JobState
from config.jobs.running import JobRun
from events.domain import emit

KIND = "audit.export"


def request(*, principal: Principal, format: str, question: Mapping[str, Any]) -> ExportJob:  # noqa: A002 - its name
    """Have a worker write what the filter `question` (JSON, checked before) asks for."""
    from audit.tasks import export_trail  # noqa: PLC0415 - tasks import services

    with transaction.atomic():
        export = ExportJob(format=format, question=dict(question), before=timezone.now())
        export.job = jobs.enqueue(
            kind=KIND,
            task=export_trail,
            owner=principal,
            arguments={"export_id": export.public_id},
        )
        export.save(force_insert=True)
        _tell(export, "requested")
    return export


def write(run: JobRun, *, export_id: str) -> dict[str, Any]:
    """Write the export to its end, from wherever an earlier attempt was stopped; the job's result.

    Raises ExportNotFoundError when it was forgotten meanwhile, and JobNotRunningError when another worker has it.
    """
    export = ExportJob.objects.with_public_id(export_id).first()
    if export is None:
        raise ExportNotFoundError
    question = TrailFilter.of(export.question)
    expected = max(run.total, expected_rows(question, export.before))
    while export.expires_at is None:
        position = _position(export)
        page = page_after(question, export.before, position)
        with transaction.atomic():
            _append(export, page)
            run.report_progress(export.rows, max(expected, export.rows))
    run.report_progress(export.rows, export.rows)
    return {
        "export_id": export.public_id,
        "rows": export.rows,
        "content": f"/v1/audit/exports/{export.public_id}/content",
        "expires_at": export.expires_at.isoformat(),
    }


def open_content(*, principal: Principal, export_id: str) -> tuple[ExportJob, Iterator[bytes]]:
    """The export and its bytes, a part at a time; a row of the trail says who fetched it.

    Raises ExportNotFoundError, also for somebody else's; ExportNotReadyError; ExportExpiredError.
    """
    export = ExportJob.objects.owned_by(principal).with_public_id(export_id).first()
    if export is None:
        raise ExportNotFoundError
    if export.has_expired:
        raise ExportExpiredError
    if export.state != JobState.SUCCEEDED or export.expires_at is None:
        raise ExportNotReadyError
    with transaction.atomic():
        _tell(export, "downloaded")
    return export, _contents(export)


def note_written(*, format: str, question: Mapping[str, Any], rows: int) -> None:  # noqa: A002 - its name
    """A command has written an export into a file: the trail says so."""
    with transaction.atomic():
        emit(TrailExported(step="written", format=format, filter=dict(question), rows=rows))


def forget_expired() -> int:
    """Delete exports whose link has run out, and those that nothing came of; how many."""
    now, life = timezone.now(), timedelta(seconds=settings.ENVIRONMENT.audit_export_lifetime)
    outlived = ExportJob.objects.outlived(at=now, asked_before=now - 2 * life)
    count = 0
    for export in outlived:
        with transaction.atomic():
            ExportPart.objects.filter(export=export).delete()
            export.delete()
        count += 1
    return count


def _append(export: ExportJob, page: list[dict[str, Any]]) -> None:
    """The next part, and how far it goes, in one transaction: whoever is killed leaves both or neither."""
    last = len(page) < PAGE
    content = _part(export, page, last=last)
    ExportPart.objects.create(
        export=export, number=export.parts, content=zlib.compress(content, level=1)
    )
    export.parts += 1
    export.rows += len(page)
    if page:
        end = end_of(page)
        export.position_time, export.position_event = end.occurred_at, end.event_id
    if last:
        life = timedelta(seconds=settings.ENVIRONMENT.audit_export_lifetime)
        export.expires_at = timezone.now() + life
    export.save()


def _part(export: ExportJob, page: Sequence[Row], *, last: bool) -> bytes:
    writer = WRITERS[export.format]
    opening = b"" if export.parts else writer.opening
    return opening + writer.rows(page, export.rows == 0) + (writer.closing if last else b"")


def _position(export: ExportJob) -> Position | None:
    if export.position_time is None or export.position_event is None:
        return None
    return Position(export.position_time, export.position_event)


def _contents(export: ExportJob) -> Iterator[bytes]:
    parts = ExportPart.objects.filter(export=export)
    for number in range(export.parts):
        yield zlib.decompress(parts.values_list("content", flat=True).get(number=number))


def _tell(export: ExportJob, step: Literal["requested", "downloaded"]) -> None:
    emit(
        TrailExported(
            step=step,
            export_id=export.public_id,
            format=export.format,
            filter=export.question,
            rows=export.rows,
        )
    )
