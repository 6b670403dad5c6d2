"""A Redis is killed under load, others take over from it, and it comes back as a replica of theirs."""

import time
from collections.abc import Callable

from tests.proofs.chaos_victims import has
from tests.proofs.drills.ground import Ground
from tests.valkeys import Valkey, wait_for

LIMIT = 30.0  # seconds, for each step


def fail_over(
    ground: Ground, in_charge: Callable[[], Valkey], follows: Callable[[Valkey], bool]
) -> None:
    """Kill whoever is `in_charge`, and return when it `follows` another; how long that took is told.

    Raises TimeoutError when it does not come about.
    """
    former = in_charge()
    begun = time.monotonic()
    former.kill()
    wait_for(lambda: in_charge() is not former, "another in charge", limit=LIMIT)
    ground.told.append(f"another was in charge after {time.monotonic() - begun:.1f} s")
    wait_for(lambda: has(ground.stack, "redis"), "a service that has Redis", limit=LIMIT)
    ground.told.append(f"/readyz had Redis again after {time.monotonic() - begun:.1f} s")
    ground.calm()
    former.start()
    wait_for(lambda: follows(former), "the former one as a replica", limit=LIMIT)
    ground.told.append(f"the former one followed {time.monotonic() - begun:.1f} s after its death")
    ground.calm()
