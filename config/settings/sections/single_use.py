"""Settings: single-use tokens."""

from typing import Annotated

from pydantic import Field

from config.settings.sections.section import CommaSeparated, Day, Hour, Minute, Section


class SingleUse(Section):
    """Single-use tokens"""

    email_verification_lifetime: int = Field(
        1 * Day, ge=Minute, description="Life of the link in the verification mail."
    )
    email_change_lifetime: int = Field(
        1 * Hour,
        ge=Minute,
        le=7 * Day,
        description="Life of the link by which somebody confirms their new e-mail address.",
    )
    email_change_disowning_lifetime: int = Field(
        3 * Day,
        ge=Hour,
        le=30 * Day,
        description="How long a change of address can be taken back from the old one, which is kept for the person "
        "meanwhile. The address cannot be changed again before.",
    )
    password_reset_lifetime: int = Field(
        30 * Minute, ge=Minute, description="Life of the link in the reset mail."
    )
    mfa_token_lifetime: int = Field(
        5 * Minute, ge=Minute, description="Life of the token between password and second factor."
    )
    mfa_token_attempts: int = Field(
        5, ge=1, le=10, description="Wrong codes that one such token survives."
    )
    totp_issuer: str = Field(
        "Gatehouse", description="The name that authenticator apps show beside the account."
    )
    totp_tolerance: int = Field(
        1, ge=0, le=2, description="Steps of 30 s that a code may be early or late."
    )
    backup_code_count: int = Field(
        10, ge=4, le=20, description="Backup codes that a person gets at once."
    )
    closing_grace: int = Field(
        30 * Day,
        ge=Day,
        description="How long a person can take back that they closed their account; then it is erased.",
    )
    mfa_reset_lifetime: int = Field(
        1 * Day,
        ge=Hour,
        le=7 * Day,
        description="How long a reset of somebody's factors waits for a second member of the staff.",
    )
    passkey_challenge_lifetime: int = Field(
        5 * Minute,
        ge=30,
        le=15 * Minute,
        description="How long a person may take with their passkey.",
    )
    passkeys_per_person: int = Field(
        10, ge=1, le=100, description="The most passkeys that one person may have."
    )
    passkey_rp_id: str = Field(
        "",
        description="The domain that passkeys belong to, `PUBLIC_URL`'s or one above it. Unset: the host of "
        "`PUBLIC_URL`. Changing it makes every passkey useless.",
    )
    passkey_origins: Annotated[list[str], CommaSeparated] = Field(
        [],
        description="Further origins whose pages may use passkeys, below that domain, with commas between.",
    )
    invitation_lifetime: int = Field(
        14 * Day, ge=Hour, description="How long a membership invitation may be accepted."
    )
    ownership_offer_lifetime: int = Field(
        3 * Day,
        ge=Hour,
        le=30 * Day,
        description="How long a member may accept a trading account that its owner has offered them.",
    )
    sign_in_approval_lifetime: int = Field(
        30 * Minute,
        ge=Minute,
        le=Day,
        description="How long a person may say that a stopped sign-in was theirs, and then sign in like that.",
    )
    session_disowning_lifetime: int = Field(
        7 * Day,
        ge=Hour,
        description="Life of the link by which a person says that a new sign-in was not theirs.",
    )
