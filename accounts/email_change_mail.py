"""Our mails about a change of address: to the new one, to the old one, and to whoever has the new one already."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.clocks import on_the_clock_of, span_in_words
from accounts.mail import Message
from accounts.models import EmailChange, User


def confirm(change: EmailChange, token: str) -> Message:
    """The link that makes the new address the person's; for the new address."""
    with translation.override(change.user.locale):
        return Message(
            subject=_("Confirm your new e-mail address"),
            paragraphs=(
                _(
                    "This address is to be the one of your Gatehouse account. Nothing changes until you confirm it; "
                    "then you sign in with it, and other devices are signed out."
                ),
                _("The link works once, within %(time)s.")
                % {"time": span_in_words(settings.ENVIRONMENT.email_change_lifetime)},
            ),
            caution=_("If you do not have an account, ignore this mail."),
            action=_("Confirm my new address"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/confirm-email?token={token}",
        )


def asked(change: EmailChange, token: str) -> Message:
    """That another address was named, and the way to stop it; for the old address."""
    with translation.override(change.user.locale):
        return Message(
            subject=_("Your account is to have another e-mail address"),
            paragraphs=(
                _(
                    "Somebody, probably you, asked to make %(address)s the address of your account. Nothing changes "
                    "until it is confirmed from there."
                )
                % {"address": change.new_email},
                _(
                    "If it was you, there is nothing to do here. If it was not, the link stops it, signs every device "
                    "out and lets you choose a new password."
                ),
            ),
            action=_("It was not me"),
            link=_not_me(token),
        )


def changed(change: EmailChange, token: str) -> Message:
    """That the account has another address, and the way back; for the old address."""
    user = change.user
    with translation.override(user.locale):
        until = _kept_until(change)
        return Message(
            subject=_("Your e-mail address has changed"),
            paragraphs=(
                _(
                    "%(address)s is the address of your account from now on. This one does not open it any more."
                )
                % {"address": change.new_email},
                _(
                    "If it was not you, the link puts this address back until %(until)s, signs every device out and "
                    "lets you choose a new password."
                )
                % {"until": until},
            ),
            action=_("It was not me"),
            link=_not_me(token),
        )


def in_use(user: User) -> Message:
    """Somebody named the address of `user` for another account."""
    with translation.override(user.locale):
        return Message(
            subject=_("Your address has an account already"),
            paragraphs=(
                _(
                    "Somebody, probably you, asked to use this address for another account. It is the address of this "
                    "one, so nothing has changed."
                ),
                _("To use it there, give this account another address first."),
            ),
            caution=_("If it was not you, there is nothing to do."),
        )


def address_kept(change: EmailChange) -> Message:
    """Somebody named an address that its person left lately, and may come back to."""
    user = change.user
    with translation.override(user.locale):
        until = _kept_until(change)
        return Message(
            subject=_("This address is kept for a while"),
            paragraphs=(
                _(
                    "Somebody, probably you, asked for an account with this address. It belonged to another account "
                    "and is kept for that one until %(until)s, in case the change was not its person's own."
                )
                % {"until": until},
                _("Ask again after that."),
            ),
            caution=_("If it was not you, there is nothing to do."),
        )


def _kept_until(change: EmailChange) -> str:
    """On the clock of the person, until when the old address is kept for them; a change that was made has that."""
    until = change.restorable_until
    return on_the_clock_of(change.user, until) if until else ""


def _not_me(token: str) -> str:
    return f"{settings.ENVIRONMENT.public_url}/accounts/not-my-change?token={token}"
