"""Password hashes that other services made: which ones we can check, and in what form we keep them."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MODULAR_CRYPT_BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")

# What we check, with bounds on the cost: one sign-in must not occupy a core for many seconds.
ACCEPTED = (
    re.compile(r"bcrypt(?:_sha256)?\$\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}"),
    re.compile(r"pbkdf2_sha256\$[1-9][0-9]{0,6}\$[^$]{1,64}\$[A-Za-z0-9+/]{43}="),
    re.compile(
        r"argon2\$argon2id\$v=19\$m=[1-9][0-9]{0,5},t=[1-9][0-9]?,p=[1-9]\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,86}"
    ),
)


def as_stored(password_hash: str) -> str:
    """`password_hash` as Django's hashers read it: theirs as they are, bcrypt's own `$2a$`, `$2b$`, `$2y$` with a name.

    Raises ValidationError for one that we cannot check, or whose cost is out of all proportion.
    """
    if MODULAR_CRYPT_BCRYPT.fullmatch(password_hash):
        password_hash = f"bcrypt${password_hash}"
    if not any(form.fullmatch(password_hash) for form in ACCEPTED):
        raise _refusal()
    return password_hash


def _refusal() -> ValidationError:
    return ValidationError(
        {
            "password_hash": ValidationError(
                _("Not a bcrypt, PBKDF2-SHA256 or Argon2id hash that we can check."),
                code="unknown_password_hash",
            )
        }
    )
