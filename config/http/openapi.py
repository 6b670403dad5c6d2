"""What drf-spectacular does not know by itself: our problems, our tags, our security schemes."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from config.http.problems import CONTENT_TYPE
from config.http.serializers import ProblemSerializer


class Schema(AutoSchema):
    """Adds the problem document as the answer to everything that goes wrong, and tags by path."""

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return [parts[1] if len(parts) > 1 and parts[0] == "v1" else parts[0]]

    def get_extensions(self) -> dict[str, Any]:
        """Where a personal API key opens the operation: with which scope."""
        extensions: dict[str, Any] = super().get_extensions()
        scope = getattr(self.view, "api_key_scopes", {}).get(self.method)
        return extensions | {"x-api-key-scope": scope} if scope else extensions

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        problem: ResolvedComponent = self.resolve_serializer(ProblemSerializer(), direction)
        content = {CONTENT_TYPE: {"schema": problem.ref}}
        described = {
            "4XX": "The request cannot be served as it is: a problem document says why.",
            "5XX": "We failed, or something that we depend on is away.",
        }
        for status, description in described.items():
            responses.setdefault(status, {"description": description, "content": content})
        return responses


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How callers authenticate, for the `securitySchemes` of the document."""

    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT (RFC 9068)",
            "description": "An access token from `/v1/auth/login`, `/v1/auth/refresh` or `/v1/oauth/token`. Operations "
            "with an `x-api-key-scope` also take a personal API key (`gh_pat_…`) that has this scope.",
        }


class ClientScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same for endpoints where a service client proves itself in the request."""

    target_class = "accounts.api.client_authentication.ClientAuthentication"
    name = "client"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "A service client's id and secret. In the form: `client_secret_post`, `private_key_jwt`.",
        }
