"""Exports of the trail: asked for, written by a worker, fetched for a day, forgotten (ADR 0172)."""

import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.errors import ExportExpiredError, ExportNotFoundError, ExportNotReadyError
from audit.events import TrailExported
from audit.exports.formats import WRITERS, Writer
from audit.exports.models import ExportJob, ExportPart
from audit.exports.reading import Page, expected_rows, pages_of
from audit.models import Position
from audit.trail_filter import TrailFilter
from config.http.principal import Principal
from config.jobs import kinds
from config.jobs import services as jobs
from config.jobs.models import JobState
from config.jobs.running import JobRun
from events.domain import emit

KIND = kinds.named("audit.export", _("export of the audit trail"))


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
    if export.expires_at is None:
        _write_on(run, export)
    run.report_progress(export.rows, export.rows)
    return {
        "export_id": export.public_id,
        "rows": export.rows,
        "content": f"/v1/audit/exports/{export.public_id}/content",
        "expires_at": export.expires_at and export.expires_at.isoformat(),
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


def _write_on(run: JobRun, export: ExportJob) -> None:
    """All the parts that are missing. While one is compressed PostgreSQL writes the page of the next."""
    question, writer = TrailFilter.of(export.question), WRITERS[export.format]
    expected = max(run.total, expected_rows(question, export.before))
    pages = pages_of(writer, question, export.before, after=_position(export))
    page = next(pages, None)
    with ThreadPoolExecutor(max_workers=1) as compressing:
        while page is not None:
            content = compressing.submit(_part, export.parts, export.rows, page, writer)
            following = next(pages, None)
            with transaction.atomic():
                _append(export, page, content.result())
                run.report_progress(export.rows, max(expected, export.rows))
            page = following


def _append(export: ExportJob, page: Page, content: bytes) -> None:
    """The next part, and how far it goes, in one transaction: whoever is killed leaves both or neither."""
    ExportPart.objects.create(export=export, number=export.parts, content=content)
    export.parts += 1
    export.rows += page.rows
    if page.end is not None:
        export.position_time, export.position_event = page.end.occurred_at, page.end.event_id
    if page.is_last:
        life = timedelta(seconds=settings.ENVIRONMENT.audit_export_lifetime)
        export.expires_at = timezone.now() + life
    export.save()


def _part(parts: int, rows: int, page: Page, writer: Writer) -> bytes:
    """What a page adds to so many parts and rows, compressed."""
    opening = b"" if parts else writer.opening
    closing = writer.closing if page.is_last else b""
    return zlib.compress(opening + writer.go_on(page.text, first=rows == 0) + closing, level=1)


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
