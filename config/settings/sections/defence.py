"""Settings: sign-in defence."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.settings.sections.section import CommaSeparated, Minute, Section


class Defence(Section):
    """Sign-in defence"""

    password_min_length: int = Field(
        12, ge=8, le=64, description="The shortest password that we take."
    )
    password_max_length: int = Field(128, ge=64, le=1024, description="The longest.")
    breached_passwords_file: Path | None = Field(
        None,
        description="A larger list of breached passwords beside ours, made by `manage.py breached_passwords update`.",
    )
    password_context_words: Annotated[list[str], CommaSeparated] = Field(
        [
            "gatehouse",
            "zerodha",
            "kite",
            "trading",
            "trader",
            "broker",
            "password",
            "nifty",
            "sensex",
        ],
        description="Words that a password may not be built around, with commas between.",
    )
    password_context_rest: int = Field(
        8, ge=0, le=64, description="Characters that a password must have beside those words."
    )
    hashing_concurrency: int = Field(
        1, ge=1, le=64, description="Password hashes computed at once per process; the rest queue."
    )
    hashing_queue_length: int = Field(
        160,
        ge=1,
        description="Password hashes that may wait per process, fewer than it has threads; a request beyond gets 503.",
    )
    hashing_patience: float = Field(
        30.0, gt=0, le=Minute, description="How long one waits before it gets 503 as well."
    )
    login_free_failures: int = Field(
        5, ge=1, description="Failures in the window before an account's sign-ins are delayed."
    )
    login_failure_window: int = Field(
        15 * Minute, ge=Minute, description="That window, and the longest delay."
    )
    sign_ins_per_network: int = Field(
        300,
        ge=30,
        description="Tries to sign in that a /24 of IPv4 or a /48 of IPv6 has in 15 minutes; an address has 30.",
    )
