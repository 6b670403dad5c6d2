"""Proves that a storm of sign-ins ends well: `python -m tests.proofs.prove_sign_in_storm`, about a minute.

A thousand people sign in, two hundred at once, while a service goes on asking for decisions. Starts a stack of its own.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.proofs.crowd import PASSWORD, address, bring_in
from tests.proofs.served import Answer, Served, served

PAUSE = 0.05  # seconds between two questions


@dataclass
class Decisions:
    """How long each answer took, and how many were not 200."""

    seconds: list[float] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20)[-1]

    def __str__(self) -> str:
        return (
            f"{len(self.seconds)} decisions, p50 {_ms(median(self.seconds))}, p95 {_ms(self.p95)}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000, help="who sign in (%(default)s)")
    parser.add_argument("--at-once", type=int, default=200, help="of them (%(default)s)")
    options = parser.parse_args()
    with served() as stack:
        emails = bring_in(stack, [f"person{n}" for n in range(options.people)])
        client = json.loads(
            stack.manage("service_client", "create", "Storm", "--scope", "authz:check", "--json")
        )
        return asyncio.run(prove(stack, emails, at_once=options.at_once, client=client))


async def prove(stack: Served, emails: list[str], *, at_once: int, client: dict[str, str]) -> int:
    """0 when every sign-in and every decision was answered well."""
    bearer = await _token(stack, client)
    for number in range(20):  # every worker has loaded what it loads once
        await _sign_in(stack, emails[0], 60_000 + number)
    quiet = await _decisions(stack, bearer, until=asyncio.create_task(asyncio.sleep(5)))
    begun = time.perf_counter()
    storm = asyncio.create_task(_storm(stack, emails, at_once))
    busy = await _decisions(stack, bearer, until=storm)
    answers, taken = storm.result(), time.perf_counter() - begun
    outcome = Counter(answer.status for answer in answers)
    waits = sorted(answer.seconds for answer in answers)
    print(f"sign-ins: {dict(outcome)} in {taken:.1f} s, {len(answers) / taken:.0f} a second")
    print(
        f"  p50 {_ms(median(waits))}, p95 {_ms(quantiles(waits, n=20)[-1])}, longest {_ms(waits[-1])}"
    )
    print(f"idle:  {quiet}")
    print(f"storm: {busy}, {sum(busy.failed.values())} failed")
    return 0 if outcome == {200: len(emails)} and not busy.failed else 1


async def _storm(stack: Served, emails: list[str], at_once: int) -> list[Answer]:
    places = asyncio.Semaphore(at_once)

    async def one(number: int, email: str) -> Answer:
        async with places:
            return await _sign_in(stack, email, number)

    return await asyncio.gather(*(one(number, email) for number, email in enumerate(emails)))


async def _sign_in(stack: Served, email: str, number: int) -> Answer:
    body = {"email": email, "password": PASSWORD}
    return await stack.post("/v1/auth/login", body, address=address(number))


async def _decisions(stack: Served, bearer: str, *, until: asyncio.Task[object]) -> Decisions:
    """One after the other, until the task is done."""
    asked = Decisions()
    question = {
        "subject": "user:usr_01h455vb4pex5vsknk084sn02q",
        "action": "trading_account:read",
        "resource": "trading_account:acc_01h455vb4pex5vsknk084sn02q",
    }
    while not until.done():
        answer = await stack.post(
            "/v1/authz/check", question, headers={"Authorization": f"Bearer {bearer}"}
        )
        asked.seconds.append(answer.seconds)
        if answer.status != 200:
            asked.failed[answer.status] += 1
        await asyncio.sleep(PAUSE)
    return asked


async def _token(stack: Served, client: dict[str, str]) -> str:
    form = f"grant_type=client_credentials&client_id={client['client_id']}&client_secret={client['client_secret']}"
    answer = await stack.post_form("/v1/oauth/token", form)
    return str(answer.json["access_token"])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
