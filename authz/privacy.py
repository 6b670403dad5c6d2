"""What this app holds of a person."""

from django.db.models import Q

from audit.privacy.registry import Fate, Holding, Person, Retention, nobody, register
from authz.errors import RoleNotFoundError
from authz.models import (
    DecisionRecord,
    DraftEffect,
    PolicyCase,
    PolicyDraft,
    PolicyVersion,
    RoleGrant,
    Stamp,
)
from authz.services import roles

RULES = Retention(text="for as long as the platform needs them")
DECISIONS = Retention(text="", setting="decision_retention", task="Forget old decisions")
DRAFTS = Retention(text="", setting="policy_draft_lifetime", task="Forget old policy drafts")
MARKS = Retention(text="one small row for each entity, for good")


def declare() -> None:
    """Called once, when the app is ready."""
    nobody(
        "the rules of the house",
        "authz.Policy",
        "authz.Role",
        "authz.EntityType",
        retention=RULES,
    )
    nobody(
        "entities of clients, who say what they are and erase them themselves; people are none of them",
        "authz.Entity",
        retention=Retention(text="until its client deletes it"),
    )
    register(_grants(), _decisions(), _stamps(), _drafts(), _effects(), *_authorship())


def _grants() -> Holding:
    return Holding(
        model="authz.RoleGrant",
        rows=lambda person: RoleGrant.objects.filter(user_id=person.pk),
        area="roles",
        withheld={
            "granted_by": "one of the staff",
            "reason": "words of the staff",
            "ended_by": "one of the staff",
            "end_reason": "words of the staff",
        },
        fate=Fate.ANONYMISED,
        why="who could do what, and when, is part of the trail; the words go",
        blank={"reason": "", "end_reason": ""},
        first=_revoke_all,
        turn=20,
    )


def _revoke_all(person: Person) -> None:
    for role in roles.roles_of(person.pk):
        try:
            roles.revoke_role(user=person, role=role, revoked_by=None, reason="erased")
        except RoleNotFoundError:  # it ran out, or staff took it, in this moment
            continue


def _decisions() -> Holding:
    return Holding(
        model="authz.DecisionRecord",
        rows=lambda person: DecisionRecord.objects.filter(
            Q(subject=f"user:{person.public_id}") | Q(resource=f"user:{person.public_id}")
        ),
        area="decisions",
        fate=Fate.DELETED,
        why="what was known of the person when something was decided about them",
        retention=DECISIONS,
    )


def _stamps() -> Holding:
    return Holding(
        model="authz.Stamp",
        rows=lambda person: Stamp.objects.filter(name=f"user:{person.public_id}"),
        withheld={"*": "a random mark: it says that something changed, and not what"},
        fate=Fate.KEPT,
        why="nothing that is remembered of the person may decide anything any more",
        retention=MARKS,
    )


def _drafts() -> Holding:
    return Holding(
        model="authz.PolicyDraft",
        rows=lambda person: PolicyDraft.objects.filter(created_by=f"user:{person.public_id}"),
        withheld={"*": "rules of the house that staff tried in their office"},
        fate=Fate.DELETED,
        why="what came of it is a version of the policy",
        retention=DRAFTS,
    )


def _effects() -> Holding:
    return Holding(
        model="authz.DraftEffect",
        rows=lambda person: DraftEffect.objects.filter(subject=f"user:{person.public_id}"),
        withheld={"*": "what a rule that staff tried would have meant; nothing came of it"},
        fate=Fate.DELETED,
        why="made from decisions about the person",
        retention=DRAFTS,
    )


def _authorship() -> tuple[Holding, ...]:
    return tuple(
        Holding(
            model=f"authz.{model.__name__}",
            rows=lambda person, model=model: model.objects.filter(  # type: ignore[misc]
                created_by=f"user:{person.public_id}"
            ),
            withheld={"*": "the rules of the house, written by staff in their office"},
            fate=Fate.KEPT,
            why="who wrote a rule stays to be told, by id; the tombstone names nobody",
            retention=RULES,
        )
        for model in (PolicyVersion, PolicyCase)
    )
