"""What a `User-Agent` header says, in plain words."""

from dataclasses import dataclass
from functools import lru_cache

from ua_parser import parse


@dataclass(frozen=True)
class Software:
    """Family names such as `Chrome` and `Windows`; empty where the header does not say."""

    browser: str
    os: str


UNKNOWN = Software("", "")


@lru_cache(maxsize=1024)
def describe(user_agent: str) -> Software:
    """Browser and operating system of the client that sent `user_agent`."""
    found = parse(user_agent)
    return Software(
        browser=found.user_agent.family if found.user_agent else "",
        os=found.os.family if found.os else "",
    )
