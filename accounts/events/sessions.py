"""What happens at sign-in and to the sessions that follow."""

from dataclasses import dataclass
from typing import ClassVar

from accounts.events.people import UserEvent
from events.domain import DomainEvent, Outcome, for_the_trail


@dataclass(frozen=True, kw_only=True)
class SessionEvent(UserEvent):
    """Base of what happens to a person's sessions: it changes nothing that a policy may ask about the person."""

    @property
    def touches(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class SessionCreated(SessionEvent):
    """Somebody signed in on a device."""

    event_type = "user.session.created"
    channel = "session.created"
    audit_type = "auth.login.succeeded"

    session_id: str
    method: str
    amr: tuple[str, ...]
    risk_score: int | None = for_the_trail()
    risk_signals: tuple[str, ...] = for_the_trail(())


@dataclass(frozen=True, kw_only=True)
class SessionEnded(SessionEvent):
    """A session is over; its tokens are refused. `reason` says why."""

    event_type = "user.session.ended"
    channel = "session.ended"
    audit_type = "auth.logout"

    session_id: str
    reason: str
    note: str = for_the_trail("")  # what staff said why


@dataclass(frozen=True, kw_only=True)
class SessionAnomaly(SessionEvent):
    """Something about a session looks wrong; `kind` says what: `new_device`, `new_country`, `impossible_travel`,
    `many_failures`, `refresh_token_reuse` or `passkey_cloned`. `session_id` is empty where no session began.
    """

    event_type = "user.session.anomaly"
    channel = "session.anomaly"
    audit_type = "session.anomaly"
    outcome: ClassVar[Outcome] = "failure"

    session_id: str
    kind: str
    risk_score: int | None = for_the_trail()
    risk_signals: tuple[str, ...] = for_the_trail(())


@dataclass(frozen=True, kw_only=True)
class RefreshTokenReused(SessionEvent):
    """For the trail alone: the anomaly tells the others."""

    audit_type = "auth.token.reused"
    outcome: ClassVar[Outcome] = "failure"

    session_id: str
    generations_ago: int


@dataclass(frozen=True, kw_only=True)
class TokenRefreshed(SessionEvent):
    audit_type = "auth.token.refreshed"

    session_id: str


@dataclass(frozen=True, kw_only=True)
class SteppedUp(SessionEvent):
    audit_type = "auth.step_up"

    session_id: str
    method: str


@dataclass(frozen=True, kw_only=True)
class SecondFactorChallenged(SessionEvent):
    audit_type = "auth.mfa.challenged"

    methods: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SignInRefused(DomainEvent):
    """A sign-in that failed. `user_id` is empty for an address that nobody has; the address itself is not kept."""

    audit_type = "auth.login.failed"
    outcome: ClassVar[Outcome] = "failure"
    aggregate_type: ClassVar[str] = "user"

    user_id: str = ""
    reason: str

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id


@dataclass(frozen=True, kw_only=True)
class SignInDelayed(SignInRefused):
    """A try during the delay after many failures."""

    audit_type = "auth.login.delayed"


@dataclass(frozen=True, kw_only=True)
class SignInBlocked(SignInRefused):
    """The password was right, and the sign-in too risky to go on without a second factor."""

    audit_type = "auth.login.blocked"

    risk_score: int
    risk_signals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SignInApproved(SessionEvent):
    """The person said that a blocked sign-in was theirs."""

    audit_type = "auth.login.approved"

    blocked_sign_in_id: str


@dataclass(frozen=True, kw_only=True)
class SignInDisowned(SessionEvent):
    """The person said that a blocked sign-in was not theirs: somebody has their password."""

    audit_type = "session.anomaly"
    outcome: ClassVar[Outcome] = "failure"

    blocked_sign_in_id: str
    kind: str = "sign_in_disowned"


@dataclass(frozen=True, kw_only=True)
class SessionDisowned(SessionEvent):
    """The person said that a session was not theirs."""

    audit_type = "session.anomaly"
    outcome: ClassVar[Outcome] = "failure"

    session_id: str
    kind: str = "disowned"


@dataclass(frozen=True, kw_only=True)
class StuffingSuspected(DomainEvent):
    """Many accounts were tried in vain from one address or network. It is about nobody in particular."""

    audit_type = "session.anomaly"
    outcome: ClassVar[Outcome] = "failure"

    network: str
    accounts: int
    kind: str = "credential_stuffing"
