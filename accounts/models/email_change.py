"""A change of a person's address: asked for, confirmed from the new one, taken back from the old one."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel


class EmailChangeState(models.TextChoices):
    ASKED = "asked", _("waits for the new address")
    CONFIRMED = "confirmed", _("confirmed")
    ENDED = "ended", _("withdrawn, replaced or refused")
    RESTORED = "restored", _("taken back from the old address")


class EmailChangeQuerySet(FoundByPublicId, models.QuerySet["EmailChange"]):
    def asked(self) -> Self:
        return self.filter(state=EmailChangeState.ASKED)

    def open(self) -> Self:
        """Asked for, and still good to be confirmed."""
        return self.asked().filter(expires_at__gt=timezone.now())

    def restorable(self) -> Self:
        """Made, and still to be taken back from the old address, which waits for that."""
        return self.filter(state=EmailChangeState.CONFIRMED, restorable_until__gt=timezone.now())

    def keeping(self, email: str) -> Self:
        """The one that keeps this address for its person, whatever the case it was typed in."""
        return self.restorable().annotate(old=Lower("old_email")).filter(old=email.lower())

    def over(self, *, before: datetime) -> Self:
        """Asked for before that time, and not to be taken back any more."""
        now = timezone.now()
        return self.filter(created_at__lt=before).exclude(
            state=EmailChangeState.CONFIRMED, restorable_until__gt=now
        )


class EmailChange(IdentifiedModel):
    """One of a person waits at a time. Who confirms it reads the new address; who takes it back, the old one."""

    PREFIX = "emc"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_changes"
    )
    session = models.ForeignKey(
        "accounts.Session", on_delete=models.SET_NULL, null=True, related_name="+"
    )  # of the person who asked: it stays signed in
    old_email = models.EmailField(_("old address"), max_length=254)
    new_email = models.EmailField(_("new address"), max_length=254)
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=EmailChangeState.choices,
        default=EmailChangeState.ASKED,
    )
    expires_at = models.DateTimeField(_("good until"))
    restorable_until = models.DateTimeField(_("taken back until"), null=True)

    objects = EmailChangeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=EmailChangeState.values),
                name="email_change_state_known",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state=EmailChangeState.ASKED),
                name="email_change_one_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[EmailChangeState.CONFIRMED, EmailChangeState.RESTORED],
                    restorable_until__isnull=False,
                )
                | models.Q(
                    state__in=[EmailChangeState.ASKED, EmailChangeState.ENDED],
                    restorable_until=None,
                ),
                name="email_change_restorable_once_made",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="email_change_by_user"),
            models.Index(fields=["created_at"], name="email_change_by_age"),
            models.Index(
                Lower("old_email"),
                condition=models.Q(state=EmailChangeState.CONFIRMED),
                name="email_change_away_from",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
