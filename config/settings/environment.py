"""Every environment variable, once: its name, type, default and meaning, in a class for each section.

`.env.example` and `docs/operators/settings.md` are written from these classes by `manage.py settings_reference`.
A value that cannot be read stops the start and names the variable; production adds its own demands
(`config.settings.production`).
"""

import json
from typing import ClassVar

from pydantic import SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.settings.addresses import check_redirect_uri, check_servers, check_url
from config.settings.secret_files import SecretFilesSource, Unreadable
from config.settings.sections.api_keys import ApiKeys
from config.settings.sections.decisions import Decisions
from config.settings.sections.defence import Defence
from config.settings.sections.geography import Geography
from config.settings.sections.outbound import Outbound
from config.settings.sections.output import Output
from config.settings.sections.places import Places
from config.settings.sections.privacy import Privacy
from config.settings.sections.records import Records
from config.settings.sections.risk import Risk
from config.settings.sections.secrets import Secrets
from config.settings.sections.section import PROJECT_ROOT
from config.settings.sections.service_clients import ServiceClients
from config.settings.sections.sign_in import SignIn, SignInProvider
from config.settings.sections.single_use import SingleUse
from config.settings.sections.tokens import Tokens
from config.settings.sections.trading import Trading
from config.settings.sections.vault import Vault
from config.settings.sections.web import Web
from config.settings.sections.webhooks import Webhooks
from config.settings.sections.work import Work


class Environment(
    Places,
    Secrets,
    Vault,
    Web,
    Tokens,
    ApiKeys,
    ServiceClients,
    SingleUse,
    SignIn,
    Defence,
    Risk,
    Geography,
    Trading,
    Decisions,
    Records,
    Privacy,
    Outbound,
    Webhooks,
    Work,
    Output,
):
    """What may be set from outside. Times are in seconds."""

    # Django's lazy settings ask every value for this when it is read. A model without it looks for it at length.
    _mask_wrapped: ClassVar[bool] = True

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first that knows a variable decides."""
        return (init_settings, SecretFilesSource(settings_cls), env_settings, dotenv_settings)

    @field_validator("*", mode="before")
    @classmethod
    def _could_be_read(cls, value: object) -> object:
        if isinstance(value, Unreadable):
            raise ValueError(value.reason)  # noqa: TRY004 - pydantic tells ValueError
        return value

    @field_validator(
        "allowed_hosts",
        "cors_allowed_origins",
        "trusted_proxies",
        "password_context_words",
        "outbound_allowed_networks",
        "passkey_origins",
        "database_replica_urls",
        "handoff_redirect_uris",
        mode="before",
    )
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return value

    @field_validator("database_url", "database_direct_url", "redis_url", "celery_broker_url")
    @classmethod
    def _well_formed_servers(
        cls, value: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if value is not None:
            check_servers(str(info.field_name), value.get_secret_value())
        return value

    @field_validator("email_url")
    @classmethod
    def _well_formed_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            check_url(str(info.field_name), value.get_secret_value())
        return value

    @field_validator("database_replica_urls")
    @classmethod
    def _well_formed_urls(cls, value: list[SecretStr]) -> list[SecretStr]:
        for url in value:
            check_servers("database_replica_urls", url.get_secret_value())
        return value

    @field_validator("sign_in_providers", mode="before")
    @classmethod
    def _read_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("is not JSON") from None

    @field_validator("sign_in_providers")
    @classmethod
    def _each_id_once(cls, value: list[SignInProvider]) -> list[SignInProvider]:
        ids = ["google", *(provider.id for provider in value)]
        if len(set(ids)) < len(ids):
            raise ValueError("gives an id twice; `google` has settings of its own")
        if any(provider.provider == "google" for provider in value):
            raise ValueError("names Google, which has settings of its own")
        return value

    @field_validator("handoff_redirect_uris")
    @classmethod
    def _registrable(cls, value: list[str]) -> list[str]:
        return [check_redirect_uri(uri) for uri in value]

    @field_validator("public_url", "google_server_url")
    @classmethod
    def _without_trailing_slash(cls, value: str, info: ValidationInfo) -> str:
        return check_url(str(info.field_name), value).geturl().rstrip("/")
