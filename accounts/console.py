"""Who may enter the console, and in whose name its changes are made."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.errors import InvalidCredentialsError
from accounts.models import User
from accounts.services.login import check_password
from config.http import context
from config.http.ratelimit import RateLimit, take

SIGN_IN_LIMIT = RateLimit(name="login", limit=30, period=900)  # one bucket with the API's


class ConsoleBackend(BaseBackend):
    """Django's door, behind ours: the same throttle, the same cost for unknown addresses, the same trail."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        address = context.current().ip or "unknown"
        if not username or password is None or not take(SIGN_IN_LIMIT, address).allowed:
            return None
        try:
            return check_password(email=username, password=password)
        except InvalidCredentialsError:
            return None

    def get_user(self, user_id: UUID) -> User | None:
        """Asked at every request: a suspended person is out at once."""
        return User.objects.active().filter(pk=user_id).first()


class ConsoleActorMiddleware:
    """Whoever is signed in to the console is the actor of what the request does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/console/") and isinstance(request.user, User):
            context.amend(actor_type="user", actor_id=request.user.public_id, client_id="console")
        return self.get_response(request)
