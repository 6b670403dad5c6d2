"""What a `User-Agent` header says, in plain words."""

from dataclasses import dataclass
from functools import cache, lru_cache

from ua_parser import Domain, Parser
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver


@dataclass(frozen=True)
class Software:
    """Family names such as `Chrome` and `Windows`; empty where the header does not say."""

    browser: str
    os: str


UNKNOWN = Software("", "")


@lru_cache(maxsize=1024)
def describe(user_agent: str) -> Software:
    """Browser and operating system of the client that sent `user_agent`."""
    found = parser()(user_agent, Domain.USER_AGENT | Domain.OS)
    return Software(
        browser=found.user_agent.family if found.user_agent else "",
        os=found.os.family if found.os else "",
    )


@cache
def parser() -> Parser:
    """The one of this process. It knows no models of devices: of the 25 MiB that all patterns take, theirs are most."""
    user_agents, systems, _ = load_lazy_builtins()
    return Parser(Resolver((user_agents, systems, [])))
