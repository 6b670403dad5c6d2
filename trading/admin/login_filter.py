"""Whose day's login at the broker is over, or ends soon."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trading.models import TradingAccount


def soon(now: datetime) -> datetime:
    """Until when an end is soon: when its owner has been told."""
    return now + timedelta(seconds=settings.ENVIRONMENT.broker_login_warning)


def ends_soon(account: TradingAccount) -> bool:
    now = timezone.now()
    return account.reauth_by is not None and now < account.reauth_by <= soon(now)


class LoginFilter(admin.SimpleListFilter):
    title = _("login at the broker")
    parameter_name = "login"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("soon", _("ends soon")), ("over", _("is over or missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        accounts: Any = queryset
        match self.value():
            case "soon":
                accounts = accounts.login_ends(after=now, by=soon(now))
            case "over":
                accounts = accounts.login_over(now)
        found: QuerySet[Any] = accounts
        return found
