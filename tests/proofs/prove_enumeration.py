"""Proves that nobody learns from us who has an account: `python -m tests.proofs.prove_enumeration`, some minutes.

Each question is asked in pairs, once about an address that somebody has and once about one that nobody has, in an order
drawn by lot, so that whatever else the machine does falls on both alike. Status, headers and body must be the same, and
the medians of the times within five percent. Starts a stack of its own.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any

from tests.proofs.crowd import address, bring_in
from tests.proofs.served import Answer, Served, served

WARM_UP = 10  # pairs that are not counted
BETWEEN = 0.12  # seconds, for the worker to do what the last request left it: it shares the cores
CHANGING = {"date", "x-request-id"}  # headers that differ between any two answers
WRONG = "not the password of anybody"

Body = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """What is asked about an address, and the status that every answer must have."""

    name: str
    path: str
    body: Body
    status: int = 202


QUESTIONS = (
    Question("sign in", "/v1/auth/login", lambda email: {"email": email, "password": WRONG}, 401),
    Question(
        "register",
        "/v1/auth/register",
        lambda email: {"email": email, "password": WRONG, "name": "Somebody"},
    ),
    Question("ask for a reset", "/v1/auth/password/reset-request", lambda email: {"email": email}),
    Question("resend the mail", "/v1/auth/email/verify/resend", lambda email: {"email": email}),
)


@dataclass
class Pairs:
    """The times of the known and of the unknown address, and in what their answers differed."""

    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    differences: set[str] = field(default_factory=set)

    @property
    def ratio(self) -> float:
        return median(self.known) / median(self.unknown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="for each question (%(default)s)")
    parser.add_argument("--within", type=float, default=0.05, help="the medians (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the lots")
    parser.add_argument("--only", default="", help="the questions whose name has this word")
    options = parser.parse_args()
    questions = [question for question in QUESTIONS if options.only in question.name]
    with served() as stack:
        lots = random.Random(options.seed)  # noqa: S311 - no secret
        return asyncio.run(prove(stack, questions, options.pairs, options.within, lots))


async def prove(
    stack: Served, questions: Sequence[Question], pairs: int, within: float, lots: random.Random
) -> int:
    """0 when no question tells a known address from an unknown one."""
    known = bring_in(stack, [f"known{n}" for n in range(pairs + WARM_UP)])
    addresses, passed = map(address, count()), True
    print("| question | known | unknown | ratio | answers |\n| --- | --- | --- | --- | --- |")
    for question in questions:
        asked = await _ask(stack, question, known, addresses, lots)
        same = not asked.differences
        passed &= same and abs(asked.ratio - 1) <= within
        print(
            f"| {question.name} | {median(asked.known) * 1000:.1f} ms | {median(asked.unknown) * 1000:.1f} ms "
            f"| {asked.ratio:.3f} | {'the same' if same else ', '.join(sorted(asked.differences))} |",
            flush=True,
        )
    return 0 if passed else 1


async def _ask(
    stack: Served,
    question: Question,
    known: list[str],
    addresses: Iterator[str],
    lots: random.Random,
) -> Pairs:
    asked = Pairs()
    for number, email in enumerate(known):
        pair = {"known": email, "unknown": f"{lots.getrandbits(40):010x}@crowd.example"}
        answers: dict[str, Answer] = {}
        for which in lots.sample(sorted(pair), 2):
            answers[which] = await stack.post(
                question.path, question.body(pair[which]), address=next(addresses)
            )
            await asyncio.sleep(BETWEEN)
        asked.differences |= _differences(answers)
        asked.differences |= {
            f"{a.status}" for a in answers.values() if a.status != question.status
        }
        if number >= WARM_UP:
            asked.known.append(answers["known"].seconds)
            asked.unknown.append(answers["unknown"].seconds)
    return asked


def _differences(answers: Mapping[str, Answer]) -> set[str]:
    one, other = (_comparable(answer) for answer in answers.values())
    return {str(name) for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _comparable(answer: Answer) -> dict[str, Any]:
    body = {f"body.{name}": value for name, value in answer.json.items() if name != "request_id"}
    headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    return {"status": answer.status, **body, **headers}


if __name__ == "__main__":
    sys.exit(main())
