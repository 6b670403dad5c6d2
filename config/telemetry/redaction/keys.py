"""What secrets are called: names of fields, headers, parameters and settings."""

import re
from functools import lru_cache

REDACTED = "[redacted]"  # what stands where a secret stood

LONGEST_KEY = 128

# One of these among the words of a name makes it a secret's.
SECRET_WORD = re.compile(
    r"assertion|bearer|checksum|csrf|csrftoken|csrfmiddlewaretoken|jwt|otp|passcode|pem|pin|pwd|sessionid|signature"
    r"|tokens?|totp"
)

# These count inside a word too: `newpassword`, `apikey`, `X-ApiKey`, `clientsecret`.
SECRET_PARTS = re.compile(
    r"accesskey|accesstoken|apikey|authorization|authtoken|cookie|credential|datakey|encryptionkey|hostsession|localkey|masterkey"
    r"|passphrase|passw(?:or)?d|privatekey|refreshtoken|requesttoken|secret|sessionkey|signingkey"
)

# What a name ends in when it tells about a secret and does not hold it: `token_type`, `InvalidTokenError`.
ABOUT = re.compile(
    r"age|algorithms?|at|changed|count|endpoint|error|exception|expires|hint|ids?|in|kind|length|lifetime|masked"
    r"|methods?|name|outcome|policy|present|required|seconds|set|size|state|status|supported|total|types?|versions?"
    r"|warning"
)

# `code` is a one-time code unless something says of what.
PLAIN_CODE = re.compile(
    r"area|cell|country|currency|error|exit|http|language|locale|process|reason|response|return|source|status|zip"
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z0-9]+")


def is_secret_key(name: str) -> bool:
    """Whether a value under this name is a secret, whatever case and separators the name is written in."""
    return _is_secret(name) if len(name) <= LONGEST_KEY else _is_secret(name[-LONGEST_KEY:])


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    words = _WORD.findall(_CAMEL.sub("_", name).lower())
    if not words or ABOUT.fullmatch(words[-1]):
        return False
    if words[-1] in {"code", "codes"}:
        return len(words) == 1 or not PLAIN_CODE.fullmatch(words[-2])
    return any(map(SECRET_WORD.fullmatch, words)) or bool(SECRET_PARTS.search("".join(words)))
