"""Mails about sign-ins that were unusual: where, on what and why, and what to do."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.clocks import on_the_clock_of
from accounts.devices import device_and_place
from accounts.mail import Message
from accounts.models import BlockedSignIn, Session
from accounts.services.risk.signals import WORDS


def new_sign_in(session: Session, token: str) -> Message:
    """A sign-in that was unusual: where, on what and why, and a way out."""
    user = session.user
    with translation.override(user.locale):
        return Message(
            subject=_("A new sign-in to your account"),
            paragraphs=(
                _("Your account was signed in to on %(when)s: %(device)s.")
                % {
                    "when": on_the_clock_of(user, session.created_at),
                    "device": device_and_place(session.user_agent, session.country, session.city),
                },
                _because(session.risk_signals),
                _(
                    "If it was you, there is nothing to do. If it was not, the link signs every device out and lets you"
                    " choose a new password."
                ),
            ),
            action=_("It was not me"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/not-me?token={token}",
        )


def sign_in_blocked(attempt: BlockedSignIn, token: str) -> Message:
    """A sign-in that was refused although the password was right."""
    user = attempt.user
    with translation.override(user.locale):
        return Message(
            subject=_("We stopped a sign-in to your account"),
            paragraphs=(
                _("Somebody signed in with your password on %(when)s: %(device)s. We refused it.")
                % {
                    "when": on_the_clock_of(user, attempt.created_at),
                    "device": device_and_place(attempt.user_agent, attempt.country, attempt.city),
                },
                _because(attempt.risk_signals),
                _(
                    "Tell us whether it was you: then you can sign in there, or choose a new password. A second factor"
                    " keeps such sign-ins from being stopped."
                ),
            ),
            action=_("Say whether it was me"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/stopped-sign-in?token={token}",
        )


def _because(signals: Iterable[str]) -> str:
    """The signals in words; one that a newer release knows is left out."""
    return " ".join(str(WORDS[name]) for name in signals if name in WORDS)
