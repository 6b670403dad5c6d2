"""Our mails about second factors that were copied or lost."""

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mail import Message
from accounts.models import User


def passkey_blocked(user: User) -> Message:
    """A passkey exists twice."""
    with translation.override(user.locale):
        return Message(
            subject=_("One of your passkeys was blocked"),
            paragraphs=(
                _(
                    "A passkey of your account was used in a way that shows that there are two copies of it. "
                    "It is not accepted any more."
                ),
                _(
                    "Sign in with another factor or a backup code, remove the passkey, and add a new one."
                ),
            ),
            caution=_(
                "If you did not just try to sign in, reset your password at once and tell our support."
            ),
        )


def reset_requested(user: User) -> Message:
    """One of the staff asked to take the factors away."""
    with translation.override(user.locale):
        return Message(
            subject=_("Somebody asked to reset your second factors"),
            paragraphs=(
                _(
                    "Our staff were told that you have lost your second factors. Once another of us has approved it, "
                    "they are removed and every device is signed out."
                ),
            ),
            caution=_("If it was not you, tell our support at once."),
        )


def reset_approved(user: User) -> Message:
    """A notice after the fact."""
    with translation.override(user.locale):
        return Message(
            subject=_("Your second factors were reset"),
            paragraphs=(
                _(
                    "Your second factors and backup codes were removed just now, and every device was signed out. "
                    "Sign in with your password and set up a new factor."
                ),
            ),
            caution=_("If it was not you, reset your password at once and tell our support."),
        )
