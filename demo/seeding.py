"""The story, from people to what became of their webhooks, in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from accounts.models import User
from accounts.services.console_link import ADMIN_EMAIL
from audit.months import Month
from audit.services import partitions
from audit.services.chaining import chain_waiting
from authz.freshness import stamps
from config.locking import alone
from demo import brokers, decisions, people, platform, policies, sharing, syncs, webhooks
from demo.attack import attack
from demo.brokers import Linked
from demo.chance import Chance
from demo.people import Person
from demo.rows import write
from demo.sign_ins import SignIns
from demo.trail import Trail

PEOPLE, ACCOUNTS, DECISIONS = 500, 200, 6_000
Progress = Callable[[int, int], None]


class SomebodyIsThereError(Exception):
    """The database has people in it: nothing is made up among them."""


@dataclass
class Seeded:
    """What was written: `rows` by the name of the model."""

    rows: dict[str, int] = field(default_factory=dict)
    accounts: Sequence[Linked] = ()

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def somebody_is_there() -> bool:
    """Whether anybody is in the database but the first administrator."""
    return User.objects.exclude(email=ADMIN_EMAIL).exists()


def seed(
    chance: Chance,
    *,
    password: str | None,
    people_count: int = PEOPLE,
    accounts_count: int = ACCOUNTS,
    dry_run: bool = False,
    progress: Progress,
) -> Seeded:
    """Make it all up, and with `dry_run` undo it at the end. Everybody has `password`; None lets nobody sign in.

    Raises SomebodyIsThereError, VaultUnavailableError, TrailBusyError.
    """
    if not dry_run:
        _make_room_in_the_trail(chance)
    with transaction.atomic():
        alone("demo.seed")
        if somebody_is_there():
            raise SomebodyIsThereError
        trail, done = Trail(chance), Seeded()
        crowd = people.people(people_count, chance, password=make_password(password))
        for rows in _everything(crowd, accounts_count, trail, done, chance):
            if rows:
                done.rows[type(rows[0]).__name__] = write(rows)
                progress(done.total, done.total + len(trail))
        done.rows["AuthEvent"] = trail.write()
        progress(done.total, done.total)
        stamps.touch({stamps.POLICIES})
        transaction.set_rollback(dry_run)
    if not dry_run:
        chain_waiting()  # the dashboard's days are counted with it
    return done


def _everything(
    crowd: Sequence[Person], accounts_count: int, trail: Trail, done: Seeded, chance: Chance
) -> Iterator[list[models.Model]]:
    """Rows of one model after the other, those first that others point at."""
    people.tell(list(crowd), trail, chance)
    sign_ins = SignIns(trail, chance)
    sign_ins.live_ninety_days(crowd)
    blocked = attack(crowd, sign_ins, trail, chance)
    victim = next(person for person in crowd[1:] if person.is_active and not person.has_app)
    sign_ins.two_are_stolen(crowd[0], victim)
    for person in crowd:
        person.user.last_login = person.last_sign_in
    yield from people.rows_of(list(crowd), chance)
    yield sorted(sign_ins.sessions, key=_by_time)
    yield list(blocked)
    yield list(platform.second_factors(crowd, chance))
    accounts = done.accounts = brokers.link(accounts_count, crowd, chance)
    brokers.tell(accounts, trail)
    yield from brokers.rows_of(accounts, chance)
    yield from sharing.rows_of(accounts, crowd, chance)
    yield sorted(syncs.rows_of(accounts, chance), key=_by_time)
    yield from policies.rows_of(crowd, trail, chance)
    yield sorted(
        decisions.rows_of(DECISIONS * len(accounts) // ACCOUNTS, accounts, crowd, chance),
        key=_by_time,
    )
    yield from chain(
        platform.clients(chance),
        ([*platform.api_keys(crowd, chance)], [*platform.jobs(crowd, chance)]),
        platform.requests(crowd, chance),
        ([*platform.resets(crowd, chance)],),
        webhooks.rows_of(crowd, chance),
    )


def _make_room_in_the_trail(chance: Chance) -> None:
    """Its months have their partitions before, so that nobody who reads it waits for us."""
    month = Month.of(chance.ago(days=people.DAYS + 1))
    months = [month.plus(number) for number in range(people.DAYS // 28 + 2)]
    partitions.ensure(each for each in months if each <= Month.of(chance.until))


def _by_time(row: models.Model) -> UUID:
    """Keys begin with the time."""
    key: UUID = row.pk
    return key
