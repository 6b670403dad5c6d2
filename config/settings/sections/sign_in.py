"""Settings: sign-in pages and providers."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, SecretStr

from config.settings.sections.section import CommaSeparated, Minute, Section


class SignInProvider(BaseModel, frozen=True):
    """Somebody else's accounts that open ours. `provider` is a module of allauth's; by default OpenID Connect."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    name: str = Field(min_length=1, max_length=40)
    provider: str = Field("openid_connect", pattern=r"^[a-z0-9_]{1,30}$")
    client_id: str = Field(min_length=1, max_length=191)
    client_secret: SecretStr
    server_url: str | None = None
    settings: dict[str, Any] = {}


class SignIn(Section):
    """Sign-in pages and providers"""

    google_client_id: str | None = Field(
        None, description="The OAuth client of ours at Google. Unset: no sign-in with Google."
    )
    google_client_secret: SecretStr | None = Field(None, description="Its secret.")
    google_server_url: str = Field(
        "https://accounts.google.com",
        description="The OpenID provider that is Google; another one stands in for it in tests.",
    )
    sign_in_providers: Annotated[list[SignInProvider], CommaSeparated] = Field(
        [],
        description="Further providers, as a JSON list: see [sign-in providers](sign-in-providers.md).",
    )
    handoff_redirect_uris: Annotated[list[str], CommaSeparated] = Field(
        [],
        description="Where a browser may go with the code of a finished sign-in, exact, with commas between. "
        "`http://127.0.0.1:*/path` is any port of that address.",
    )
    handoff_request_lifetime: int = Field(
        10 * Minute,
        ge=Minute,
        le=60 * Minute,
        description="How long the page that an app opens for a sign-in is good.",
    )
    handoff_code_lifetime: int = Field(
        1 * Minute, ge=10, le=10 * Minute, description="Life of the code that the app gets."
    )
