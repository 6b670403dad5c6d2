"""The made-up people of `manage.py seed_demo`, multiplied by PostgreSQL itself until they are a hundred thousand.

Each copy of a row belongs to the same copy of whomever the row belongs to, so that people keep their sessions, accounts
and roles. The time in a key stays; what has to be unique gets the number of the copy.
"""

import io
import time
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection, models

from accounts.models import ApiKey, Preferences, RefreshFamily, Session, User
from audit.exports.models import ExportJob
from audit.privacy.models import LegalHold, PrivacyRequest
from authz.models import DecisionRecord, RoleGrant
from config.jobs.models import Job
from config.vault.models import DataKey
from events.models import OutboxEvent, WebhookDelivery
from mfa.models import ResetRequest, TotpDevice
from tests.proofs.trail_filled import fill as fill_trail
from tests.proofs.trail_filled import say
from trading.models import (
    BrokerSession,
    CredentialVersion,
    Membership,
    OwnershipTransfer,
    SyncRun,
    TradingAccount,
)

# Those that others point at come first.
MULTIPLIED: tuple[type[models.Model], ...] = (
    User, Preferences, RoleGrant, TotpDevice, ApiKey, Session, RefreshFamily, Job, DataKey, ResetRequest,
    PrivacyRequest, LegalHold, ExportJob, TradingAccount, CredentialVersion, BrokerSession, Membership,
    OwnershipTransfer, SyncRun, DecisionRecord, OutboxEvent, WebhookDelivery,
)  # fmt: skip
CLONE = """
CREATE OR REPLACE FUNCTION pg_temp.clone(key uuid, n int) RETURNS uuid IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT (left(key::text, 14) || '7' || substr(md5(key::text || n), 1, 3) || '-8' || substr(md5(key::text || n), 4, 3)
           || '-' || substr(md5(key::text || n), 7, 12))::uuid
$$
"""


def seed(people: int) -> None:
    """People with all that the demo gives them."""
    arguments = ("--people", str(people), "--accounts", str(people // 2), "--into-production")
    call_command("seed_demo", *arguments, stdout=io.StringIO(), stderr=io.StringIO())


def multiply(*, people: int, most: int, trail: int) -> None:
    """Until there are so many `people`, and `trail` rows of the trail; no other table gets more than `most` rows."""
    begun = time.perf_counter()
    copies: dict[type[models.Model], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(CLONE)
        cursor.execute("SET session_replication_role = replica")
        for model in MULTIPLIED:
            rows = model._default_manager.count()
            limit = people if model in {User, Preferences} else most
            wanted = max(limit // rows, 1) if rows else 1
            owners = [copies[owner] for _, owner in _owners(model)]
            copies[model] = min([wanted, *owners])
            cursor.execute(_statement(model), [copies[model] - 1])
        cursor.execute("SET session_replication_role = origin")
    say(f"{sum(map(_rows, MULTIPLIED))} rows written in {time.perf_counter() - begun:.0f} s")
    fill_trail(trail, first=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _rows(model: type[models.Model]) -> int:
    return model._default_manager.count()


def _owners(model: type[models.Model]) -> Iterator[tuple[models.Field, type[models.Model]]]:
    """The columns that point at a row that is multiplied too."""
    for field in model._meta.local_concrete_fields:
        if field.related_model in MULTIPLIED:
            yield field, field.related_model


def _statement(model: type[models.Model]) -> str:
    columns = {field.column: _value(field, model) for field in model._meta.local_concrete_fields}
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(columns.values())} '  # noqa: S608
        f'FROM "{model._meta.db_table}", generate_series(1, %s) AS n'
    )


def _value(field: models.Field, model: type[models.Model]) -> str:
    """What stands in the column of the n-th copy."""
    column = f'"{field.column}"'
    if field.primary_key or field in dict(_owners(model)):
        return f"pg_temp.clone({column}, n)"
    if not _unique(field, model):
        return column
    if isinstance(field, models.BinaryField):
        return f"sha256({column} || n::text::bytea)"
    if isinstance(field, models.UUIDField):
        return f"pg_temp.clone({column}, n)"
    if field.name == "subject_id":  # a public id
        return f"overlay({column} placing lpad(n::text, 5, '0') from length({column}) - 4)"
    return f"CASE WHEN {column} = '' THEN '' ELSE n || '.' || {column} END"


def _unique(field: models.Field, model: type[models.Model]) -> bool:
    """Whether it is told apart by its value, and not by whom it belongs to."""
    if field.unique or field.name == "email":
        return not field.is_relation
    if not isinstance(field, models.BinaryField | models.UUIDField | models.CharField):
        return False
    named = [
        constraint.fields
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    ]
    owned = {owner.name for owner, _ in _owners(model)}
    return any(field.name in names and not owned & set(names) for names in named) and (
        field.name not in {"broker", "subject_kind"}
    )
