"""Settings: risk at sign-in."""

from pydantic import Field

from config.settings.sections.section import Hour, Minute, Section


class Risk(Section):
    """Risk at sign-in"""

    risk_medium: int = Field(
        30,
        ge=1,
        le=100,
        description="From this score on a sign-in is of medium risk: a second factor, or a mail to the person.",
    )
    risk_high: int = Field(
        70,
        ge=1,
        le=101,
        description="From this score on it is of high risk: a second factor, or refused. 101 refuses nothing.",
    )
    risk_weight_new_device: int = Field(
        25, ge=0, le=100, description="What a device adds that the person never used."
    )
    risk_weight_new_country: int = Field(
        30, ge=0, le=100, description="What a country adds that they never signed in from."
    )
    risk_weight_impossible_travel: int = Field(
        40, ge=0, le=100, description="What a place adds that they cannot have reached."
    )
    risk_weight_hosting_network: int = Field(
        15, ge=0, le=100, description="What a network of servers adds, where people seldom are."
    )
    risk_weight_recent_failures: int = Field(
        20, ge=0, le=100, description="What wrong passwords just before add."
    )
    risk_weight_unusual_hour: int = Field(
        10, ge=0, le=100, description="What an hour adds at which they never sign in."
    )
    risk_weight_breached_password: int = Field(
        30, ge=0, le=100, description="What a password adds that is known from breaches."
    )
    risk_weight_tor_exit: int = Field(40, ge=0, le=100, description="What the Tor network adds.")
    risk_history: int = Field(
        50, ge=1, le=1000, description="How many of a person's last sign-ins are compared with."
    )
    risk_travel_speed: int = Field(
        900, ge=1, description="The fastest that somebody travels, in km/h."
    )
    risk_travel_distance: int = Field(
        300,
        ge=0,
        description="Places this near, in km, are one place: maps of addresses are rough.",
    )
    risk_failures: int = Field(
        3, ge=1, description="From so many wrong passwords just before a sign-in on they count."
    )
    risk_hours_learned_from: int = Field(
        20, ge=1, description="Sign-ins that a person must have before their hours are known."
    )
    risk_hours_apart: int = Field(
        3, ge=1, le=12, description="An hour is unusual this far from every one they have used."
    )
    stuffing_window: int = Field(
        15 * Minute,
        ge=Minute,
        le=Hour,
        description="The time over which accounts that one place tries are counted.",
    )
    stuffing_accounts_per_address: int = Field(
        20, ge=2, description="So many accounts tried in vain from one address are stuffing."
    )
    stuffing_accounts_per_network: int = Field(
        50, ge=2, description="The same for a /24 of IPv4 or a /48 of IPv6."
    )
