"""A device and a place in plain words: "Chrome on Windows, Pune"."""

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.user_agents import describe


def device_in_words(user_agent: str) -> str:
    """ "Chrome on Windows", or as much of it as the client said."""
    software = describe(user_agent)
    if software.browser and software.os:
        return _("%(browser)s on %(os)s") % {"browser": software.browser, "os": software.os}
    return software.browser or software.os or _("Unknown device")


def place_in_words(country: str, city: str) -> str:
    """The city, else the country's name in the language in force, else nothing."""
    return city or country_name(country)


def device_and_place(user_agent: str, country: str, city: str) -> str:
    """The two with a comma between, the place left out where it is not known."""
    return ", ".join(filter(None, (device_in_words(user_agent), place_in_words(country, city))))


def country_name(code: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code in the language in force (CLDR); the code itself if it has none."""
    return str(Locale.parse(get_language() or "en", sep="-").territories.get(code) or code)
