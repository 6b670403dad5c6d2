"""Settings: secrets."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from config.settings.sections.section import Section


class Secrets(Section):
    """Secrets"""

    secret_key: SecretStr | None = Field(
        None,
        description="Django's signing key for cookies and links, 50 characters or more. Unset in development: made.",
    )
    vault_provider: Literal["local"] = Field(
        "local", description="Who holds the key-encryption key."
    )
    vault_local_key: SecretStr | None = Field(
        None,
        description="The local provider's key-encryption key: 32 bytes in base64. Set this or the file.",
    )
    vault_local_key_file: Path | None = Field(
        None,
        description="A file with that key, mode 0600. Unset in development: made in the state folder.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="The bearer token that may read `/metrics`. Unset: only from the machine itself.",
    )
