"""Public ids: a prefix that names the kind, and a UUIDv7 that sorts by time.

The encoding is TypeID's (https://github.com/jetify-com/typeid/tree/main/spec): `usr_01h455vb4pex5vsknk084sn02q`.
"""

from typing import Any, cast
from uuid import UUID

import uuid_utils.compat
from typeid import TypeID
from typeid.errors import TypeIDException


def new_uuid() -> UUID:
    """A fresh UUIDv7 (RFC 9562 section 5.7): later calls sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def public_id(prefix: str, value: UUID) -> str:
    """The public form of `value`: `<prefix>_<26 characters of base 32>`."""
    return str(TypeID.from_uuid(prefix=prefix, suffix=cast("Any", value)))


def parse_public_id(prefix: str, text: str) -> UUID | None:
    """The UUID inside `text`, or None when `text` is not a well-formed id of this kind."""
    try:
        parsed = TypeID.from_string(text)
    except (TypeIDException, ValueError):
        return None
    if parsed.prefix != prefix:
        return None
    return UUID(bytes=parsed.uuid_bytes)
