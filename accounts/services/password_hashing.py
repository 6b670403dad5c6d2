"""Checking and making password hashes: outside transactions, a bounded number at once, equal cost for everybody."""

import secrets
import unicodedata
from base64 import b64encode
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.hashers import verify_password as django_verify
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.errors import PasswordNotAcceptableError
from accounts.metrics import PASSWORD_HASH_DURATION
from accounts.models import User
from accounts.passwords import Argon2idHasher
from accounts.services.hashing_queue import hashing_queue
from config.http.problems import FieldError

ALGORITHMS = frozenset({"argon2", "bcrypt", "bcrypt_sha256", "pbkdf2_sha256"})  # PASSWORD_HASHERS


@cache
def _nobodys_hash() -> str:
    """Chance in the form of a hash: it costs what a person's does, also the first time, and no password is its."""
    ours = Argon2idHasher
    cost = f"m={ours.memory_cost},t={ours.time_cost},p={ours.parallelism}"
    salt, tag = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"argon2$argon2id$v=19${cost}${salt}${tag}"


def normalized(password: str) -> str:
    """Unicode NFC, so that one password typed on two keyboards is one password (NIST SP 800-63B)."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """The encoded hash of `password`. Call it outside a transaction, which it would hold open for its time.

    Raises TooManySignInsError.
    """

    def work() -> str:
        with PASSWORD_HASH_DURATION.labels("argon2").time():
            return make_password(normalized(password))

    return hashing_queue().compute(work)


def verify_password(user: User | None, password: str) -> bool:
    """Whether `password` is the user's. For None the same work is done and the answer is no.

    A hash made with another algorithm or older parameters is replaced on the way. Raises TooManySignInsError.
    """
    encoded = user.password if user is not None and user.has_usable_password() else _nobodys_hash()
    matches, outdated = hashing_queue().compute(lambda: _examine(password, encoded))
    if user is None or encoded != user.password:
        return False
    if matches and outdated:
        renewed = hash_password(password)
        if User.objects.filter(pk=user.pk, password=encoded).update(password=renewed):
            user.password = renewed
    return matches


def _examine(password: str, encoded: str) -> tuple[bool, bool]:
    """Whether the hash is of this password, and whether it is not as we make them now."""
    with PASSWORD_HASH_DURATION.labels(_algorithm_of(encoded)).time():
        return django_verify(normalized(password), encoded)


def _algorithm_of(encoded: str) -> str:
    name = encoded.partition("$")[0]
    return name if name in ALGORITHMS else "unknown"


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
