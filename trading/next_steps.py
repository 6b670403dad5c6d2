"""What a person does next about an account, by the status that it is in."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from trading.models import AccountStatus


class NextStep(StrEnum):
    """The words of the API."""

    NONE = "none"
    LOG_IN = "log_in"
    REPLACE_CREDENTIALS = "replace_credentials"
    CONTACT_SUPPORT = "contact_support"
    WAIT = "wait"


# Texts are for people, and complete: what is the matter, and what they do about it.
STEPS: Mapping[str, tuple[NextStep, Any]] = {
    "pending_login": (NextStep.LOG_IN, _("Log in at the broker to finish linking the account.")),
    "active": (NextStep.NONE, _("All is well. There is nothing to do.")),
    "degraded": (
        NextStep.WAIT,
        _("The broker does not answer at the moment. We go on trying; there is nothing to do."),
    ),
    "reauth_required": (
        NextStep.LOG_IN,
        _("The day's login at the broker is over. Log in again to go on."),
    ),
    "invalid": (
        NextStep.REPLACE_CREDENTIALS,
        _("The broker refused the API key and secret. Replace them."),
    ),
    "suspended": (
        NextStep.CONTACT_SUPPORT,
        _("Our staff have stopped all use of the account. Ask our support why."),
    ),
    "disconnecting": (NextStep.WAIT, _("The account is being unlinked. There is nothing to do.")),
    "unlinked": (NextStep.NONE, _("The account is not linked any more. Link it anew if you like.")),
}


def next_step(status: AccountStatus) -> NextStep:
    return STEPS[status.value][0]


def told(status: AccountStatus) -> str:
    """The sentence for people, in the language that is active."""
    return str(STEPS[status.value][1])
