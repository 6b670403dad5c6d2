"""What the floors below this one, and the libraries that they stand on, hold of a person."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from audit.privacy import outbox
from audit.privacy.registry import Fate, Holding, Person, Retention, nobody, register
from config.http.models import IdempotencyRecord
from config.jobs.models import ENDED, Job
from config.vault import data_keys
from config.vault.models import DataKey
from config.vault.sealing import shred
from config.vault.subjects import KeySubject
from events.models import WebhookAttempt, WebhookDelivery

LIBRARIES = Retention(text="for as long as the platform needs them")
BROWSERS = Retention(
    text="eight hours, a working day, and up to an hour more", task="Forget what has run out"
)
ANSWERS = Retention(text="", setting="idempotency_lifetime", task="Forget what has run out")
JOBS = Retention(text="", setting="job_retention", task="Forget what has run out")
RUNS = Retention(text="", setting="scheduled_run_retention", task="Forget what has run out")
DELIVERIES = Retention(text="", setting="webhook_log_retention", task="Forget deliveries")
EVENTS = Retention(text="", setting="outbox_retention", task="Forget sent events")
CONSOLE = Retention(text="", setting="console_log_retention", task="Forget what has run out")


def declare() -> None:
    """Called once, when the app is ready."""
    nobody(
        "names of tables and rights, the same in every installation",
        "contenttypes.ContentType",
        "auth.Permission",
        "auth.Group",
        "auth.Group_permissions",
        retention=LIBRARIES,
    )
    nobody(
        "when the platform does what",
        *(
            f"django_celery_beat.{name}"
            for name in (
                "SolarSchedule",
                "IntervalSchedule",
                "ClockedSchedule",
                "CrontabSchedule",
                "PeriodicTasks",
                "PeriodicTask",
            )
        ),
        "jobs.ScheduledJob",
        "jobs.Lease",
        retention=LIBRARIES,
    )
    nobody("how that went", "jobs.ScheduledRun", retention=RUNS)
    nobody(
        "addresses of programs, registered by staff and clients",
        "events.Webhook",
        retention=LIBRARIES,
    )
    register(*_deliveries())
    register(_browsers(), _answers(), _jobs(), _keys(), _events(), _console())


def _browsers() -> Holding:
    return Holding(
        model="sessions.Session",
        rows=_browsers_of,
        withheld={"*": "what a browser was told to remember, for hours"},
        fate=Fate.DELETED,
        why="a browser that was signed in",
        retention=BROWSERS,
    )


def _browsers_of(person: Person) -> "QuerySet[Session]":
    """Whose a browser's session is, is inside of it."""
    theirs = [
        each.pk
        for each in Session.objects.iterator()
        if each.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    return Session.objects.filter(pk__in=theirs)


def _answers() -> Holding:
    return Holding(
        model="http.IdempotencyRecord",
        rows=lambda person: IdempotencyRecord.objects.filter(caller=f"user:{person.public_id}"),
        withheld={"*": "answers that the person got already, sealed, for a day"},
        fate=Fate.DELETED,
        why="answers to requests, kept so that repeating one does nothing twice",
        retention=ANSWERS,
    )


def _jobs() -> Holding:
    return Holding(
        model="jobs.Job",
        rows=lambda person: Job.objects.filter(
            owner_type="user", owner_id=person.public_id, state__in=ENDED
        ),
        area="jobs",
        withheld={
            "task": "a name inside the program",
            "arguments": "ids inside the program",
            "attempts": "says nothing of the person",
            "sent_at": "says nothing of the person",
            "lease_expires_at": "says nothing of the person",
        },
        fate=Fate.DELETED,
        why="work that was done for the person, and what came of it",
        retention=JOBS,
    )


def _keys() -> Holding:
    return Holding(
        model="vault.DataKey",
        rows=lambda person: DataKey.objects.of_subject(_subject(person)).live(),
        withheld={"*": "a key: nobody is shown it"},
        fate=Fate.ANONYMISED,
        why="the key is destroyed, and all that was sealed under it with it, also in backups; the row says when",
        erase=_destroy_key,
        turn=90,
    )


def _destroy_key(person: Person) -> int:
    """Whoever never had anything sealed gets a key first: the ledger of destroyed keys is how a restored backup learns
    who was erased since.
    """
    subject = _subject(person)
    if not DataKey.objects.of_subject(subject).exists():
        data_keys.for_sealing(subject)
    return int(shred(subject))


def _subject(person: Person) -> KeySubject:
    return KeySubject("user", person.public_id)


def _events() -> Holding:
    return Holding(
        model="events.OutboxEvent",
        rows=outbox.rows_of,
        withheld={"*": "copies of what is in the activity"},
        fate=Fate.ANONYMISED,
        why="what was told to other services: the data goes, also from the stream; the type and the ids stay",
        erase=outbox.erase,
        turn=80,
        retention=EVENTS,
    )


def _deliveries() -> tuple[Holding, ...]:
    return (
        Holding(
            model="events.WebhookAttempt",
            rows=lambda person: WebhookAttempt.objects.filter(
                delivery__event__in=outbox.rows_of(person).sent().values("pk")
            ),
            withheld={"*": "how programs of others answered"},
            fate=Fate.ANONYMISED,
            why="an answer may repeat what it was told",
            erase=lambda person: outbox.forget_deliveries(
                WebhookAttempt, "delivery__event", person
            ),
            turn=78,
            retention=DELIVERIES,
        ),
        Holding(
            model="events.WebhookDelivery",
            rows=lambda person: WebhookDelivery.objects.filter(
                event__in=outbox.rows_of(person).sent().values("pk")
            ),
            withheld={"*": "to whom an event went, which is in the activity"},
            fate=Fate.ANONYMISED,
            why="an event that is emptied is delivered to nobody; that the person was erased is",
            erase=lambda person: outbox.forget_deliveries(WebhookDelivery, "event", person),
            turn=79,
            retention=DELIVERIES,
        ),
    )


def _console() -> Holding:
    return Holding(
        model="admin.LogEntry",
        rows=_changes_to,
        withheld={"*": "the work of the staff; what they did to the account is in the activity"},
        fate=Fate.ANONYMISED,
        why="what staff changed at the console: who did it stays, how the person was called goes",
        blank={"object_repr": "", "change_message": ""},
        retention=CONSOLE,
    )


def _changes_to(person: Person) -> "QuerySet[Any]":
    """By the person, and to the person."""
    themself = ContentType.objects.get_for_model(get_user_model())
    return LogEntry.objects.filter(
        Q(user_id=person.pk) | Q(content_type=themself, object_id=str(person.pk))
    )
