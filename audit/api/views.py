"""Reading the trail: staff and services the whole of it, people their own part."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.pages import TrailPages
from audit.api.serializers import ActivitySerializer, AuthEventSerializer
from audit.models import AuthEvent
from audit.trail_filter import TrailFilter, TrailFilterSerializer
from config.http.permissions import RequireScope, RequireUser
from config.http.principal import Principal
from config.http.views import APIView
from config.replicas.reading import may_be_old


class TrailView(APIView):
    permission_classes = (RequireScope("audit:read"),)
    pagination_class = TrailPages

    @extend_schema(
        operation_id="audit_events_list",
        summary="What happened, newest first",
        description="Needs the scope `audit:read`. Filters narrow one another.",
        parameters=[TrailFilterSerializer],
        responses=AuthEventSerializer(many=True),
    )
    @may_be_old(AuthEvent)
    def get(self, request: Request) -> Response:
        question = TrailFilter.read(request.query_params)
        pages = TrailPages()
        rows = pages.paginate_queryset(question.narrow(AuthEvent.objects.all()), request, self)
        return pages.get_paginated_response(AuthEventSerializer(rows, many=True).data)


class ActivityView(APIView):
    permission_classes = (RequireUser,)
    api_key_scopes = {"GET": "me:read"}
    pagination_class = TrailPages

    @extend_schema(
        operation_id="users_me_activity",
        summary="What happened to the caller's account, newest first",
        responses=ActivitySerializer(many=True),
    )
    @may_be_old(AuthEvent)
    def get(self, request: Request) -> Response:
        pages = TrailPages()
        caller: Principal = request.auth  # type: ignore[assignment]
        mine = AuthEvent.objects.for_user(caller.id).but_looks_of_staff()
        rows = pages.paginate_queryset(mine, request, self)
        return pages.get_paginated_response(ActivitySerializer(rows, many=True).data)
