"""What a person's page tells of second factors."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from config.dashboard.panels import Content, Line, Panel, Person, moment, register
from mfa.models import BackupCode, Passkey, ResetRequest, TotpDevice


def factors(person: Person) -> Content:
    left = BackupCode.objects.of(person.pk).unused().count()
    lines = (*_apps(person), *_passkeys(person))
    codes = _("%(count)d backup codes are left.") % {"count": left}
    waiting = ResetRequest.objects.of(person.pk).open().first()
    asked = _("A reset was asked for and waits for another of the staff: %(reason)s")
    return Content(
        columns=(_("factor"), _("since (UTC)"), _("last used (UTC)")),
        lines=lines,
        notes=(
            *([codes] if lines else []),
            *([asked % {"reason": waiting.reason}] if waiting else []),
        ),
        empty=_("No second factor."),
        query={"q": person.email},
    )


def _apps(person: Person) -> Iterator[Line]:
    for device in TotpDevice.objects.confirmed().of(person.pk):
        yield Line(
            texts=(_("authenticator app"), moment(device.created_at), moment(device.last_used_at)),
            tone="good",
        )


def _passkeys(person: Person) -> Iterator[Line]:
    for key in Passkey.objects.of(person.pk):
        blocked = key.blocked_at is not None
        name = (
            _("passkey %(name)s, blocked: it was seen copied") if blocked else _("passkey %(name)s")
        )
        yield Line(
            texts=(name % {"name": key.name}, moment(key.created_at), moment(key.last_used_at)),
            tone="bad" if blocked else "good",
        )


register(Panel(title=_("Second factors"), model="mfa.ResetRequest", draw=factors, order=15))
