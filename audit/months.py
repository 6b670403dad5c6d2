"""Calendar months in UTC: the unit in which the trail is kept."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

PARTITION_NAME = re.compile(r"audit_authevent_y(\d{4})m(\d{2})")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The month in which an aware `moment` lies."""
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    @classmethod
    def of_partition(cls, name: str) -> Self | None:
        """The month that the partition of this name holds; None for another table."""
        match = PARTITION_NAME.fullmatch(name)
        return cls(int(match[1]), int(match[2])) if match else None

    def plus(self, months: int) -> "Month":
        """So many months later, or earlier when negative."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)

    @property
    def start(self) -> datetime:
        """Its first moment; that of the next month is its end."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def partition(self) -> str:
        """The name of the partition that holds it."""
        return f"audit_authevent_y{self.year:04}m{self.month:02}"

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
