"""Backup codes: made in one set, each used once."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from config.vault.mac import keyed_hash
from events.domain import emit
from mfa import metrics
from mfa.errors import NotEnrolledError
from mfa.events import BackupCodesReplaced
from mfa.models import BackupCode
from mfa.person import Person, lock
from mfa.services import factors

# Crockford's base 32: no letter that is taken for a digit. Ten symbols are 50 bits.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SYMBOLS = 10
_LOOKALIKES = str.maketrans("ilo", "110", " -")


def regenerate(*, user: Person) -> tuple[str, ...]:
    """A new set of codes, to be shown once; the former set is dead.

    Raises NotEnrolledError without a second factor, VaultUnavailableError.
    """
    with transaction.atomic():
        lock(user)
        if not factors.count(user):
            raise NotEnrolledError
        codes = issue(user)
        emit(BackupCodesReplaced(user_id=user.public_id, method="backup_code"))
    metrics.ENROLMENTS.labels("backup_code", "success").inc()
    return codes


def issue(user: Person) -> tuple[str, ...]:
    """Replace the codes of `user` inside the caller's transaction, which holds the person's lock."""
    codes = tuple(_draw() for _ in range(settings.ENVIRONMENT.backup_code_count))
    BackupCode.objects.of(user.pk).delete()
    BackupCode.objects.bulk_create(
        BackupCode(user_id=user.pk, code_hash=hashed(user, code)) for code in codes
    )
    return codes


def issue_with_the_first(user: Person) -> tuple[str, ...]:
    """Codes, to be shown once, if the factor that was just added is the only one; else nothing. Called like `issue`."""
    return issue(user) if factors.count(user) == 1 else ()


def drop_with_the_last(user: Person) -> int:
    """After a removal: without any factor the codes go as well. Returns how many factors are left. Call it like
    `issue`.
    """
    left = factors.count(user)
    if not left:
        BackupCode.objects.of(user.pk).delete()
    return left


def use(user: Person, code: str, *, at: datetime) -> bool:
    """Whether `code` was an unused one of `user`; it is used now."""
    return BackupCode.objects.of(user.pk).use(hashed(user, code), at=at)


def hashed(user: Person, code: str) -> bytes:
    """What is stored: bound to the person, and the same for every way in which people type a code."""
    plain = code.lower().translate(_LOOKALIKES)
    return keyed_hash("mfa backup code", f"{user.public_id}:{plain}".encode())


def _draw() -> str:
    symbols = "".join(secrets.choice(_ALPHABET) for _ in range(_SYMBOLS))
    return f"{symbols[:5]}-{symbols[5:]}"
