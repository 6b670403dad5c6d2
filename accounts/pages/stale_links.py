"""Mailed links that were used or are too old: what a person does instead of each. Some cannot be asked for again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models.single_use_token import TokenPurpose


@dataclass(frozen=True, kw_only=True)
class Way:
    """A page, by name, and what the link to it says."""

    text: Any
    view: str


@dataclass(frozen=True, kw_only=True)
class Instead:
    """What to do, and the pages on which it is done."""

    text: Any
    ways: tuple[Way, ...]


SIGN_IN = Way(text=_("Sign in"), view="account_login")
NEW_PASSWORD = Way(text=_("Choose a new password"), view="account_reset_password")

INSTEAD: Mapping[TokenPurpose, Instead] = {
    TokenPurpose.EMAIL_VERIFICATION: Instead(
        text=_(
            "It was used already, or is too old. If your address is confirmed, sign in; if not, have another "
            "link mailed."
        ),
        ways=(Way(text=_("Mail me another link"), view="resend-verification"), SIGN_IN),
    ),
    TokenPurpose.PASSWORD_RESET: Instead(
        text=_("It was used already, or is too old. Ask for another link."),
        ways=(Way(text=_("Mail me another link"), view="account_reset_password"), SIGN_IN),
    ),
    TokenPurpose.CONSOLE_SIGN_IN: Instead(
        text=_(
            "It was used already, or is too old. Sign in with your password or a passkey. Whoever runs the "
            "service can make another link."
        ),
        ways=(Way(text=_("Sign in to the console"), view="admin:login"),),
    ),
    TokenPurpose.SIGN_IN_APPROVAL: Instead(
        text=_(
            "It was used already, or is too old. If the sign-in was yours, sign in again: if it is stopped "
            "once more, we mail you another link. If it was not yours, choose a new password."
        ),
        ways=(SIGN_IN, NEW_PASSWORD),
    ),
    TokenPurpose.SESSION_DISOWNING: Instead(
        text=_(
            "If you used it before, every device was signed out then, and a link for a new password is in "
            "your mail. If you did not, and the sign-in was not yours, choose a new password now: that signs "
            "every device out as well."
        ),
        ways=(NEW_PASSWORD, Way(text=_("See my devices"), view="my-account")),
    ),
    TokenPurpose.EMAIL_CHANGE: Instead(
        text=_(
            "It was used already, withdrawn, or is too old. Which address your account has, and another link, "
            "are on the page of your e-mail address."
        ),
        ways=(Way(text=_("My e-mail address"), view="change-email"),),
    ),
    TokenPurpose.EMAIL_CHANGE_DISOWNING: Instead(
        text=_(
            "It was used already, is too old, or a later mail of ours has another: use that of the latest. If "
            "you used it, your account has kept or got back its address, and a link for a new password is in "
            "your mail. If you cannot get in any more, tell our support: they help you to have your account "
            "back."
        ),
        ways=(SIGN_IN, NEW_PASSWORD),
    ),
}
