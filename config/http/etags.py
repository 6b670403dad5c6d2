"""Optimistic concurrency for what people edit (RFC 9110 sections 8.8.3 and 13.1.1)."""

from hashlib import sha256
from typing import Any

from rest_framework.request import Request

from config.http.problems import PreconditionFailedError, PreconditionRequiredError


def etag(row: Any) -> str:
    """A strong validator for a row with a key and `updated_at`: quoted, as the header wants it."""
    return f'"{sha256(f"{row.pk}:{row.updated_at.isoformat()}".encode()).hexdigest()[:32]}"'


def require_match(request: Request, row: Any, *, required: bool = True) -> None:
    """Go on only when the caller saw the row as it is now.

    Raises PreconditionRequiredError when `If-Match` is missing and `required`, PreconditionFailedError when the row
    has changed since.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        if required:
            raise PreconditionRequiredError("Send the ETag that you read in If-Match.")
        return
    if given != "*" and etag(row) not in {tag.strip() for tag in given.split(",")}:
        raise PreconditionFailedError("Read it again: somebody changed it since.")
