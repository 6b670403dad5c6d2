"""Settings: the vault."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from config.settings.sections.section import Minute, Section


class Vault(Section):
    """The vault"""

    vault_provider: Literal["local", "aws", "vault"] = Field(
        "local",
        description=(
            "Who wraps data keys: a key that we hold, AWS KMS, or HashiCorp Vault and OpenBao. "
            "Data keys of the other providers still open while their settings stay."
        ),
    )
    vault_local_key: SecretStr | None = Field(
        None,
        description="The local provider's key-encryption key: 32 bytes in base64. Set this or the file.",
    )
    vault_local_key_file: Path | None = Field(
        None,
        description="A file with that key, mode 0600, or 0640 and of root's. "
        "Unset in development: made in the state folder.",
    )
    vault_local_previous_keys: SecretStr | None = Field(
        None,
        description="Keys that were the local key before and still open what they wrapped, separated by commas.",
    )
    vault_local_previous_key_file: Path | None = Field(
        None, description="A file with such keys, one a line, as private."
    )
    vault_aws_key_id: str | None = Field(
        None,
        description="The KMS key that wraps: its ARN, or an alias such as `alias/gatehouse`. Symmetric.",
    )
    vault_aws_region: str | None = Field(
        None, description="The region of that key. Unset: as AWS's own settings say."
    )
    vault_aws_endpoint_url: str | None = Field(
        None, description="Where KMS listens, when it is not AWS's public endpoint."
    )
    vault_addr: str | None = Field(
        None,
        description="The address of the Vault or OpenBao server: `https://vault.internal:8200`.",
    )
    vault_namespace: str | None = Field(None, description="The namespace there, if any.")
    vault_cacert: Path | None = Field(
        None,
        description="The CA certificates that its certificate is verified with. Unset: the usual.",
    )
    vault_transit_mount: str = Field("transit", description="Where its transit engine is mounted.")
    vault_transit_key: str = Field(
        "gatehouse",
        description="The transit key that wraps. It must be made with `derived=true`.",
    )
    vault_token: SecretStr | None = Field(
        None, description="A token for it. Set this, the token file or the AppRole."
    )
    vault_token_file: Path | None = Field(
        None, description="A file with the token, read again when it is refused: an agent's sink."
    )
    vault_role_id: str | None = Field(None, description="The AppRole that we log in with.")
    vault_secret_id: SecretStr | None = Field(None, description="The AppRole's secret id.")
    kms_timeout: float = Field(
        2.0, gt=0, le=30, description="Seconds that one request to the key service may take."
    )
    kms_attempts: int = Field(
        2,
        ge=1,
        le=5,
        description="How often a request that the key service did not answer is sent.",
    )
    kms_retry_after: int = Field(
        5,
        ge=1,
        description="`Retry-After` of an answer that failed because the key service is away.",
    )
    kek_lookup_lifetime: int = Field(
        Minute,
        ge=0,
        description="How long metrics and console rely on what the key service said its current key is.",
    )
    rewrap_batch_size: int = Field(
        100, ge=1, le=10_000, description="Data keys between two reports of progress of a re-wrap."
    )
