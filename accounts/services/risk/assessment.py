"""How risky a sign-in is: the weights of the signals that count, added up to 100 at most."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from django.conf import settings

from accounts.metrics import RISK_ASSESSMENTS, RISK_SIGNALS
from accounts.models import User
from accounts.services.risk import facts
from accounts.services.risk.signals import SIGNALS

MOST = 100
# Signals that are news to whoever listens, and not only a part of the score
ANOMALIES = ("new_device", "new_country", "impossible_travel")


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """`score` is None for a sign-in that nobody assessed."""

    score: int | None = None
    signals: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | None) -> Self | None:
        """From what `dataclasses.asdict` made of one and JSON kept; None where there was none."""
        if document is None:
            return None
        return cls(score=document["score"], signals=tuple(document["signals"]))

    @property
    def level(self) -> Level:
        return level_of(self.score or 0)

    @property
    def anomalies(self) -> tuple[str, ...]:
        """The signals that are told one by one."""
        return tuple(name for name in ANOMALIES if name in self.signals)

    @property
    def concerns_the_person(self) -> bool:
        """Whether they get a mail: of a device that is new to us, and of everything above low."""
        return "new_device" in self.signals or self.level is not Level.LOW


UNASSESSED = Assessment()


def level_of(score: int) -> Level:
    """Where the settings draw the lines."""
    if score >= settings.ENVIRONMENT.risk_high:
        return Level.HIGH
    return Level.MEDIUM if score >= settings.ENVIRONMENT.risk_medium else Level.LOW


def assess(
    *, user: User, fingerprint: str = "", failures: int = 0, breached: bool = False
) -> Assessment:
    """The risk of the sign-in in hand, whose first factor was right: where and on what the request comes from,
    against the person's last sign-ins. One query.

    `failures` is how many wrong passwords came just before, `breached` whether the password is known from breaches.
    """
    attempt = facts.attempt_of(user, fingerprint=fingerprint, failures=failures, breached=breached)
    past = facts.past_of(user)
    rules = settings.ENVIRONMENT
    counted = [signal for signal in SIGNALS if signal.counts(attempt, past, rules)]
    weighty = [signal for signal in counted if signal.weight(rules)]
    assessment = Assessment(
        score=_sum(signal.weight(rules) for signal in weighty),
        signals=tuple(signal.name for signal in weighty),
    )
    _measure(assessment)
    return assessment


def _sum(weights: Iterable[int]) -> int:
    return min(MOST, sum(weights))


def _measure(assessment: Assessment) -> None:
    RISK_ASSESSMENTS.labels(assessment.level.value).inc()
    for name in assessment.signals:
        RISK_SIGNALS.labels(name).inc()
