"""Pages by key: `?limit=` and an opaque `?cursor=`. Stable under inserts, and never an OFFSET."""

from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import base64url
from config.http.problems import FieldError, InvalidRequestError

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200


class CursorPages(BasePagination):
    """Newest first by a UUIDv7 column; a subclass may name another column in `key`."""

    key = "id"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        limit = self.limit_of(request)
        cursor = request.query_params.get("cursor")
        ordered: QuerySet[Any] = queryset.order_by(f"-{self.key}")
        if cursor:
            ordered = ordered.filter(**{f"{self.key}__lt": decode_cursor(cursor)})
        rows = list(ordered[: limit + 1])
        self.next_cursor = (
            encode_cursor(getattr(rows[limit - 1], self.key)) if len(rows) > limit else None
        )
        return rows[:limit]

    def limit_of(self, request: Request) -> int:
        """How many rows the caller wants. Raises InvalidRequestError unless it is 1 to 200."""
        text = request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (
            text.isascii()
            and text.isdecimal()
            and 1 <= len(text) <= 3
            and 1 <= int(text) <= LARGEST_LIMIT
        ):
            raise InvalidRequestError(
                errors=[
                    FieldError(
                        "limit", "out_of_range", f"A whole number from 1 to {LARGEST_LIMIT}."
                    )
                ]
            )
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next_cursor": self.next_cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {
                "results": schema,
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "Give this as `cursor` for the next page; null on the last.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {
            "type": "integer",
            "minimum": 1,
            "maximum": LARGEST_LIMIT,
            "default": DEFAULT_LIMIT,
        }
        return [
            {"name": "limit", "in": "query", "schema": limit, "description": "Rows on a page."},
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "The `next_cursor` of the page before.",
            },
        ]


def encode_cursor(key: UUID) -> str:
    """An opaque, URL-safe text for `key`."""
    return base64url.encode(key.bytes)


def decode_cursor(cursor: str) -> UUID:
    """The key inside `cursor`. Raises InvalidRequestError for a text that `encode_cursor` never made."""
    try:
        return UUID(bytes=base64url.decode(cursor))
    except ValueError:
        raise InvalidRequestError(
            errors=[FieldError("cursor", "invalid", "Not a cursor that this list gave out.")]
        ) from None


def encode_place(fields: list[Any]) -> str:
    """An opaque, URL-safe text for a place that takes several JSON values to tell."""
    return base64url.encode(orjson.dumps(fields))


def decode_place(text: str) -> list[Any]:
    """What `encode_place` was given. Raises ValueError for a text that it never made."""
    fields = orjson.loads(base64url.decode(text))
    if not isinstance(fields, list):
        raise ValueError("No place")  # noqa: TRY004 - to the caller it is all one
    return fields
