"""Settings: service clients."""

from pydantic import Field

from config.settings.sections.section import Day, Hour, Minute, Section


class ServiceClients(Section):
    """Service clients"""

    client_assertion_lifetime: int = Field(
        1 * Hour,
        ge=30,
        le=Day,
        description="The longest life of a client's `private_key_jwt` assertion; each is good for one use.",
    )
    client_jwks_max_age: int = Field(
        10 * Minute,
        ge=0,
        le=Day,
        description="How long the keys read from a client's JWKS URL are believed.",
    )
    client_jwks_refetch_interval: float = Field(
        10.0,
        ge=0,
        le=3600,
        description="An unknown key id makes a process read the client's JWKS again, this often at the most.",
    )
    client_jwks_cache_size: int = Field(
        200, ge=1, le=10_000, description="JWKS URLs whose keys a process remembers at most."
    )
    client_certificate_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="The header in which a trusted proxy names the client's certificate, `Client-Cert` for instance.",
    )
