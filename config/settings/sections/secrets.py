"""Settings: secrets."""

from pydantic import Field, SecretStr

from config.settings.sections.section import Section


class Secrets(Section):
    """Secrets"""

    secret_key: SecretStr | None = Field(
        None,
        description="Django's signing key for cookies and links, 50 characters or more. Unset in development: made.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="The bearer token that may read `/metrics`. Unset: only from the machine itself.",
    )
