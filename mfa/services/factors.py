"""The factors that a person has, of whichever kind."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Value

from config.compiled_queries import CompiledQuery, parameter
from events.domain import emit
from mfa.events import FactorsReset, Method
from mfa.models import BackupCode, Passkey, PasskeyChallenge, TotpDevice
from mfa.person import Person, lock


def enrolled_among(user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Who of these people has a second factor, in one query. A blocked passkey counts: blocking it must not make the
    password enough.
    """
    apps = TotpDevice.objects.confirmed().filter(user_id__in=user_ids).values_list("user_id")
    keys = Passkey.objects.filter(user_id__in=user_ids).order_by().values_list("user_id")
    return frozenset(user_id for (user_id,) in apps.union(keys))


def kinds_of(user: Person) -> frozenset[Method]:
    """The kinds of what `user` has, unused backup codes among them, in one query."""
    return frozenset(kind for (kind,) in _kinds.rows(user_id=user.pk))


def _kinds_query() -> "QuerySet[Any, tuple[Method]]":
    user_id = parameter("user_id")
    apps = TotpDevice.objects.confirmed().filter(user_id=user_id).annotate(kind=Value("totp"))
    keys = Passkey.objects.of(user_id).order_by().annotate(kind=Value("passkey"))
    codes = BackupCode.objects.of(user_id).unused().annotate(kind=Value("backup_code"))
    kinds: QuerySet[Any, tuple[Method]] = apps.values_list("kind").union(
        keys.values_list("kind"), codes.values_list("kind")
    )
    return kinds


_kinds = CompiledQuery(_kinds_query)


def count(user: Person) -> int:
    """How many factors `user` has; backup codes stand for one and are none themselves."""
    apps: int = TotpDevice.objects.confirmed().of(user.pk).count()
    return apps + Passkey.objects.of(user.pk).count()


def remove_all(*, user: Person) -> None:
    """Take away every factor of `user`, what was about to become one, and the backup codes."""
    with transaction.atomic():
        lock(user)
        methods = tuple(sorted(kinds_of(user) - {"backup_code"}))
        TotpDevice.objects.of(user.pk).delete()
        Passkey.objects.of(user.pk).delete()
        PasskeyChallenge.objects.filter(user_id=user.pk).delete()
        BackupCode.objects.of(user.pk).delete()
        emit(FactorsReset(user_id=user.public_id, methods=methods, factors_left=0))
