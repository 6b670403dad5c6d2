"""A person: who they are, and the state their account is in."""

from datetime import datetime
from typing import ClassVar, Self
from zoneinfo import available_timezones

import phonenumbers
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest, Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import finding
from accounts.models.session import Session
from accounts.names import validate_name
from accounts.parts import PersonParts, containing
from config.ids import parse_public_id
from config.models import FoundByPublicId, IdentifiedModel


class UserStatus(models.TextChoices):
    PENDING_VERIFICATION = "pending_verification", _("pending verification")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    DEACTIVATED = "deactivated", _("deactivated")
    ERASED = "erased", _("erased")


def validate_timezone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(
            _("Not a time zone of the IANA database, such as Asia/Kolkata."),
            code="unknown_timezone",
        )


def validate_phone(value: str) -> None:
    try:
        parsed = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        valid = False
    else:
        valid = phonenumbers.is_valid_number(parsed) and value == phonenumbers.format_number(
            parsed, phonenumbers.PhoneNumberFormat.E164
        )
    if not valid:
        raise ValidationError(
            _("Not a phone number in E.164 form, such as +919876543210."), code="invalid_phone"
        )


class UserQuerySet(FoundByPublicId, models.QuerySet["User"]):
    def with_email(self, email: str) -> Self:
        """The one account with this address, whatever the case it was typed in."""
        return self.with_lowered_email(email.lower())

    def with_lowered_email(self, lowered: str) -> Self:
        """The same for an address that is in lower case already."""
        return self.annotate(email_lower=Lower("email")).filter(email_lower=lowered)

    def active(self) -> Self:
        return self.filter(status=UserStatus.ACTIVE)

    def closed(self) -> Self:
        return self.filter(status=UserStatus.DEACTIVATED)

    def erasure_due(self) -> Self:
        """Closed by their owners, who did not take it back in time."""
        return self.filter(status=UserStatus.DEACTIVATED, erasure_due_at__lte=timezone.now())

    def search(self, text: str) -> Self:
        """Part of a name, address or phone number, or something whole: an id of the person, of a session of theirs or
        of what other floors know (`accounts.finding`), an address. What is whole finds its person alone. Parts have an
        index (`accounts.parts`); of one or two characters only beginnings of words count.
        """
        text = text.strip()
        if User.parse_id(text):
            return self.with_public_id(text)
        if session := parse_public_id("ses", text):
            return self.filter(sessions__pk=session)
        if "@" in text and (exactly := self.with_email(text)).exists():
            return exactly
        if owners := finding.owners_of(text):
            return self.filter(pk__in=owners)
        return self.alias(parts=PersonParts()).filter(containing(text))

    def seen_since(self, moment: datetime) -> Self:
        """Who signed in, or used a session that has not ended, at that time or later."""
        used = Session.objects.filter(ended_at=None, last_active_at__gte=moment)
        return self.filter(Q(last_login__gte=moment) | Exists(used.filter(user=OuterRef("pk"))))

    def unseen_since(self, moment: datetime) -> Self:
        """Who did once, and not since."""
        return self.filter(last_login__lt=moment).exclude(
            Exists(
                Session.objects.filter(
                    ended_at=None, last_active_at__gte=moment, user=OuterRef("pk")
                )
            )
        )

    def with_last_seen(self) -> Self:
        """Each with `last_seen`, of which both know."""
        live = Session.objects.filter(ended_at=None, user=OuterRef("pk"))
        newest = live.order_by().values("user").values_list(Max("last_active_at"))
        return self.annotate(last_seen=Greatest("last_login", Subquery(newest)))

    def with_role(self, role: str) -> Self:
        """Who holds `role` now. Asks for its key first: of a name PostgreSQL cannot tell how many hold it, and may go
        through all people for a handful.
        """
        from authz.models import Role, RoleGrant  # noqa: PLC0415 - their models point here

        keys = list(Role.objects.filter(name=role).values_list("pk", flat=True))
        return self.filter(pk__in=RoleGrant.objects.live().filter(role__in=keys).values("user_id"))


UserManager = BaseUserManager.from_queryset(UserQuerySet)


class User(IdentifiedModel, AbstractBaseUser):
    """E-mail is the sign-in name. `status` changes only through `accounts.services.status`."""

    PREFIX = "usr"

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=150, validators=[validate_name])
    phone = models.CharField(
        _("phone"),
        max_length=16,
        blank=True,
        validators=[validate_phone],
        help_text=_("E.164: +919876543210"),
    )
    timezone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Kolkata", validators=[validate_timezone]
    )
    locale = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=UserStatus.choices,
        default=UserStatus.PENDING_VERIFICATION,
    )
    status_reason = models.CharField(_("reason for the status"), max_length=500, blank=True)
    status_changed_at = models.DateTimeField(_("status since"), auto_now_add=True)
    erasure_due_at = models.DateTimeField(
        _("erased from"),
        null=True,
        blank=True,
        help_text=_("Set while a person's own closing of the account can be taken back."),
    )
    email_verified_at = models.DateTimeField(_("e-mail verified"), null=True, blank=True)
    password_changed_at = models.DateTimeField(_("password changed"), null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(status__in=UserStatus.values), name="user_status_known"
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="user_phone_e164",
            ),
            models.CheckConstraint(
                condition=~Q(status=UserStatus.ACTIVE) | Q(email_verified_at__isnull=False),
                name="user_active_is_verified",
            ),
            models.CheckConstraint(
                condition=Q(erasure_due_at=None)
                | Q(status__in=[UserStatus.DEACTIVATED, UserStatus.ERASED]),
                name="user_erasure_due_only_when_closed",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "-id"], name="user_by_status"),
            models.Index(
                fields=["erasure_due_at"],
                condition=Q(erasure_due_at__isnull=False),
                name="user_to_be_erased",
            ),
            # The dashboard counts months of newcomers by status, from the index alone.
            models.Index(fields=["created_at"], include=["status"], name="user_by_time"),
        ]

    def __str__(self) -> str:
        return self.email

    def has_scope(self, scope: str) -> bool:
        """Whether a role that the person holds grants `scope`. Looked up once for this object: a request's."""
        return self.is_active and scope in self._scopes

    @cached_property
    def _scopes(self) -> frozenset[str]:
        from authz.services.roles import scopes_of  # noqa: PLC0415 - its models point here

        return scopes_of(self.pk)

    def give_up_scopes(self) -> None:
        """No scope counts for this object, a request's: its session has not proved a second factor."""
        self._scopes = frozenset()

    @property
    def is_staff(self) -> bool:
        """Django's word for "may enter the console"."""
        return self.has_scope("console:access")

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Django's permissions open nothing here: the console asks for scopes."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    @property
    def may_reopen(self) -> bool:
        """Whether the person closed the account and can still take it back."""
        return (
            self.status == UserStatus.DEACTIVATED
            and self.erasure_due_at is not None
            and self.erasure_due_at > timezone.now()
        )

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's word for "may sign in"."""
        return self.status == UserStatus.ACTIVE
