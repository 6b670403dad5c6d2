"""Where a person goes after a page, and what is taken from what a form sends."""

from typing import Any

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from rest_framework import serializers

from config.http import context
from config.http.client_ip import household_of
from config.http.json import parse
from config.http.problems import MalformedBodyError, RateLimitedError
from config.http.ratelimit import RateLimit, take
from mfa.errors import InvalidPasskeyError


def next_page(request: HttpRequest, otherwise: str) -> str:
    """The page that the person was on the way to, if it is one of ours: never an address of another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and wanted.startswith("/") else otherwise


def credential_in(request: HttpRequest, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """What the browser's authenticator made, from the form's field. Raises InvalidPasskeyError."""
    try:
        sent = parse(request.POST.get("credential", "").encode())
    except MalformedBodyError as error:
        raise InvalidPasskeyError from error
    credential = kind(data=sent)
    if not credential.is_valid():
        raise InvalidPasskeyError
    found: dict[str, Any] = credential.validated_data
    return found


def demand_a_try(limit: RateLimit, key: str = "") -> None:
    """Take one of the tries that the address of the request, or whoever `key` names, has. Raises RateLimitedError."""
    if not take(limit, key or household_of(context.current().ip)).allowed:
        raise RateLimitedError
