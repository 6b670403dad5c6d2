"""An export of many rows: with flat memory, and killed in the middle it comes to the same end."""

import hashlib
import json
import os
import resource
import signal
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections

from audit.exports.formats import ExportFormat
from audit.exports.models import ExportJob
from audit.models import AuthEvent
from audit.services import exports
from config.jobs import services as jobs
from config.jobs.running import JobRun
from config.jobs.tests.factories import JobFactory
from tests.proofs.trail_filled import say

WARM = 10  # parts after which memory is what it will be
MOST_GROWTH = 16  # MiB
GOAL = 0.3  # of the pace of COPY


def prove(*, rows: int) -> bool:
    """Whether an export that was killed has the bytes of one that was not, and memory stayed flat. Paces are told."""
    since, before = _span_of(rows)
    question = {"from": since.isoformat()}
    whole, *_ = [_paced(question, since, before, name) for name in ExportFormat.values]
    cut = _export(question, before)
    _work(cut, until=whole.parts // 2)
    cut.refresh_from_db()
    say(f"killed with {cut.rows} rows in {cut.parts} parts")
    _work(cut, again=True)
    cut.refresh_from_db()
    same = _digest(whole) == _digest(cut)
    say(f"gone on with: {cut.rows} rows, {'the same bytes' if same else 'OTHER BYTES'}")
    flat = _growth(whole) <= MOST_GROWTH
    return same and flat and whole.rows == rows == cut.rows


def _paced(question: dict[str, Any], since: datetime, before: datetime, name: str) -> ExportJob:
    """An export between two times that COPY writes the same rows: what else the machine does falls on all three."""
    export = _export(question, before, name)
    first, begun = _copied(since, before), time.perf_counter()
    _work(export)
    spent = time.perf_counter() - begun
    copying = (first + _copied(since, before)) / 2
    export.refresh_from_db()
    paces = f"{export.rows / spent:,.0f} rows a second, COPY {export.rows / copying:,.0f}"
    say(f"{name}: {export.rows} rows, {paces}: {copying / spent:.2f} of it (the goal is {GOAL})")
    return export


def _span_of(rows: int) -> tuple[datetime, datetime]:
    """From when on so many rows are the newest ones, and when they end."""
    newest = AuthEvent.objects.newest_first().values_list("occurred_at", flat=True)
    return newest[rows - 1], _after(newest[0])


def _after(moment: datetime) -> datetime:
    return moment + timedelta(seconds=1)


def _copied(since: datetime, before: datetime) -> float:
    """The seconds that COPY TO STDOUT takes for the same rows."""
    rows = AuthEvent.objects.since(since).until(before).newest_first()
    select, terms = rows.query.sql_with_params()
    begun, lines = time.perf_counter(), 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({select}) TO STDOUT", terms) as copy,
    ):
        for chunk in copy:
            lines += bytes(chunk).count(b"\n")
    spent = time.perf_counter() - begun
    if lines != rows.count():
        raise RuntimeError("COPY did not write every row")
    return spent


def _export(question: dict[str, Any], before: datetime, name: str = "json") -> ExportJob:
    job = JobFactory.create(kind=exports.KIND, task="audit.tasks.export_trail", arguments={})
    return ExportJob.objects.create(format=name, question=question, before=before, job=job)


def _work(export: ExportJob, *, until: int | None = None, again: bool = False) -> None:
    """What a worker does, in a process of its own; killed with -9 once there are `until` parts."""
    connections.close_all()  # the child must not speak on the parent's
    child = os.fork()
    if child == 0:
        _in_the_child(export, again=again)
    while until is not None:
        export.refresh_from_db()
        if export.parts >= until:
            os.kill(child, signal.SIGKILL)
            break
        time.sleep(0.02)
    _, status = os.waitpid(child, 0)
    if until is None and os.WEXITSTATUS(status) != 0:
        raise RuntimeError("the export failed")


def _in_the_child(export: ExportJob, *, again: bool) -> None:
    code = 1
    try:
        job = jobs.start(export.job.public_id, redelivered=again)  # type: ignore[union-attr]
        assert job is not None
        watch = _Watch()
        run = JobRun(job_id=job.public_id, attempt=job.attempts, done=job.done, total=job.total)
        append = exports._append
        exports._append = lambda *arguments: watch(append, *arguments)
        result = exports.write(run, export_id=export.public_id)
        jobs.succeed(run.job_id, result | {"grown": watch.grown}, attempt=run.attempt)
        code = 0
    finally:
        os._exit(code)


class _Watch:
    """How much the process grew while parts were written, in MiB."""

    def __init__(self) -> None:
        self._parts = self._warm = 0
        self.grown = 0.0

    def __call__(self, append: Any, *arguments: Any) -> None:
        append(*arguments)
        self._parts += 1
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if self._parts == WARM:
            self._warm = most
        self.grown = (most - self._warm) / 1024 if self._warm else 0.0


def _growth(export: ExportJob) -> float:
    job = export.job
    assert job is not None
    job.refresh_from_db()
    grown = float(json.loads(json.dumps(job.result))["grown"])
    say(f"memory grew by {grown:.1f} MiB after the first {WARM} parts")
    return grown


def _digest(export: ExportJob) -> str:
    digest = hashlib.sha256()
    for part in exports._contents(export):
        digest.update(part)
    return digest.hexdigest()
