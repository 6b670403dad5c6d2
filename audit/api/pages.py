"""Pages of the trail: by time and id, so that each one is found through an index however far down it is."""

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.views import APIView

from audit.models import AuthEventQuerySet, Position
from config.http.pagination import CursorPages
from config.http.problems import FieldError, InvalidRequestError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = struct.Struct(">q16s")  # microseconds since 1970, and the id


class TrailPages(CursorPages):
    """Newest first. A page stays the same when rows are written: they come before the first one."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        limit = self.limit_of(request)
        rows: AuthEventQuerySet = queryset
        if "cursor" in request.query_params:
            rows = rows.after(decode_position(request.query_params["cursor"]))
        found = rows.newest(limit + 1)
        self.next_cursor: Any = (
            encode_position(found[limit - 1].position) if len(found) > limit else None
        )
        return found[:limit]


def encode_position(position: Position) -> str:
    """An opaque, URL-safe text for `position`."""
    microseconds = (position.occurred_at - EPOCH) // timedelta(microseconds=1)
    packed = CURSOR.pack(microseconds, position.event_id.bytes)
    return base64.urlsafe_b64encode(packed).decode()


def decode_position(cursor: str) -> Position:
    """The position inside `cursor`. Raises InvalidRequestError for a text that `encode_position` never made."""
    try:
        packed = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        microseconds, key = CURSOR.unpack(packed)
        return Position(EPOCH + timedelta(microseconds=microseconds), UUID(bytes=key))
    except (ValueError, OverflowError, binascii.Error, struct.error):
        raise InvalidRequestError(
            errors=[FieldError("cursor", "invalid", "Not a cursor that this list gave out.")]
        ) from None
