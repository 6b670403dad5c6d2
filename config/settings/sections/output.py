"""Settings: mail and logs."""

from typing import Literal

from pydantic import Field, SecretStr

from config.settings.sections.section import Section


class Output(Section):
    """Mail and logs"""

    email_url: SecretStr | None = Field(
        None,
        description="`smtp://user:password@host:587` (STARTTLS) or `smtps://`. Unset: mails land in the state folder.",
    )
    email_from: str = Field(
        "Gatehouse <no-reply@gatehouse.example>", description="The sender of our mails."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least severe log line that is written."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="`json` for machines, `console` for a person's terminal."
    )
    traces_endpoint: str | None = Field(
        None,
        description="Where traces are told (OTLP): `http://collector:4318/v1/traces`. Unset: nowhere, at no cost.",
    )
    traces_sample_ratio: float = Field(
        0.1, ge=0, le=1, description="The share of traces that are told, whoever began them."
    )
    health_probe_timeout: float = Field(
        1.0, gt=0, le=30, description="Seconds that `/readyz` waits for its slowest probe."
    )
    health_cache_lifetime: float = Field(
        1.0, ge=0, le=60, description="Seconds that `/readyz` repeats what it found."
    )
