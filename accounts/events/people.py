"""What happens to a person's account."""

from dataclasses import dataclass
from typing import Any, ClassVar

from events.domain import DomainEvent, for_the_trail


@dataclass(frozen=True, kw_only=True)
class UserEvent(DomainEvent):
    """Base of everything about one person. `user_id` is public."""

    aggregate_type: ClassVar[str] = "user"

    user_id: str

    @property
    def aggregate_id(self) -> str:
        return self.user_id

    @property
    def subject_user_id(self) -> str:
        return self.user_id

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)


@dataclass(frozen=True, kw_only=True)
class UserCreated(UserEvent):
    """The one event that carries the e-mail: receivers learn whom the id is for."""

    event_type = "user.created"
    audit_type = "account.created"

    email: str
    locale: str
    timezone: str

    def audit_metadata(self) -> dict[str, Any]:
        return {"locale": self.locale, "timezone": self.timezone}


@dataclass(frozen=True, kw_only=True)
class UserVerified(UserEvent):
    """A person has shown that the e-mail address is theirs; the account is active."""

    event_type = "user.verified"
    audit_type = "account.updated"


@dataclass(frozen=True, kw_only=True)
class UserUpdated(UserEvent):
    """`changed` names the fields, not their values."""

    event_type = "user.updated"
    audit_type = "account.updated"

    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(UserEvent):
    """Another address was named, and nothing changes before it is confirmed. For the trail alone, and without it."""

    audit_type = "account.email.change_requested"

    reason: str = for_the_trail("")

    @property
    def touches(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class EmailChangeEnded(UserEvent):
    """It will not be: `why` is `withdrawn`, `replaced` by another, `taken` by another person or `disowned`."""

    audit_type = "account.email.change_ended"

    why: str

    @property
    def touches(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class EmailChanged(UserEvent):
    """A person has another e-mail address, which they confirmed: read it anew if you hold it."""

    event_type = "user.email.changed"
    audit_type = "account.email.changed"


@dataclass(frozen=True, kw_only=True)
class EmailRestored(EmailChanged):
    """The person said from the address before that it was not them, and has it again. The same to receivers."""

    audit_type = "account.email.restored"


@dataclass(frozen=True, kw_only=True)
class UserSuspended(UserEvent):
    """Staff have shut a person out; every session has ended."""

    event_type = "user.suspended"
    audit_type = "account.suspended"

    reason: str


@dataclass(frozen=True, kw_only=True)
class UserReactivated(UserEvent):
    """A person may come in again."""

    event_type = "user.reactivated"
    audit_type = "account.reactivated"

    reason: str


@dataclass(frozen=True, kw_only=True)
class UserDeactivated(UserEvent):
    """An account is closed; every session has ended."""

    event_type = "user.deactivated"
    audit_type = "account.deactivated"

    reason: str


@dataclass(frozen=True, kw_only=True)
class UserErased(UserEvent):
    """What was held of a person is gone, and their id stands for nobody: forget what you hold of them."""

    event_type = "user.erased"
    audit_type = "account.erased"


@dataclass(frozen=True, kw_only=True)
class PreferencesUpdated(UserEvent):
    """`changed` names the preferences, not their values."""

    event_type = "user.preferences.updated"
    channel = "preferences.updated"
    audit_type = "account.updated"

    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CredentialsChanged(UserEvent):
    """What the person proves themself by has changed; `credential` says what: `password`,
    `api_key`, or the id of a sign-in provider such as `google`."""

    event_type = "user.credentials.changed"
    channel = "credentials.changed"

    credential: str


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(CredentialsChanged):
    """A person has another password; `credential` says what changed."""

    audit_type = "account.password.changed"

    credential: str = "password"


@dataclass(frozen=True, kw_only=True)
class SignInLinked(CredentialsChanged):
    """Another provider opens the account from now on; `credential` is its id. The same to receivers."""

    audit_type = "account.sign_in.linked"


@dataclass(frozen=True, kw_only=True)
class SignInUnlinked(CredentialsChanged):
    """The provider that `credential` names opens the account no longer."""

    audit_type = "account.sign_in.unlinked"


@dataclass(frozen=True, kw_only=True)
class PasswordReset(PasswordChanged):
    """The same to receivers; the trail tells them apart."""

    audit_type = "account.password.reset"


@dataclass(frozen=True, kw_only=True)
class PasswordChangeRequired(PasswordChanged):
    """Staff took the password away until the person has chosen another. The same to receivers."""

    audit_type = "account.password.change_required"

    reason: str = for_the_trail("")


@dataclass(frozen=True, kw_only=True)
class ApiKeyEvent(CredentialsChanged):
    """Base of what happens to a person's API keys. Which key it was, the trail alone is told."""

    credential: str = "api_key"
    key_id: str = for_the_trail("")
    name: str = for_the_trail("")
    scopes: tuple[str, ...] = for_the_trail(())

    @property
    def touches(self) -> tuple[str, ...]:
        return ()

    def audit_metadata(self) -> dict[str, Any]:
        return {"key_id": self.key_id, "name": self.name, "scopes": list(self.scopes)}


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(ApiKeyEvent):
    """A person made an API key for a program of theirs."""

    audit_type = "account.api_key.created"


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(ApiKeyEvent):
    """`reason` is that of staff, or of what ended every key; empty when the person revoked it."""

    audit_type = "account.api_key.revoked"

    reason: str = for_the_trail("")

    def audit_metadata(self) -> dict[str, Any]:
        return {**super().audit_metadata(), "reason": self.reason}
