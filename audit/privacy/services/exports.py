"""Archives of people's data: asked for, made by a worker, fetched for a day, and deleted."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.privacy import archive
from audit.privacy.errors import ArchiveGoneError
from audit.privacy.events import ArchiveFetched, ArchiveReady
from audit.privacy.models import PrivacyRequest, RequestKind, RequestState
from audit.privacy.registry import Person
from audit.privacy.services import requests
from config.http.principal import Principal
from config.jobs import kinds
from config.jobs import services as jobs
from config.jobs.models import Job, JobState
from events.domain import emit

JOB_KIND = kinds.named("privacy.export", _("archive of a person's data"))


def ask(*, subject: Person, by: Principal, reason: str = "") -> PrivacyRequest:
    """Have an archive made, in the name of `by`. Raises RequestOpenError while one is being made."""
    from audit.privacy.tasks import build_archive  # noqa: PLC0415 - the task calls this module

    with transaction.atomic():
        _close_failed(subject)
        asked = requests.make(
            subject=subject, kind=RequestKind.EXPORT, requested_by=by.subject, reason=reason
        )
        job = jobs.enqueue(
            kind=JOB_KIND,
            task=build_archive,
            owner=by,
            arguments={"request": asked.public_id},
        )
        asked.job_id = job.public_id
        asked.save(update_fields=["job_id", "updated_at"])
    return asked


def make(*, request_id: str, report: archive.Report) -> dict[str, Any]:
    """Make the archive of a request, or go on where another attempt ended; harmless once it is met.

    Raises ArchiveGoneError when the request was taken back, be it at the last moment.
    """
    asked = PrivacyRequest.objects.select_related("subject").with_public_id(request_id).first()
    if asked is None or asked.state not in {RequestState.OPEN, RequestState.RUNNING}:
        raise ArchiveGoneError
    unmet = PrivacyRequest.objects.filter(pk=asked.pk).unmet()
    unmet.update(state=RequestState.RUNNING, updated_at=timezone.now())
    archive.build(person=asked.subject, target=path_of(asked), report=report)
    lifetime = timedelta(seconds=settings.ENVIRONMENT.archive_lifetime)
    until = timezone.now() + lifetime
    with transaction.atomic():
        if not requests.end(unmet, RequestState.DONE, archive_expires_at=until):
            _delete(asked)
            raise ArchiveGoneError
        emit(ArchiveReady(user_id=asked.subject.public_id, request_id=asked.public_id))
    return {"request_id": asked.public_id, "expires_at": until.isoformat()}


def newest(subject: Person) -> PrivacyRequest | None:
    """The person's newest request for an archive."""
    return PrivacyRequest.objects.of(subject.pk).exports().order_by("-id").first()


def fetch(*, subject: Person) -> Path:
    """The person's newest archive, for them to have; the trail notes it. Raises ArchiveGoneError."""
    ready = PrivacyRequest.objects.of(subject.pk).fetchable().order_by("-id").first()
    if ready is None or not path_of(ready).exists():
        raise ArchiveGoneError
    with transaction.atomic():
        emit(ArchiveFetched(user_id=subject.public_id, request_id=ready.public_id))
    return path_of(ready)


def withdraw(person: Person) -> None:
    """Nothing of the person is exported any more, and what was is deleted."""
    requests.withdraw(subject=person, kind=RequestKind.EXPORT)
    made = PrivacyRequest.objects.of(person.pk).exports()
    made.filter(archive_expires_at__isnull=False).update(archive_expires_at=None)
    for asked in made:
        _delete(asked)


def forget_spent() -> int:
    """Delete the archives past their time, and what attempts left that will not be taken up again; returns how many."""
    folder = settings.ENVIRONMENT.archive_dir
    left = list(folder.iterdir()) if folder.exists() else []
    known = PrivacyRequest.objects.exports()
    wanted = {
        asked.public_id for rows in (known.fetchable(), known.unmet()) for asked in rows.only("pk")
    }
    gone = [path for path in left if path.stem.startswith("prq_") and path.stem not in wanted]
    for path in gone:
        _remove(path)
    return len(gone)


def path_of(asked: PrivacyRequest) -> Path:
    """Where the archive of a request lies when it is whole."""
    folder: Path = settings.ENVIRONMENT.archive_dir
    return folder / f"{asked.public_id}.zip"


def _close_failed(subject: Person) -> None:
    """A request whose job has failed stands in nobody's way."""
    for asked in PrivacyRequest.objects.of(subject.pk).exports().unmet():
        job = Job.objects.with_public_id(asked.job_id).first()
        if job is None or job.state == JobState.FAILED:
            requests.end(PrivacyRequest.objects.filter(pk=asked.pk), RequestState.FAILED)


def _delete(asked: PrivacyRequest) -> None:
    for suffix in (".zip", ".parts", ".partial"):
        _remove(path_of(asked).with_suffix(suffix))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
