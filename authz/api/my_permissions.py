"""What the caller may do."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.questions import caller, facts
from authz.services.decisions import Question
from authz.services.permitted import Place, permitted
from authz.services.search import Position
from config.http.pagination import CursorPages, decode_place, encode_place
from config.http.problems import FieldError, InvalidRequestError
from config.http.views import APIView


class PermittedSerializer(serializers.Serializer[Any]):
    resource = serializers.CharField(help_text="Such as `trading_account:acc_…`.")
    actions = serializers.ListField(child=serializers.CharField(), help_text="At least one.")


class PermissionPages(CursorPages):
    """The places that `permitted` tells of, as cursors."""

    def place(self, request: Request) -> Place:
        """Where the page begins. Raises InvalidRequestError for a cursor that none of ours is."""
        cursor = request.query_params.get("cursor")
        if not cursor:
            return Place()
        try:
            kind, source, after = decode_place(cursor)
        except ValueError:
            kind = source = after = None
        if not all(isinstance(one, str) and "\x00" not in one for one in (kind, source, after)):
            flaw = FieldError("cursor", "invalid", "Not a cursor that this list gave out.")
            raise InvalidRequestError(errors=[flaw])
        return Place(kind, Position(source, after))

    @staticmethod
    def cursor(place: Place | None) -> str | None:
        if place is None:
            return None
        return encode_place([place.type, place.position.source, place.position.after])


class MyPermissionsView(APIView):
    """`GET /v1/authz/permissions`"""

    pagination_class = PermissionPages

    @extend_schema(
        operation_id="authz_permissions",
        summary="What the caller may do, by resource",
        description="Resources without an action are left out. A page may have fewer entries than asked for, even "
        "none, and still not be the last.",
        responses=PermittedSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        pages = PermissionPages()
        principal = caller(request)
        question = Question(
            subject=principal.subject, action="", resource="", context=facts(principal)
        )
        page = permitted(question, start=pages.place(request), limit=pages.limit_of(request))
        pages.next_cursor = pages.cursor(page.following)
        return pages.get_paginated_response(PermittedSerializer(page.results, many=True).data)
