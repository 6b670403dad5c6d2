"""`/v1/auth/sessions`: the devices a person is signed in on."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth_serializers import SessionSerializer
from accounts.models import Session
from accounts.services import sessions
from config.http.permissions import RequireUser
from config.http.views import APIView
from config.replicas.reading import may_be_old


class SessionsView(APIView, GenericAPIView):  # type: ignore[type-arg]
    permission_classes = (RequireUser,)
    serializer_class = SessionSerializer
    queryset = Session.objects.none()

    @extend_schema(operation_id="auth_sessions_list", responses=SessionSerializer(many=True))
    @may_be_old(Session)
    def get(self, request: Request) -> Response:
        """The caller's live sessions, newest first."""
        page = self.paginate_queryset(Session.objects.live().for_user(request.user.pk))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class SessionView(APIView):
    permission_classes = (RequireUser,)

    @extend_schema(operation_id="auth_sessions_end", responses={204: None})
    def delete(self, request: Request, session_id: str) -> Response:
        """End one of the caller's own sessions, at once."""
        sessions.end_own(user=request.user, session_id=session_id)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)
