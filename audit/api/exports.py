"""Exports of the trail over HTTP: asked for, watched, fetched."""

from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.errors import ExportNotFoundError
from audit.exports.formats import WRITERS, ExportFormat
from audit.exports.models import ExportJob
from audit.services import exports
from audit.trail_filter import TrailFilterSerializer
from config.http.permissions import RequireScope
from config.http.principal import principal_of
from config.http.views import APIView, body_of
from config.jobs.models import JobState


class ExportRequestSerializer(TrailFilterSerializer):
    """A format, and the filters of `GET /v1/audit/events`."""

    format = serializers.ChoiceField(choices=ExportFormat.choices)


class ExportSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id", help_text="`exp_…`")
    job_id = serializers.SerializerMethodField(help_text="`GET /v1/jobs/{id}` tells its progress.")
    state = serializers.ChoiceField(choices=JobState.choices)
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    rows = serializers.IntegerField(help_text="Written so far.")
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when it can be fetched."
    )

    def get_job_id(self, export: ExportJob) -> str | None:
        return export.job.public_id if export.job is not None else None


class ExportsView(APIView):
    permission_classes = (RequireScope("audit:read"),)

    @extend_schema(
        operation_id="audit_exports_create",
        summary="Have the trail, or a part of it, written into a file",
        description="Needs the scope `audit:read`. The file holds what there is now, newest first.",
        request=ExportRequestSerializer,
        responses={202: ExportSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = ExportRequestSerializer(data=body_of(request))
        asked.is_valid(raise_exception=True)
        question = {name: value for name, value in body_of(request).items() if name != "format"}
        export = exports.request(
            principal=principal_of(request),
            format=asked.validated_data["format"],
            question=question,
        )
        location = {"Location": f"/v1/audit/exports/{export.public_id}"}
        return Response(ExportSerializer(export).data, status=202, headers=location)


class ExportView(APIView):
    permission_classes = (RequireScope("audit:read"),)

    @extend_schema(
        operation_id="audit_exports_read",
        summary="How an export of the caller's goes",
        responses=ExportSerializer,
    )
    def get(self, request: Request, export_id: str) -> Response:
        mine = ExportJob.objects.owned_by(principal_of(request)).select_related("job")
        export = mine.with_public_id(export_id).first()
        if export is None:
            raise ExportNotFoundError
        return Response(ExportSerializer(export).data)


class ExportContentView(APIView):
    permission_classes = (RequireScope("audit:read"),)

    @extend_schema(
        operation_id="audit_exports_content",
        summary="The file of an export of the caller's",
        description="Good for a day after it was written. Each download is a row of the trail.",
        responses={200: OpenApiResponse(OpenApiTypes.BINARY, description="The file.")},
    )
    def get(self, request: Request, export_id: str) -> HttpResponseBase:
        export, contents = exports.open_content(
            principal=principal_of(request), export_id=export_id
        )
        writer = WRITERS[export.format]
        return StreamingHttpResponse(
            contents,
            content_type=writer.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="audit-{export.public_id}.{writer.ending}"'
            },
        )
