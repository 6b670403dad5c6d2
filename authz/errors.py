"""What can be wrong with a change of roles or policies."""

from authz.engine.errors import PolicyError
from config.http.problems import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnavailableError,
)


class InvalidPolicyError(InvalidRequestError):
    """The document is not a policy; each of `errors` names a place in it, such as `document.condition.all.1.attr`."""

    slug = "invalid-policy"
    title = "The policy does not compile"

    @classmethod
    def of(cls, error: PolicyError, *, member: str = "document") -> "InvalidPolicyError":
        """The flaws of a document that came as `member` of a request."""
        return cls(
            errors=[
                FieldError(f"{member}.{flaw.path}".rstrip("."), flaw.code, flaw.detail)
                for flaw in error.flaws
            ]
        )


class PolicyNameTakenError(ConflictError):
    """Another policy has this name. Names are unique among the policies that are not deleted."""

    slug = "policy-name-taken"
    title = "The policy's name is taken"


class PolicyNotFoundError(NotFoundError):
    """There is no such policy, or no such version of it."""

    slug = "policy-not-found"
    title = "No such policy"


class RoleNotFoundError(NotFoundError):
    """There is no role of this name, or the person does not hold it."""

    slug = "role-not-found"
    title = "No such role"


class RoleInUseError(ConflictError):
    """The role is or was granted to somebody, so it cannot be deleted: its grants are history."""

    slug = "role-in-use"
    title = "The role is in use"


class PersonNotFoundError(NotFoundError):
    """There is no person with this id."""

    slug = "person-not-found"
    title = "No such person"


class SelfGrantError(ForbiddenError):
    """Nobody grants a role to themself: a second person with the right to grant roles must do it."""

    slug = "self-grant"
    title = "Roles are granted by somebody else"


class RoleExceedsGrantorError(ForbiddenError):
    """The role carries scopes that the caller does not hold, so the caller can neither give nor take it."""

    slug = "role-exceeds-grantor"
    title = "The role is above the caller's own"


class PolicyDraftNotFoundError(NotFoundError):
    """There is no such draft of a policy: drafts are forgotten after a while (`POLICY_DRAFT_LIFETIME`)."""

    slug = "policy-draft-not-found"
    title = "No such draft"


class PolicyCaseNotFoundError(NotFoundError):
    """The policy has no case of this name."""

    slug = "policy-case-not-found"
    title = "No such case"


class PolicyCasesBrokenError(ConflictError):
    """With this change, cases that hold now would not hold any more; each of `errors` names one, as
    `cases.<policy>.<case>`, and says what the answer would be.

    Mend the policy, or the case. Whoever means it sends `break_cases: true`: the trail names what was broken.
    """

    slug = "policy-cases-broken"
    title = "The change breaks cases"


class PolicyCaseDoesNotHoldError(ConflictError):
    """The policies in force do not answer the case as it expects, so it is not kept."""

    slug = "policy-case-does-not-hold"
    title = "The case does not hold"


class PolicyCaseNameTakenError(ConflictError):
    """The policy has a case of this name already."""

    slug = "policy-case-name-taken"
    title = "The case's name is taken"


class TooManyPoliciesError(ConflictError):
    """No more policies can be in force, or no more cases belong to one policy: the settings `POLICY_LIMIT` and
    `POLICY_CASE_LIMIT` say how many."""

    slug = "too-many-policies"
    title = "There are too many already"


class PolicySetBrokenError(UnavailableError):
    """A stored policy does not compile under this version, so nothing is decided until staff mend it."""

    slug = "policy-set-broken"
    title = "The policies cannot be loaded"


class EntityNotFoundError(NotFoundError):
    """Nothing is stored of this entity."""

    slug = "entity-not-found"
    title = "No such entity"


class EntityIsOursError(ConflictError):
    """The entity is one of ours, such as a person or a trading account: what is true of it comes from its own records,
    and nobody can store anything about it.
    """

    slug = "entity-is-ours"
    title = "The entity is known from its own records"
