"""Five hundred people: who they are, when they came, and what became of some of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import models

from accounts.models import Preferences, User
from accounts.models.user import UserStatus
from audit.types import AuditType
from authz.models import Role, RoleGrant
from demo.cast import CITIES, DEVICE_NAMES, FAMILY_NAMES, GIVEN_NAMES, USER_AGENTS, Place
from demo.chance import Chance
from demo.rows import made_at
from demo.trail import Trail

DOMAIN = "demo.example"  # RFC 2606: no mail to it ever arrives
FIRST = f"asha.rao@{DOMAIN}"  # is always there, always active, and has no second factor
DAYS = 90
STAFF = {"support": 6, "compliance": 3, "admin": 1}
STATUSES = {
    UserStatus.ACTIVE: 0.9,
    UserStatus.PENDING_VERIFICATION: 0.05,
    UserStatus.SUSPENDED: 0.025,
    UserStatus.DEACTIVATED: 0.025,
}
WHY_SUSPENDED = (
    "Orders that look like somebody else's",
    "Identity papers did not match",
    "Asked for by the person: lost phone",
)


@dataclass(eq=False)
class Person:
    """A row, and how its person lives."""

    user: User
    home: Place
    number: int  # of their line at home
    machine: int  # which of USER_AGENTS
    eagerness: float  # sign-ins a day
    role: str = "trader"
    has_app: bool = False
    last_sign_in: datetime | None = field(default=None)

    @cached_property
    def public_id(self) -> str:
        return self.user.public_id

    @property
    def ip(self) -> str:
        return self.home.address(self.number)

    @property
    def agent(self) -> str:
        return USER_AGENTS[self.machine]

    @property
    def device_name(self) -> str:
        return DEVICE_NAMES[self.machine]

    @property
    def fingerprint(self) -> str:
        return f"demo-{self.user.pk.hex[-12:]}"

    @property
    def joined(self) -> datetime:
        return self.user.created_at

    @property
    def is_active(self) -> bool:
        return self.user.status == UserStatus.ACTIVE


def people(count: int, chance: Chance, *, password: str) -> list[Person]:
    """The first is Asha Rao; the last are staff. `password` is a hash that all of them share."""
    names = [("Asha", "Rao")]
    others = [(given, family) for given in GIVEN_NAMES for family in FAMILY_NAMES]
    others.remove(names[0])
    names += chance.some_of(others, count - 1)
    made = [_person(name, chance, password) for name in names]
    asha = made[0]
    asha.user.status, asha.user.status_reason, asha.has_app = UserStatus.ACTIVE, "", False
    roles = [role for role, number in STAFF.items() for _ in range(number)]
    for person, role in zip(reversed(made), roles, strict=False):
        person.role, person.user.status, person.user.status_reason = role, UserStatus.ACTIVE, ""
    for person in made:
        _settle(person, chance)
    return made


def _person(name: tuple[str, str], chance: Chance, password: str) -> Person:
    """A third was there before the ninety days began."""
    early = chance.happens(0.35)
    joined = chance.ago(days=DAYS - 1) if early else chance.ago(days=chance.share(0.2, DAYS - 1))
    joined += timedelta(seconds=chance.number(0, 3600))
    status = chance.weighted(list(STATUSES), list(STATUSES.values()))
    user = made_at(
        User,
        joined,
        chance,
        email=f"{name[0]}.{name[1]}@{DOMAIN}".lower(),
        name=" ".join(name),
        phone=f"+9198765{chance.number(0, 99_999):05}" if chance.happens(0.8) else "",
        locale="hi" if chance.happens(0.2) else "en",
        status=status,
        password=password,
    )
    return Person(
        user=user,
        home=chance.one_of(CITIES),
        number=chance.number(0, 60_000),
        machine=chance.number(0, len(USER_AGENTS) - 1),
        eagerness=chance.weighted([0.03, 0.15, 0.4, 0.9], [3, 4, 2, 1]),
        has_app=chance.happens(0.3),
    )


def _settle(person: Person, chance: Chance) -> None:
    """Give the row the stamps that its status asks for."""
    user = person.user
    user.status_changed_at = person.joined
    if user.status == UserStatus.PENDING_VERIFICATION:
        return
    user.email_verified_at = user.status_changed_at = person.joined + timedelta(minutes=7)
    user.password_changed_at = person.joined
    if user.status == UserStatus.SUSPENDED:
        user.status_reason = chance.one_of(WHY_SUSPENDED)
    if not person.is_active:
        user.status_changed_at = chance.between(user.email_verified_at, chance.until)
        user.updated_at = user.status_changed_at


def rows_of(crowd: list[Person], chance: Chance) -> Iterator[list[models.Model]]:
    """Their rows, and what everybody has from the first moment on."""
    roles = {role.name: role for role in Role.objects.all()}
    yield [person.user for person in crowd]
    yield [
        Preferences(user=person.user, values={}, created_at=person.joined, updated_at=person.joined)
        for person in crowd
    ]
    yield [
        made_at(
            RoleGrant,
            person.joined,
            chance,
            user=person.user,
            role=roles[name],
            granted_by="system",
            reason="made up by seed_demo" if name != "user" else "every person has it",
            granted_at=person.joined,
        )
        for person in crowd
        for name in ("user", person.role)
    ]


def tell(crowd: list[Person], trail: Trail, chance: Chance) -> None:
    """How they came, and what staff did about some."""
    support = [person for person in crowd if person.role == "support"]
    for person in crowd:
        user, who = person.user, person.public_id
        where: dict[str, Any] = {"place": person.home, "ip": person.ip, "agent": person.agent}
        told = {"locale": user.locale, "timezone": user.timezone}
        trail.note(AuditType.ACCOUNT_CREATED, person.joined, about=who, told=told, **where)
        trail.note(
            AuditType.ROLE_GRANTED,
            person.joined,
            about=who,
            actor="",
            told={"role": person.role, "reason": "made up by seed_demo"},
        )
        if user.email_verified_at:
            trail.note(AuditType.ACCOUNT_UPDATED, user.email_verified_at, about=who, **where)
        if user.status == UserStatus.SUSPENDED:
            trail.note(
                AuditType.ACCOUNT_SUSPENDED,
                user.status_changed_at,
                about=who,
                actor=chance.one_of(support).public_id,
                told={"reason": user.status_reason},
            )
        if user.status == UserStatus.DEACTIVATED:
            trail.note(AuditType.ACCOUNT_DEACTIVATED, user.status_changed_at, about=who, **where)
