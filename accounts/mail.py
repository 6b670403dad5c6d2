"""Our mails: each is a few sentences and at most one link, rendered as text and as HTML from the same words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.clocks import span_in_words
from accounts.models import ApiKey, User

_OF_AN_ACCOUNT = gettext_lazy(
    "You get this mail because you have an account with Gatehouse. We never ask for your password by mail."
)
_OF_AN_ADDRESS = gettext_lazy("You get this mail because somebody gave us this address.")


@dataclass(frozen=True, kw_only=True)
class Message:
    """`caution` is what to do if it was not the reader, `why` why they get it, if not for having an account.

    `link` may hold a single-use token, so a message is never logged and shows nothing of it in its `repr`.
    """

    subject: str
    paragraphs: tuple[str, ...]
    caution: str = ""
    why: str = ""
    action: str = ""
    link: str = ""

    def __repr__(self) -> str:
        return f"Message({self.subject!r})"


def verification(user: User, token: str) -> Message:
    """The link that confirms an address."""
    with translation.override(user.locale):
        return Message(
            subject=_("Confirm your e-mail address"),
            paragraphs=(
                _(
                    "Welcome to Gatehouse. Confirm that this address is yours to start using your account."
                ),
                _("The link works once, within %(time)s.")
                % {"time": span_in_words(settings.ENVIRONMENT.email_verification_lifetime)},
            ),
            caution=_("If you did not ask for an account, ignore this mail."),
            action=_("Confirm my address"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/verify-email?token={token}",
        )


def known_address(user: User) -> Message:
    """Somebody registered an address that has an account."""
    with translation.override(user.locale):
        return Message(
            subject=_("You already have an account"),
            paragraphs=(
                _(
                    "Somebody, probably you, asked for a new account with this address. There is one already: sign in."
                ),
            ),
            caution=_(
                "If you forgot your password, reset it. If it was not you, there is nothing to do."
            ),
            action=_("Sign in"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/sign-in",
        )


def password_reset(user: User, token: str) -> Message:
    """The link that lets a person choose a new password."""
    with translation.override(user.locale):
        return Message(
            subject=_("Choose a new password"),
            paragraphs=(
                _("Somebody, probably you, asked to reset the password of your account."),
                _("The link works once, within %(time)s, and signs you out everywhere.")
                % {"time": span_in_words(settings.ENVIRONMENT.password_reset_lifetime)},
            ),
            caution=_("If it was not you, ignore this mail: nothing has changed."),
            action=_("Choose a new password"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/reset-password?token={token}",
        )


def password_required(user: User, token: str) -> Message:
    """The same link, where our staff took the former password away."""
    with translation.override(user.locale):
        return Message(
            subject=_("Your account needs a new password"),
            paragraphs=(
                _(
                    "To keep your account safe our staff have taken its password away and signed you out everywhere. "
                    "Choose a new one, which you use nowhere else."
                ),
                _(
                    "The link works once, within %(time)s. After that, ask for another one where you sign in."
                )
                % {"time": span_in_words(settings.ENVIRONMENT.password_reset_lifetime)},
            ),
            action=_("Choose a new password"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/reset-password?token={token}",
        )


def password_changed(user: User) -> Message:
    """A notice after the fact."""
    with translation.override(user.locale):
        return Message(
            subject=_("Your password was changed"),
            paragraphs=(
                _(
                    "The password of your account was changed just now, and other devices were signed out."
                ),
            ),
            caution=_("If it was not you, reset your password at once and tell our support."),
            action=_("My account"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/",
        )


def factor_changed(user: User, *, added: bool) -> Message:
    """A notice after a second factor was added or removed."""
    with translation.override(user.locale):
        what = (
            _("A second factor was added to your account just now.")
            if added
            else _("A second factor was removed from your account just now.")
        )
        return Message(
            subject=_("Your second factor has changed"),
            paragraphs=(what,),
            caution=_("If it was not you, reset your password at once and tell our support."),
            action=_("My account"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/",
        )


def api_key_created(user: User, key: ApiKey) -> Message:
    """A notice after the fact."""
    with translation.override(user.locale):
        return Message(
            subject=_("A new API key for your account"),
            paragraphs=(
                _(
                    "An API key was made for your account just now: %(name)s, ending in %(hint)s. "
                    "Programs that have it act in your name."
                )
                % {"name": key.name, "hint": key.hint},
            ),
            caution=_(
                "If it was not you, revoke it, reset your password at once and tell our support."
            ),
            action=_("My API keys"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/api-keys",
        )


def account_closed(user: User, erasure_due_at: datetime) -> Message:
    """Until when the person can take it back, and how."""
    with translation.override(user.locale):
        day = date_format(erasure_due_at.astimezone(ZoneInfo(user.timezone)), "DATE_FORMAT")
        return Message(
            subject=_("Your account is closed"),
            paragraphs=(
                _("You closed your account just now, and were signed out everywhere."),
                _(
                    "What we hold of you is erased after %(day)s. Until then you can take it back: sign in as usual."
                )
                % {"day": day},
            ),
            caution=_("If it was not you, sign in, take it back, and tell our support."),
            action=_("Take it back"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/take-back",
        )


def archive_ready(user: User) -> Message:
    """Where the archive of the person's data is, and for how long."""
    hours = settings.ENVIRONMENT.archive_lifetime // 3600
    with translation.override(user.locale):
        return Message(
            subject=_("Your data is ready"),
            paragraphs=(
                _(
                    "The archive of what we hold of you is ready: a page to read, and files for programs."
                ),
                _("Fetch it within %(hours)d hours; you need to sign in. After that it is deleted.")
                % {"hours": hours},
            ),
            caution=_(
                "If you did not ask for it, reset your password at once and tell our support."
            ),
            action=_("Fetch my data"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/my-data",
        )


def account_reopened(user: User) -> Message:
    """A notice after the fact."""
    with translation.override(user.locale):
        return Message(
            subject=_("Your account is open again"),
            paragraphs=(
                _("You took back the closing of your account just now. Nothing is erased."),
            ),
            caution=_("If it was not you, reset your password at once and tell our support."),
            action=_("My account"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/",
        )


def sign_in_changed(user: User, *, linked: bool) -> Message:
    """A notice after another provider was connected or disconnected."""
    with translation.override(user.locale):
        what = (
            _("Another way of signing in was connected to your account just now.")
            if linked
            else _("A way of signing in was disconnected from your account just now.")
        )
        return Message(
            subject=_("Your ways of signing in have changed"),
            paragraphs=(what,),
            caution=_("If it was not you, reset your password at once and tell our support."),
            action=_("My account"),
            link=f"{settings.ENVIRONMENT.public_url}/accounts/",
        )


def send(user: User, message: Message, *, to: str = "") -> None:
    """Hand the mail to the mail server, for the person's address or for another of theirs, `to`. Raises what Django's
    backend raises, for the task to try again.
    """
    with translation.override(user.locale):
        _send(to or user.email, message, {"user": user})


def send_to_address(address: str, message: Message) -> None:
    """The same to somebody who is no user of ours: without a name, and in our own language."""
    _send(address, message, {})


def _send(address: str, message: Message, words: dict[str, Any]) -> None:
    words = {
        "message": message,
        "language": get_language(),
        "why": message.why or (_OF_AN_ACCOUNT if "user" in words else _OF_AN_ADDRESS),
        "site": settings.ENVIRONMENT.public_url,
        **words,
    }
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=render_to_string("mail/message.txt", words),
        from_email=settings.ENVIRONMENT.email_from,
        to=[address],
    )
    mail.attach_alternative(render_to_string("mail/message.html", words), "text/html")
    mail.send()
