"""Where a PEP finds everything (section 9): `GET /.well-known/authzen-configuration`."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.views import APIView

ENDPOINTS = {
    "access_evaluation_endpoint": "authzen-evaluation",
    "access_evaluations_endpoint": "authzen-evaluations",
    "search_subject_endpoint": "authzen-search-subject",
    "search_resource_endpoint": "authzen-search-resource",
    "search_action_endpoint": "authzen-search-action",
}


class AuthzenMetadataSerializer(serializers.Serializer[Any]):
    policy_decision_point = serializers.URLField()
    access_evaluation_endpoint = serializers.URLField()
    access_evaluations_endpoint = serializers.URLField()
    search_subject_endpoint = serializers.URLField()
    search_resource_endpoint = serializers.URLField()
    search_action_endpoint = serializers.URLField()


class MetadataView(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="authzen_metadata",
        summary="AuthZEN: this decision point's addresses",
        responses=AuthzenMetadataSerializer,
        auth=[],
    )
    def get(self, request: Request) -> Response:
        base = settings.ENVIRONMENT.public_url
        return Response(
            {
                "policy_decision_point": base,
                **{member: f"{base}{reverse(name)}" for member, name in ENDPOINTS.items()},
            },
            headers={"Cache-Control": "public, max-age=3600"},
        )
