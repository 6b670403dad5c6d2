"""A failover drill, and the row that it ends with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.proofs.sight import CHANGE, DECISION, KINDS, REFRESH, SIGN_IN

HEADER = (
    "| drill | what happens | asked | went wrong | longest without a good sign-in, refresh, decision, change "
    "| nothing lost | nothing let through |\n| --- | --- | --- | --- | --- | --- | --- |"
)


@dataclass
class Row:
    """What came of a drill. `lost` and `let_through` have a line for each promise that was not kept, `failed` one for
    each thing else that the drill demands; `told` is for the reader.
    """

    asked: dict[str, int]
    wrong: dict[str, int]
    gaps: dict[str, float]
    lost: list[str] = field(default_factory=list)
    let_through: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.let_through or self.failed)

    def demand(self, *, most_wrong: int | None = None, longest_gap: float | None = None) -> None:
        """What the drill promises besides: how many requests go wrong, and seconds without a good answer."""
        wrong = sum(self.wrong.values())
        if most_wrong is not None and wrong > most_wrong:
            self.failed.append(f"{wrong} requests went wrong, at most {most_wrong} may")
        for kind, gap in self.gaps.items():
            if longest_gap is not None and gap > longest_gap:
                self.failed.append(f"no good {kind} for {gap:.1f} s, at most {longest_gap:g} s")


@dataclass(frozen=True, kw_only=True)
class Drill:
    """`name` is what `--only` takes. `run` starts a stack, puts load on it, does what `happens`, and takes stock."""

    name: str
    happens: str
    run: Callable[[], Row]


def table_row(drill: Drill, row: Row) -> str:
    asked = ", ".join(f"{row.asked.get(kind, 0)} {kind}" for kind in KINDS if row.asked.get(kind))
    wrong = ", ".join(f"{count} {kind}" for kind, count in sorted(row.wrong.items())) or "none"
    gaps = ", ".join(f"{row.gaps[kind]:.1f}" for kind in (SIGN_IN, REFRESH, DECISION, CHANGE))
    cells = [drill.name, drill.happens, asked, wrong, f"{gaps} s", _held(row.lost)]
    return f"| {' | '.join([*cells, _held(row.let_through)])} |"


def _held(broken: Sequence[str]) -> str:
    return f"**no: {len(broken)}**" if broken else "yes"
