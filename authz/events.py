"""What happens to roles and policies. Outside it is one type, `permission.updated`: ask again.

The trail tells them apart by `audit_type`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from events.domain import DomainEvent

ENTITY_TYPES = "entity_types"  # the stamp of the list of types that anything was ever stored of


@dataclass(frozen=True, kw_only=True)
class PermissionUpdated(DomainEvent):
    """What somebody may do has changed.

    `change` says how, in the words of the audit vocabulary. `user_id` is the person concerned, "" when it may be
    anybody; `role` or `policy` (a name, with its id and version) what it came from; `by` who did it.
    """

    event_type: ClassVar[str] = "permission.updated"
    channel: ClassVar[str] = "permission.updated"

    change: str
    user_id: str = ""
    role: str = ""
    expires_at: datetime | None = None
    policy: str = ""
    policy_id: str = ""
    policy_version: int = 0
    by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoleEvent(PermissionUpdated):
    """Base of what happens to a person's roles."""

    aggregate_type: ClassVar[str] = "user"

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
class RoleGranted(RoleEvent):
    """A person holds a role from now on, or until `expires_at`."""

    audit_type: ClassVar[str] = "authz.role.granted"

    change: str = "role.granted"


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(RoleEvent):
    """A role was taken from a person."""

    audit_type: ClassVar[str] = "authz.role.revoked"

    change: str = "role.revoked"


@dataclass(frozen=True, kw_only=True)
class RoleExpired(RoleEvent):
    """A role ran out; it has counted for nothing since its end."""

    audit_type: ClassVar[str] = "authz.role.expired"

    change: str = "role.expired"


@dataclass(frozen=True, kw_only=True)
class RoleDefinitionEvent(DomainEvent):
    """Base of what happens to a role itself, for the trail: `scopes` are those that it carries from now on."""

    aggregate_type: ClassVar[str] = "role"

    role: str
    role_id: str
    scopes: tuple[str, ...]
    by: str
    reason: str

    @property
    def aggregate_id(self) -> str:
        return self.role_id


@dataclass(frozen=True, kw_only=True)
class RoleDefined(RoleDefinitionEvent):
    audit_type: ClassVar[str] = "authz.role.defined"


@dataclass(frozen=True, kw_only=True)
class RoleRemoved(RoleDefinitionEvent):
    audit_type: ClassVar[str] = "authz.role.removed"


@dataclass(frozen=True, kw_only=True)
class PolicyEvent(PermissionUpdated):
    """Base of what happens to a policy."""

    aggregate_type: ClassVar[str] = "policy"

    @property
    def aggregate_id(self) -> str:
        return self.policy_id

    @property
    def touches(self) -> tuple[str, ...]:
        return ("policies",)


@dataclass(frozen=True, kw_only=True)
class PolicyCreated(PolicyEvent):
    """There is a new policy, in force from now on."""

    audit_type: ClassVar[str] = "authz.policy.created"

    change: str = "policy.created"


@dataclass(frozen=True, kw_only=True)
class PolicyUpdated(PolicyEvent):
    """A policy has another version, in force from now on."""

    audit_type: ClassVar[str] = "authz.policy.updated"

    change: str = "policy.updated"


@dataclass(frozen=True, kw_only=True)
class PolicyRolledBack(PolicyEvent):
    """A former version of a policy is in force again, as a new version."""

    audit_type: ClassVar[str] = "authz.policy.rolled_back"

    change: str = "policy.rolled_back"


@dataclass(frozen=True, kw_only=True)
class PolicyCaseEvent(DomainEvent):
    """Base of what happens to the cases of a policy; nothing of it is for the outside.

    `cases` are their names, each as `<policy>/<case>`.
    """

    aggregate_type: ClassVar[str] = "policy"

    policy: str
    policy_id: str
    cases: tuple[str, ...]
    by: str
    reason: str

    @property
    def aggregate_id(self) -> str:
        return self.policy_id


@dataclass(frozen=True, kw_only=True)
class PolicyCaseAdded(PolicyCaseEvent):
    audit_type: ClassVar[str] = "authz.policy.case_added"


@dataclass(frozen=True, kw_only=True)
class PolicyCaseRemoved(PolicyCaseEvent):
    audit_type: ClassVar[str] = "authz.policy.case_removed"


@dataclass(frozen=True, kw_only=True)
class PolicyCasesBroken(PolicyCaseEvent):
    """Somebody changed a policy although these cases do not hold any more."""

    audit_type: ClassVar[str] = "authz.policy.cases_broken"


@dataclass(frozen=True, kw_only=True)
class PolicyDraftTried(DomainEvent):
    """Staff looked whom a draft would concern, for the trail. `policy` is the name in the draft."""

    audit_type: ClassVar[str] = "authz.policy.tried"
    aggregate_type: ClassVar[str] = "policy_draft"

    draft_id: str
    policy: str
    by: str

    @property
    def aggregate_id(self) -> str:
        return self.draft_id


@dataclass(frozen=True, kw_only=True)
class PolicyDeleted(PolicyEvent):
    """A policy is no longer in force."""

    audit_type: ClassVar[str] = "authz.policy.deleted"

    change: str = "policy.deleted"


@dataclass(frozen=True, kw_only=True)
class EntityEvent(DomainEvent):
    """What is known of entities that are not ours has changed: ask again about any of `entities` (`<type>:<id>`).

    `change` says how, `by` who did it. `first_of_types` are types of which nothing was known before. Their properties
    are not told.
    """

    event_type: ClassVar[str] = "entity.updated"
    channel: ClassVar[str] = "permission.updated"
    aggregate_type: ClassVar[str] = "entity"

    change: str
    entities: tuple[str, ...]
    first_of_types: tuple[str, ...] = ()
    by: str

    @property
    def aggregate_id(self) -> str:
        """All in one order: a change may be about many of them."""
        return "entities"

    @property
    def touches(self) -> tuple[str, ...]:
        return (*self.entities, *((ENTITY_TYPES,) if self.first_of_types else ()))


@dataclass(frozen=True, kw_only=True)
class EntitiesStored(EntityEvent):
    audit_type: ClassVar[str] = "authz.entity.stored"

    change: str = "entity.stored"


@dataclass(frozen=True, kw_only=True)
class EntityDeleted(EntityEvent):
    audit_type: ClassVar[str] = "authz.entity.deleted"

    change: str = "entity.deleted"
