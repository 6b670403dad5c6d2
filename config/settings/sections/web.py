"""Settings: web."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field

from config.settings.sections.section import CommaSeparated, Section


class Web(Section):
    """Web"""

    allowed_hosts: Annotated[list[str], CommaSeparated] = Field(
        ["localhost", "127.0.0.1", "[::1]"],
        description="Host names that we answer to, with commas between.",
    )
    cors_allowed_origins: Annotated[list[str], CommaSeparated] = Field(
        [], description="Browser origins that may call the API, exact."
    )
    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], CommaSeparated] = Field(
        [],
        description="Networks of our proxies, whose `X-Forwarded-For` and client certificates we believe.",
    )
    max_body_bytes: int = Field(
        256 * 1024, ge=1024, description="Larger bodies are refused with 413."
    )

    requests_per_minute: int = Field(
        3000,
        ge=10,
        description="Requests a minute that one person or address may send to the API in all.",
    )
    service_requests_per_minute: int = Field(
        300_000, ge=10, description="The same for one service client, which speaks for many people."
    )
