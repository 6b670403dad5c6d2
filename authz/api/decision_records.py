"""What was decided lately."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.decision_record_serializers import (
    DecisionFilterSerializer,
    DecisionRecordSerializer,
)
from authz.models import DecisionRecord
from config.http.pagination import CursorPages
from config.http.parameters import once_each
from config.http.permissions import RequireScope
from config.http.views import APIView
from config.replicas.reading import may_be_old


class DecisionRecordsView(APIView):
    """`GET /v1/authz/decisions`"""

    permission_classes = (RequireScope("audit:read"),)
    pagination_class = CursorPages

    @extend_schema(
        operation_id="authz_decisions_list",
        summary="Recorded decisions, newest first",
        description="Needs the scope `audit:read`. All denials and a share of the allows are recorded, within about a "
        "second, and kept for 30 days. Filters narrow one another.",
        parameters=[DecisionFilterSerializer],
        responses=DecisionRecordSerializer(many=True),
    )
    @may_be_old(DecisionRecord)
    def get(self, request: Request) -> Response:
        query = DecisionFilterSerializer(data=once_each(request.query_params))
        query.is_valid(raise_exception=True)
        pages = CursorPages()
        rows = query.narrowed(DecisionRecord.objects.all())
        page = pages.paginate_queryset(
            rows.defer("subject_attributes", "resource_attributes"), request, self
        )
        return pages.get_paginated_response(DecisionRecordSerializer(page, many=True).data)
