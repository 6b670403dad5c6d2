"""One process of the freshness proof: asks about every subject in turn until the board says that it is over.

`python -m tests.proofs.freshness_watcher BOARD WATCHER WATCHERS SUBJECT…` in the environment of a running stack. Prints
one JSON object: how many decisions it asked for, how many came between two changes, and which of those were wrong.
"""

import json
import sys
import time
from pathlib import Path

import django

from tests.proofs.freshness_board import Board, Phase, phase_of

PAUSE = 0.002  # seconds after each round; the stack has to live, too
ACTION, RESOURCE = "trading_account:read", "trading_account:acc_01h455vb4pex5vsknk084sn02q"


def main() -> None:
    django.setup()
    from authz.services import decisions

    path, number, watchers, *people = sys.argv[1:]
    board = Board(Path(path), subjects=len(people), watchers=int(watchers))
    asked = telling = 0
    wrong: list[str] = []
    while not board.over:
        for subject, person in enumerate(people):
            before = board.step(subject)
            allowed = decisions.check(
                subject=f"user:{person}", action=ACTION, resource=RESOURCE
            ).allowed
            asked += 1
            if board.step(subject) != before:
                continue  # it changed meanwhile: both answers are right
            if allowed:
                board.note_allowed(subject, int(number), before)
            phase = phase_of(before)
            if phase in {Phase.REVOKED, Phase.GRANTED}:
                telling += 1
                if allowed is not (phase is Phase.GRANTED):
                    wrong.append(f"{person}, step {before}: {phase.name} and allowed={allowed}")
        time.sleep(PAUSE)
    print(json.dumps({"asked": asked, "telling": telling, "wrong": wrong}))


if __name__ == "__main__":
    main()
