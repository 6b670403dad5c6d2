"""Settings: personal API keys."""

from pydantic import Field

from config.settings.sections.section import Day, Hour, Minute, Section


class ApiKeys(Section):
    """Personal API keys"""

    api_keys_per_person: int = Field(
        20,
        ge=0,
        le=1000,
        description="Working API keys that a person may have; 0 lets nobody make one.",
    )
    api_key_default_lifetime: int = Field(
        90 * Day, ge=Hour, description="Life of an API key whose maker names no end."
    )
    api_key_max_lifetime: int = Field(
        365 * Day, ge=Hour, description="The longest life of an API key."
    )
    api_key_use_interval: int = Field(
        1 * Minute,
        ge=1,
        le=Hour,
        description="The last use of a key is written down this often at most.",
    )
