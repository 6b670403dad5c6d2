"""One workload for every engine: who may use or view which things, by ownership, membership, time and network.

Four policies for each kind of thing: its owner uses and views it; those it is shared with view it; what is public is
viewed by everybody during the day; from one network nobody does anything.
"""

import random
from dataclasses import dataclass
from typing import Any

PEOPLE = 10_000
THINGS = 2_000
FORBIDDEN = "203.0.113.0/24"
OPENS, CLOSES = 9, 17  # hours
POLICIES_OF_A_KIND = 4


@dataclass(frozen=True)
class Person:
    """`views` are the things that were shared with them."""

    id: str
    views: frozenset[str]


@dataclass(frozen=True)
class Thing:
    id: str
    kind: str
    owner: str
    public: bool


@dataclass(frozen=True)
class Asked:
    person: Person
    action: str
    thing: Thing
    ip: str
    hour: int

    @property
    def expected(self) -> bool:
        """The answer, by the words at the top of this module."""
        if self.ip.startswith("203.0.113."):
            return False
        if self.thing.owner == self.person.id:
            return True
        shared = self.thing.id in self.person.views
        public = self.thing.public and OPENS <= self.hour < CLOSES
        return self.action == "view" and (shared or public)


@dataclass(frozen=True)
class Workload:
    kinds: list[str]
    people: list[Person]
    things: list[Thing]
    questions: list[Asked]


def make(policies: int, *, questions: int = 500) -> Workload:
    """The same for the same numbers."""
    chance = random.Random(policies)
    kinds = [f"kind{number}" for number in range(policies // POLICIES_OF_A_KIND)]
    names = [f"p{number}" for number in range(PEOPLE)]
    things = [
        Thing(f"t{number}", chance.choice(kinds), chance.choice(names), chance.random() < 0.2)
        for number in range(THINGS)
    ]
    people = [
        Person(name, frozenset(thing.id for thing in chance.sample(things, 5))) for name in names
    ]
    by_name = {person.id: person for person in people}
    viewers = {view: person for person in people for view in person.views}
    asked = []
    for _ in range(questions):
        thing = chance.choice(things)
        person = chance.choice(
            [chance.choice(people), by_name[thing.owner], viewers.get(thing.id, people[0])]
        )
        ip = chance.choice(["198.51.100.7", "192.0.2.1", "203.0.113.9"])
        asked.append(Asked(person, chance.choice(["use", "view"]), thing, ip, chance.randrange(24)))
    return Workload(kinds, people, things, asked)


def documents(kind: str) -> list[dict[str, Any]]:
    """Our policies about one kind of thing."""
    common = {"subjects": ["user:*"], "resources": [f"{kind}:*"]}
    daytime = [
        {"attr": "resource.public", "eq": True},
        {"attr": "context.hour", "gte": OPENS},
        {"attr": "context.hour", "lt": CLOSES},
    ]
    shared = {"attr": "subject.memberships[resource.id].permissions", "contains": "view"}
    return [
        common
        | {
            "name": f"{kind}-owner",
            "effect": "allow",
            "actions": ["use", "view"],
            "condition": {"attr": "resource.owner", "eq": {"attr": "subject.id"}},
        },
        common
        | {"name": f"{kind}-shared", "effect": "allow", "actions": ["view"], "condition": shared},
        common
        | {
            "name": f"{kind}-public",
            "effect": "allow",
            "actions": ["view"],
            "condition": {"all": daytime},
        },
        common
        | {
            "name": f"{kind}-network",
            "effect": "deny",
            "actions": ["use", "view"],
            "condition": {"attr": "context.ip", "in_network": [FORBIDDEN]},
        },
    ]
