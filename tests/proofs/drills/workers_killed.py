"""The worker and the relay die again and again: no client sees anything of it, and nothing is lost."""

from tests.proofs.chaos_victims import kill, returned
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, under_load
from tests.proofs.served import served

DEATHS = 3  # of each
STEADY = "1"  # seconds after which the supervisor forgives a death: here they are ours


def run() -> Row:
    with served("--steady", STEADY, **VARIABLES) as stack:
        with under_load(stack) as ground:
            for _ in range(DEATHS):
                deaths = [kill(stack, piece) for piece in ("worker", "relay")]
                for death in deaths:
                    seconds = returned(stack, death)
                    if seconds is None:
                        raise SystemExit(f"{death} did not come back")
                    ground.told.append(f"{death} back in {seconds:.1f} s")
                ground.calm()
        row = ground.row()
    row.demand(most_wrong=0)
    return row


DRILL = Drill(
    name="workers-killed",
    happens=f"worker and relay killed with -9, {DEATHS} times each",
    run=run,
)
