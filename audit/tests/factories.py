"""Made-up rows of the trail, and events that leave some."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils import timezone
from factory.declarations import LazyFunction
from factory.django import DjangoModelFactory

from audit.models import AuthEvent
from audit.types import ActorType, AuditType, Outcome
from config.ids import new_uuid, public_id
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
