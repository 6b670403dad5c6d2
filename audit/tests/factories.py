"""Made-up rows of the trail, and events that leave some."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from factory.declarations import LazyFunction
from factory.django import DjangoModelFactory

from audit.exports.formats import ExportFormat
from audit.exports.models import ExportJob
from audit.models import AuthEvent
from audit.types import ActorType, AuditType, Outcome
from config.ids import new_uuid, public_id
from config.jobs.tests.factories import ASHA, running
from events.domain import DomainEvent
from events.domain import Outcome as EventOutcome


def new_user() -> str:
    return public_id("usr", new_uuid())


def new_session() -> str:
    return public_id("ses", new_uuid())


class AuthEventFactory(DjangoModelFactory[AuthEvent]):
    """A successful sign-in just now."""

    class Meta:
        model = AuthEvent

    occurred_at = LazyFunction(timezone.now)
    event_type = AuditType.SIGN_IN_SUCCEEDED
    outcome = Outcome.SUCCESS
    actor_type = ActorType.ANONYMOUS
    subject_user_id = LazyFunction(new_user)


def an_export(owner_id: str = ASHA.id, **fields: Any) -> ExportJob:
    """An export that a worker has in hand, in the first attempt, asked for by the person of this id."""
    job = running(kind="audit.export", owner_id=owner_id)
    asked = {"format": ExportFormat.JSONL, "before": timezone.now() + timedelta(seconds=1)}
    return ExportJob.objects.create(job=job, **(asked | fields))


@dataclass(frozen=True, kw_only=True)
class SomebodySignedIn(DomainEvent):
    """For the tests of the trail alone; stays inside."""

    audit_type = AuditType.SIGN_IN_SUCCEEDED.value

    user_id: str
    method: str = "password"

    @property
    def subject_user_id(self) -> str:
        return self.user_id


@dataclass(frozen=True, kw_only=True)
class SomebodyWasRefused(SomebodySignedIn):
    audit_type = AuditType.SIGN_IN_BLOCKED.value
    outcome: ClassVar[EventOutcome] = "failure"

    session_id: str
    risk_score: int
    risk_signals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SomethingSecretHappened(SomebodySignedIn):
    """Tells the outside more than the trail."""

    event_type = "test_audit.something.secret"
    aggregate_type: ClassVar[str] = "user"

    email: str

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    def audit_metadata(self) -> dict[str, str]:
        return {"method": self.method}
