"""Entities that are not ours: what a client tells us of them, for policies to ask."""

from functools import partial

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.entity_serializers import (
    EntitiesSerializer,
    EntityPropertiesSerializer,
    EntitySerializer,
    StoredSerializer,
)
from authz.api.questions import caller
from authz.errors import EntityNotFoundError
from authz.models import Entity
from authz.services import stored_entities
from authz.services.authorship import author
from authz.services.stored_entities import Draft
from config.http.etags import etag, require_match
from config.http.pagination import CursorPages
from config.http.permissions import RequireScope
from config.http.problems import PreconditionFailedError
from config.http.views import APIView

SCOPE = "authz:write"
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you read; without it, whatever is stored.",
)


class EntityAPIView(APIView):
    """For clients with `authz:write`."""

    def get_permissions(self) -> list[BasePermission]:
        return [RequireScope(SCOPE)()]


class EntitiesView(EntityAPIView):
    """`/v1/authz/entities`"""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="authz_entities_list",
        summary="The stored entities, newest first",
        parameters=[OpenApiParameter("type", str, description="Those of one type alone.")],
        responses=EntitySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        pages = CursorPages()
        rows = Entity.objects.all()
        if wanted := request.query_params.get("type"):
            rows = rows.of_type(wanted)
        page = pages.paginate_queryset(rows, request, self)
        return pages.get_paginated_response(EntitySerializer(page, many=True).data)

    @extend_schema(
        operation_id="authz_entities_store",
        summary="Store many entities, all or none",
        description="What was stored of each before is replaced. Decisions know of it when this returns.",
        request=EntitiesSerializer,
        responses=StoredSerializer,
    )
    def post(self, request: Request) -> Response:
        body = EntitiesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        drafts = [
            Draft(type=one["type"], identifier=one["id"], properties=one["properties"])
            for one in body.validated_data["entities"]
        ]
        stored = stored_entities.put_many(drafts=drafts, by=author(caller(request)))
        return Response({"stored": stored})


class EntityView(EntityAPIView):
    """`/v1/authz/entities/{type}/{id}`"""

    @extend_schema(
        operation_id="authz_entities_read",
        summary="One stored entity",
        responses=EntitySerializer,
    )
    def get(self, request: Request, entity_type: str, identifier: str) -> Response:
        entity = Entity.objects.named(entity_type, identifier).first()
        if entity is None:
            raise EntityNotFoundError
        return _answer(entity)

    @extend_schema(
        operation_id="authz_entities_put",
        summary="Store an entity whole",
        description="Decisions know of it when this returns.",
        parameters=[IF_MATCH],
        request=EntityPropertiesSerializer,
        responses={200: EntitySerializer, 201: EntitySerializer},
    )
    def put(self, request: Request, entity_type: str, identifier: str) -> Response:
        body = EntityPropertiesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        entity, created = stored_entities.put(
            draft=Draft(
                type=entity_type,
                identifier=identifier,
                properties=body.validated_data["properties"],
            ),
            by=author(caller(request)),
            precondition=partial(_require_match, request),
        )
        return _answer(entity, status=201 if created else 200)

    @extend_schema(
        operation_id="authz_entities_delete",
        summary="Forget an entity",
        parameters=[IF_MATCH],
        responses={204: None},
    )
    def delete(self, request: Request, entity_type: str, identifier: str) -> Response:
        stored_entities.delete(
            entity_type=entity_type,
            identifier=identifier,
            by=author(caller(request)),
            precondition=partial(_require_match, request),
        )
        return Response(status=204)


def _require_match(request: Request, entity: Entity | None) -> None:
    """RFC 9110 section 13.1.1: `If-Match` never holds for what is not there."""
    if entity is not None:
        require_match(request, entity, required=False)
    elif request.headers.get("If-Match"):
        raise PreconditionFailedError("Nothing is stored of it.")


def _answer(entity: Entity, *, status: int = 200) -> Response:
    return Response(EntitySerializer(entity).data, status=status, headers={"ETag": etag(entity)})
