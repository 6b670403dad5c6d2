"""How passwords are hashed, and how long they may be."""

from collections.abc import Sequence
from typing import Any

import bcrypt
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptPasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.breached_passwords import is_breached


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class ImportedBcryptHasher(BCryptPasswordHasher):
    """Plain bcrypt, for people who come from elsewhere. It reads 72 bytes and, as where the hash was made, no more:
    the library refuses longer passwords instead.
    """

    READS = 72

    def encode(self, password: str, salt: Any) -> str:
        made = bcrypt.hashpw(password.encode()[: self.READS], salt)
        return f"{self.algorithm}${made.decode('ascii')}"


class MaximumLengthValidator:
    """No longer than `max_length` characters: hashing has a cost that nobody may choose."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("This password is too long. It may have at most %(max)d characters."),
                code="password_too_long",
                params={"max": self.max_length},
            )

    def get_help_text(self) -> str:
        return _("Your password may have at most %(max)d characters.") % {"max": self.max_length}


class BreachedPasswordValidator:
    """Not one that attackers have: they try those first (NIST SP 800-63B section 3.1.1.2)."""

    def validate(self, password: str, user: User | None = None) -> None:
        if is_breached(password):
            raise ValidationError(
                _(
                    "This password is on lists of passwords that were stolen elsewhere, which attackers try first. "
                    "Choose another."
                ),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Your password may not be one that was stolen elsewhere.")


class ContextWordsValidator:
    """Not built around a word that everybody who attacks us thinks of (NIST SP 800-63B section 3.1.1.2).

    Without the words, whatever their case, `min_rest` characters must remain.
    """

    def __init__(self, words: Sequence[str], min_rest: int) -> None:
        self.words = words
        self.min_rest = min_rest

    def validate(self, password: str, user: User | None = None) -> None:
        rest = password.casefold()
        for word in self.words:
            rest = rest.replace(word.casefold(), "")
        if len(rest) < min(self.min_rest, len(password)):
            raise ValidationError(
                _(
                    "This password is built around a word that is easy to guess here. Choose another."
                ),
                code="password_context_word",
            )

    def get_help_text(self) -> str:
        return _("Your password may not be built around the name of this service or of a broker.")
