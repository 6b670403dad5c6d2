"""Where the broker sends the person back to."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.clocks import on_the_clock_of
from accounts.models import User
from accounts.pages.refusals import page_about
from config.http.errors import as_problem
from config.http.json import JSONRenderer
from config.http.problems import NotFoundError
from config.http.ratelimit import RateLimit, by_ip
from config.http.views import APIView
from trading.api.serializers import CallbackSerializer, LoginFinishedSerializer
from trading.brokers.registry import broker_names
from trading.errors import LoginCancelledError
from trading.models import TradingAccount
from trading.services import login

RETURNS = RateLimit(name="broker_callbacks", limit=60, period=60, key=by_ip)


class CallbackView(APIView):
    """`GET /v1/trading-accounts/{broker}/callback`: for a browser that has, as a rule, not signed in here. The state is
    the proof of whose login it is, and at which broker; a sign-in that the browser does bring must be that person's."""

    authentication_classes = (*APIView.authentication_classes, SessionAuthentication)
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, TemplateHTMLRenderer)
    rate_limits = (RETURNS,)

    @extend_schema(
        operation_id="trading_accounts_callback",
        summary="Finish a login at the broker",
        description="The broker's redirect, with what we gave it to echo. Answers a page to browsers.",
        parameters=[
            OpenApiParameter("broker", str, OpenApiParameter.PATH, enum=broker_names()),
            OpenApiParameter("state", str, required=True),
            OpenApiParameter("request_token", str, required=True),
        ],
        responses={
            (200, "application/json"): LoginFinishedSerializer,
            (200, "text/html"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, broker: str) -> Response:
        if broker not in broker_names():
            raise NotFoundError
        if request.query_params.get("status", "success") != "success":
            raise LoginCancelledError
        query = CallbackSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        person = request.user if isinstance(request.user, User) else None
        account = login.complete(broker_name=broker, **query.validated_data, person=person)
        if self._wants_a_page(request):
            page = {"account": account, "until": _until(account, person)}
            return Response(page, template_name="trading/login_finished.html")
        return Response(LoginFinishedSerializer(account).data)

    def handle_exception(self, exc: Exception) -> Any:
        """A browser gets a page that says what the problem document would."""
        problem = as_problem(exc)
        if problem is None or not self._wants_a_page(self.request):
            return super().handle_exception(exc)
        response = Response(
            page_about(problem),
            status=problem.status,
            template_name="trading/login_failed.html",
            headers=problem.headers,
        )
        response.for_people = True  # type: ignore[attr-defined]
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The address holds a token: no other site may hear of it."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Referrer-Policy"] = "no-referrer"
        return final

    @staticmethod
    def _wants_a_page(request: Request) -> bool:
        renderer = getattr(request, "accepted_renderer", None)
        return isinstance(renderer, TemplateHTMLRenderer)


def _until(account: TradingAccount, person: User | None) -> str:
    """On the clock of whoever is signed in here; a browser that is not learns nothing of the owner's."""
    if account.reauth_by is None:
        return ""
    if person is None:
        return f"{account.reauth_by:%Y-%m-%d %H:%M} UTC"
    return on_the_clock_of(person, account.reauth_by)
