"""Trying a draft on what was decided lately: whom would it newly deny or allow something?"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authz.errors import PolicyDraftNotFoundError
from authz.events import PolicyDraftTried
from authz.models import DecisionRecord, DraftEffect, PolicyDraft
from authz.services import drafted, dry_runs
from authz.services.authorship import author
from authz.services.dry_runs import CHUNK, Change, DryRun, SubjectChanges
from authz.services.replays import Replay
from config.http.principal import Principal
from config.jobs import kinds
from config.jobs import services as jobs
from config.jobs.running import JobRun
from events.domain import emit

KIND = kinds.named("authz.policy_trial", _("trial of a policy"))
BATCH = 1_000


def start(*, draft: PolicyDraft, owner: Principal) -> PolicyDraft:
    """Try the draft, here when little was recorded, else by a job. Both write the same down. While a job is at it there
    is no second one.

    Raises PolicyNotFoundError, PolicyNameTakenError, PolicySetBrokenError.
    """
    from authz.tasks import try_policy_draft  # noqa: PLC0415 - tasks import services

    replay = _replay(draft)
    few = _recorded(settings.ENVIRONMENT.policy_trial_at_once + 1)
    found = None
    if few <= settings.ENVIRONMENT.policy_trial_at_once:
        found = _found_by(replay)
    with transaction.atomic():
        draft = PolicyDraft.objects.select_for_update().get(pk=draft.pk)
        if draft.job is not None and not draft.job.ended:
            return draft
        emit(PolicyDraftTried(draft_id=draft.public_id, policy=str(draft), by=author(owner)))
        if found is not None:
            _keep(draft, found)
        else:
            draft.job = jobs.enqueue(
                kind=KIND,
                task=try_policy_draft,
                owner=owner,
                total=_recorded(settings.ENVIRONMENT.policy_trial_limit),
                arguments={"draft_id": draft.public_id},
            )
            draft.save(update_fields=["job", "updated_at"])
    return draft


def work(run: JobRun, *, draft_id: str) -> dict[str, Any]:
    """What the worker does that got the job; its result are the numbers.

    Raises PolicyDraftNotFoundError, what `start` raises, and JobNotRunningError when another worker has it.
    """
    draft = PolicyDraft.objects.with_public_id(draft_id).first()
    if draft is None:
        raise PolicyDraftNotFoundError
    found = DryRun(settings.ENVIRONMENT.decision_record_allows)
    for done in _walk(_replay(draft), found):
        if done % CHUNK == 0:
            run.report_progress(done, max(done, run.total))
    with transaction.atomic():
        _keep(draft, found)
    return {"draft_id": draft.public_id} | numbers_of(found)


def numbers_of(found: DryRun) -> dict[str, Any]:
    """What a trial came to, as JSON."""
    return {
        "replayed": found.replayed,
        "not_replayed": found.not_replayed,
        "already_different": found.already_different,
        "complete": found.complete,
        "oldest": found.oldest.isoformat() if found.oldest else None,
        "allows_recorded": found.allows_recorded,
        "newly_denied": sum(1 for one in found.by_subject.values() if one.allow_to_deny),
        "newly_allowed": sum(1 for one in found.by_subject.values() if one.deny_to_allow),
        "allow_to_deny": found.allow_to_deny,
        "deny_to_allow": found.deny_to_allow,
    }


def _replay(draft: PolicyDraft) -> Replay:
    return Replay(*drafted.now_and_then(document=draft.document, policy_id=draft.policy_id))


def _recorded(most: int) -> int:
    """How many decisions are recorded, counted no further than `most`."""
    return DecisionRecord.objects.order_by()[:most].count()


def _found_by(replay: Replay) -> DryRun:
    found = DryRun(settings.ENVIRONMENT.decision_record_allows)
    for _step in _walk(replay, found):
        pass
    return found


def _walk(replay: Replay, found: DryRun) -> Iterator[int]:
    rows = DecisionRecord.objects.order_by("-decided_at")
    return dry_runs.walk(replay, rows, found, limit=settings.ENVIRONMENT.policy_trial_limit)


def _keep(draft: PolicyDraft, found: DryRun) -> None:
    """Once more instead of beside it, for a job that is tried again."""
    draft.effects.all().delete()
    effects = (_effect(draft, one) for one in found.by_subject.values())
    DraftEffect.objects.bulk_create(effects, batch_size=BATCH)
    draft.found, draft.tried_at = numbers_of(found), timezone.now()
    draft.save(update_fields=["found", "tried_at", "updated_at"])


def _effect(draft: PolicyDraft, one: SubjectChanges) -> DraftEffect:
    return DraftEffect(
        draft=draft,
        subject=one.subject,
        newly_denied=one.allow_to_deny,
        newly_allowed=one.deny_to_allow,
        examples=[_example(change) for change in one.examples],
    )


def _example(change: Change) -> dict[str, Any]:
    record = change.record
    return {
        "record": str(record.pk),
        "decided_at": record.decided_at.isoformat(),
        "action": record.action,
        "resource": record.resource,
        "before": change.before,
        "after": change.after,
        "allowed": change.allowed_after,
    }
