"""What this floor holds of a person itself."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from audit.exports.models import ExportJob, ExportPart
from audit.models import AuthEvent
from audit.privacy import trail
from audit.privacy.models import LegalHold, PrivacyRequest, RequestState
from audit.privacy.registry import LAST, Fate, Holding, Person, Retention, nobody, register
from audit.privacy.services import exports
from audit.searches.models import SavedSearch
from audit.types import ActorType

TRAIL = Retention(text="", setting="audit_retention_months", task="Drop expired audit partitions")
COPIES = Retention(text="", setting="audit_export_lifetime", task="Forget expired audit exports")
PROOF = Retention(text="with the tombstone: it proves that the request was met")


def declare() -> None:
    """Called once, when the app is ready."""
    nobody(
        "hashes; the salts that would let them tell are destroyed with the person's rows of the trail",
        "audit.UnchainedEvent",
        "audit.ChainLink",
        "audit.ChainHead",
        retention=Retention(
            text="as long as the months that they are about", task="Forget expired audit links"
        ),
    )
    nobody(
        "proofs of the whole trail",
        "audit.AuditCheckpoint",
        "audit.CheckpointSpan",
        "audit.CheckpointKey",
        "audit.AuditVerification",
        retention=Retention(text="for good"),
    )
    nobody(
        "how often something happened, to whomever",
        "audit.DailyCount",
        retention=Retention(text="for good: a few thousand rows a year"),
    )
    register(_trail(), *_exports_of_the_trail(), _requests(), _holds(), _searches())


def _trail() -> Holding:
    return Holding(
        model="audit.AuthEvent",
        rows=lambda person: AuthEvent.objects.for_user(person.public_id),
        area="activity",
        withheld={"metadata": "what others did is told with words of theirs"},
        shape=_without_others,
        fate=Fate.ANONYMISED,
        why="the trail stays whole: it says that something happened to an id, and nothing of whom that was",
        erase=trail.erase,
        turn=LAST,
        retention=TRAIL,
    )


def _searches() -> Holding:
    return Holding(
        model="audit.SavedSearch",
        rows=lambda person: SavedSearch.objects.owned_by(person.pk),
        area="saved_searches",
        fate=Fate.DELETED,
        why="what one of the staff looked for",
        retention=Retention(text="until they are deleted, or the person is erased"),
    )


def _exports_of_the_trail() -> tuple[Holding, ...]:
    return (
        Holding(
            model="audit.ExportPart",
            rows=lambda person: ExportPart.objects.filter(export__in=_exports_with(person)),
            withheld={"*": "a copy of the trail, for the staff"},
            fate=Fate.DELETED,
            why="a copy of the trail from before the erasure; whoever needs it asks again",
            turn=86,
            retention=COPIES,
        ),
        Holding(
            model="audit.ExportJob",
            rows=_exports_with,
            withheld={"*": "what staff asked of the trail"},
            fate=Fate.DELETED,
            why="a copy of the trail from before the erasure; whoever needs it asks again",
            turn=87,
            retention=COPIES,
        ),
    )


def _exports_with(person: Person) -> "QuerySet[ExportJob]":
    """All that were made before the person was erased may hold them."""
    done = PrivacyRequest.objects.of(person.pk).erasures().filter(state=RequestState.DONE)
    erased_at = done.values_list("finished_at", flat=True).order_by("-finished_at").first()
    return ExportJob.objects.filter(created_at__lt=erased_at or timezone.now())


def _without_others(row: AuthEvent, shown: dict[str, Any]) -> dict[str, Any]:
    """Where somebody else acted, their address, browser and session are theirs."""
    own = row.actor_type == ActorType.ANONYMOUS or row.actor_id == row.subject_user_id
    hidden = ("ip", "country", "asn", "user_agent", "device_fingerprint", "session_id", "actor_id")
    return shown if own else {name: value for name, value in shown.items() if name not in hidden}


def _requests() -> Holding:
    return Holding(
        model="privacy.PrivacyRequest",
        rows=lambda person: PrivacyRequest.objects.of(person.pk),
        area="privacy_requests",
        withheld={"requested_by": "who may be one of the staff", "reason": "words of the staff"},
        fate=Fate.ANONYMISED,
        why="that a request was made and met is to be proved; free words go",
        blank={"reason": ""},
        first=exports.withdraw,
        turn=5,
        retention=PROOF,
    )


def _holds() -> Holding:
    return Holding(
        model="privacy.LegalHold",
        rows=lambda person: LegalHold.objects.of(person.pk),
        withheld={"*": "who is under a hold is not told so"},
        fate=Fate.ANONYMISED,
        why="that an erasure had to wait is to be proved; why it had to, is no business of the archive",
        blank={"reason": "-", "lift_reason": ""},
        retention=PROOF,
    )
