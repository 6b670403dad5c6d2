"""Settings: outbound requests."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.settings.sections.section import CommaSeparated, Section


class Outbound(Section):
    """Outbound requests"""

    outbound_allowed_networks: Annotated[list[IPv4Network | IPv6Network], CommaSeparated] = Field(
        [],
        description="Networks that requests to addresses of others' choosing may reach although they are not public.",
    )
    outbound_ca_file: Path | None = Field(
        None,
        description="A PEM file of certificate authorities to trust there beside those of the system.",
    )
    outbound_timeout: float = Field(
        5.0, gt=0, le=60, description="Seconds that one such request may take from end to end."
    )
    outbound_connect_timeout: float = Field(
        2.0, gt=0, le=30, description="Seconds of these to reach one of the host's addresses."
    )
    outbound_max_answer_bytes: int = Field(
        128 * 1024, ge=1024, description="An answer that is larger is not read."
    )
