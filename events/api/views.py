"""The schemas of event data, for whoever reads events."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.problems import NotFoundError
from config.http.views import APIView
from events import asyncapi, schemas
from events.domain import DomainEvent
from events.envelope import schema_url

FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}  # a published schema never changes


class EventTypeSerializer(serializers.Serializer[Any]):
    """One type of event that leaves the service."""

    type = serializers.CharField(help_text="The CloudEvents `type`, such as `user.created.v1`.")
    description = serializers.CharField()
    dataschema = serializers.URLField(help_text="Where the JSON Schema of its `data` is.")


class EventTypesSerializer(serializers.Serializer[Any]):
    results = EventTypeSerializer(many=True)


class SchemaListView(APIView):
    """Open to all: the schemas say how events look, not what happened."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="events_schemas_list", responses=EventTypesSerializer, auth=[])
    def get(self, request: Request) -> Response:
        """Every type of event, with the address of its schema."""
        types = [
            {"type": name, "description": _description(name), "dataschema": schema_url(name)}
            for name in schemas.catalogue()
        ]
        return Response({"results": types})


class SchemaView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="events_schemas_read", responses=OpenApiTypes.OBJECT, auth=[])
    def get(self, request: Request, full_type: str) -> Response:
        """The JSON Schema (2020-12) of the `data` of one type of event, such as `user.created.v1`."""
        schema = schemas.catalogue().get(full_type)
        if schema is None:
            raise NotFoundError(
                "No event has this type; GET /v1/events/schemas lists those that have."
            )
        document = {"$id": schema_url(full_type), "description": _description(full_type)} | schema
        return Response(document, headers=FOR_A_DAY)


class AsyncAPIView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="events_asyncapi", responses=OpenApiTypes.OBJECT, auth=[])
    def get(self, request: Request) -> Response:
        """The AsyncAPI 3 document: channels, envelope and data of every event that is sent."""
        return Response(asyncapi.document(), headers=FOR_AN_HOUR)


def _description(full_type: str) -> str:
    """What the class of the type says of itself; types that are no longer sent have no class."""
    event = DomainEvent.registry.get(full_type)
    return schemas.description_of(event) if event else "No longer sent."
