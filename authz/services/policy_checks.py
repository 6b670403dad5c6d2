"""Looking at a draft before anybody saves it: does it compile, and which cases would it break?"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authz.engine import document as language
from authz.engine.errors import Flaw, PolicyError
from authz.models import Policy, PolicyCase
from authz.services import case_runs, drafted
from authz.services.case_runs import CaseRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`flaws` are in the document; without any, `broken` are the cases that hold now and would not any more.

    `changed` is False for the document that is in force already.
    """

    flaws: tuple[Flaw, ...] = ()
    broken: tuple[CaseRun, ...] = ()
    changed: bool = True


def check(document: Any, *, policy_id: UUID | None = None, in_force: Any = None) -> Checked:
    """What would become of `document` as a new policy or in the place of the policy `policy_id`, whose document now is
    `in_force`. Raises PolicyNotFoundError, PolicySetBrokenError.
    """
    try:
        name = language.parse(document).name
    except PolicyError as error:
        return Checked(flaws=error.flaws)
    if any(one.pk != policy_id for one in Policy.objects.live().filter(name=name)):
        return Checked(flaws=(Flaw("name", "taken", "Another policy has this name."),))
    changed = document != in_force
    if not PolicyCase.objects.in_force().exists():  # then there is no need to compile all policies
        return Checked(changed=changed)
    now, then = drafted.now_and_then(document=document, policy_id=policy_id)
    return Checked(broken=tuple(case_runs.broken_between(now, then)), changed=changed)
