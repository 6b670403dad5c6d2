"""The same change to many people: a job, each of them in a transaction of their own, that survives its worker."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import staff_changes
from authz.services.roles import scopes_of
from config.http import context
from config.http.principal import Principal
from config.http.problems import FieldError, ForbiddenError, InvalidRequestError, ProblemError
from config.jobs import kinds
from config.jobs import services as jobs
from config.jobs.models import Job
from config.jobs.running import JobRun

KIND = kinds.named("people.change", _("change to many people"))
AT_CONSOLE = "console"  # the client on the trail, as of what staff do at once
MOST_REFUSALS = 100  # that the job's result names; it counts the others too


def start(*, change: str, people: Sequence[str], reason: str, by: Principal) -> Job:
    """Have `change` done to the people with these public ids, in the name of `by`.

    Raises InvalidRequestError for more than `bulk_change_most`.
    """
    from accounts.tasks import change_people  # noqa: PLC0415 - the task calls this module

    most = settings.ENVIRONMENT.bulk_change_most
    if len(people) > most:
        raise InvalidRequestError(
            errors=[FieldError("people", "too_many", f"At most {most:,} people at once.")]
        )
    with transaction.atomic():
        return jobs.enqueue(
            kind=KIND,
            task=change_people,
            owner=by,
            total=len(people),
            arguments={
                "change": change,
                "people": list(people),
                "reason": reason,
                "by": by.id,
            },
        )


def perform(
    run: JobRun, *, change: str, people: Sequence[str], reason: str, by: str
) -> dict[str, Any]:
    """Go on behind the last person that an earlier attempt was done with. Whoever asked has to hold the right still:
    it is looked up again for each person. The result counts the refusals of this attempt; `earlier` people were left to
    those before it, of whom the trail tells.
    """
    staff = replace(context.current(), actor_type="user", actor_id=by, client_id=AT_CONSOLE)
    refused: list[dict[str, str]] = []
    refusals = 0
    for number, public_id in enumerate(people[run.done :], start=run.done + 1):
        try:
            with context.acting(staff):
                _change(change, public_id, reason=reason, by=by)
        except ProblemError as problem:
            refusals += 1
            if len(refused) < MOST_REFUSALS:
                refused.append({"person": public_id, "why": problem.detail or problem.title})
        run.report_progress(number)
    return {"people": len(people), "earlier": run.done, "refusals": refusals, "refused": refused}


def _change(change: str, public_id: str, *, reason: str, by: str) -> None:
    staff = User.objects.active().with_public_id(by).first()
    user = User.objects.with_public_id(public_id).first()
    if staff is None or user is None:
        raise ForbiddenError("Whoever asked for it, or the person, is not there any more.")
    principal = Principal(type="user", id=by, scopes=scopes_of(staff.pk))
    staff_changes.carry_out(change=change, user=user, reason=reason, by=principal)
