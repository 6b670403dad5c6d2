"""Checking and making password hashes: outside transactions, a bounded number at once, equal cost for everybody."""

import threading
import unicodedata
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.errors import PasswordNotAcceptableError
from accounts.metrics import PASSWORD_HASH_DURATION, PASSWORD_HASH_WAITING
from accounts.models import User
from config.http.problems import FieldError


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(settings.ENVIRONMENT.hashing_concurrency)


@cache
def _nobodys_hash() -> str:
    return make_password("nobody has this password")


def normalized(password: str) -> str:
    """Unicode NFC, so that one password typed on two keyboards is one password (NIST SP 800-63B)."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """The encoded hash of `password`. Call it outside a transaction, which it would hold open for its time."""
    with (
        PASSWORD_HASH_WAITING.track_inprogress(),
        _places(),
        PASSWORD_HASH_DURATION.labels("argon2id").time(),
    ):
        return make_password(normalized(password))


def verify_password(user: User | None, password: str) -> bool:
    """Whether `password` is the user's. For None the same work is done and the answer is no.

    A hash made with another algorithm or older parameters is replaced on the way.
    """
    encoded = user.password if user is not None and user.has_usable_password() else _nobodys_hash()
    outdated = False

    def mark_outdated(_: str) -> None:
        nonlocal outdated
        outdated = True

    with (
        PASSWORD_HASH_WAITING.track_inprogress(),
        _places(),
        PASSWORD_HASH_DURATION.labels("argon2id").time(),
    ):
        matches = check_password(normalized(password), encoded, setter=mark_outdated)
    if user is None or encoded != user.password:
        return False
    if matches and outdated:
        renewed = hash_password(password)
        if User.objects.filter(pk=user.pk, password=encoded).update(password=renewed):
            user.password = renewed
    return matches


def check_acceptable(password: str, user: User, *, field: str) -> None:
    """Raises PasswordNotAcceptableError, naming `field`, unless the password meets the rules."""
    try:
        validate_password(normalized(password), user)
    except ValidationError as error:
        raise PasswordNotAcceptableError(
            errors=[
                FieldError(field, failure.code or "invalid", failure.messages[0])
                for failure in error.error_list
            ]
        ) from None
