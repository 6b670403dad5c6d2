"""By what the list of people is narrowed."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from authz.models import Role
from mfa.models import Passkey, TotpDevice

DAY = timedelta(days=1)
SPANS = {"1": _("in the last day"), "7": _("in the last 7 days"), "30": _("in the last 30 days")}
AWAY = {"30": _("not for 30 days"), "90": _("not for 90 days")}


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in Role.objects.values_list("name", flat=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        people: Any = queryset
        return people.with_role(self.value()) if self.value() else people  # type: ignore[no-any-return]


class FactorFilter(admin.SimpleListFilter):
    title = _("second factor")
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("app", _("authenticator app")),
            ("passkey", _("passkey")),
            ("none", _("none")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        app = Q(pk__in=TotpDevice.objects.confirmed().values("user_id"))
        passkey = Q(pk__in=Passkey.objects.order_by().values("user_id"))
        match self.value():
            case "app":
                return queryset.filter(app)
            case "passkey":
                return queryset.filter(passkey)
            case "none":
                return queryset.exclude(app).exclude(passkey)
        return queryset


class SeenFilter(admin.SimpleListFilter):
    """By when they last signed in or used a session of theirs."""

    title = _("last seen")
    parameter_name = "seen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        within = list(SPANS.items())
        away = [(f"not-{days}", words) for days, words in AWAY.items()]
        return [*within, *away, ("never", _("never"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        people: Any = queryset
        value = self.value() or ""
        if value in SPANS:
            people = people.seen_since(timezone.now() - int(value) * DAY)
        elif value.removeprefix("not-") in AWAY:
            people = people.unseen_since(timezone.now() - int(value.removeprefix("not-")) * DAY)
        elif value == "never":
            people = people.filter(last_login=None)
        narrowed: QuerySet[User] = people
        return narrowed
