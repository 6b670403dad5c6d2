"""People to change things, and owners with an account each to share."""

from pathlib import Path

from config.devstack.layout import Layout
from config.devstack.ports import LOOPBACK, remembered_simulator_port
from tests.proofs.administrator import Administrator
from tests.proofs.chaos_load import PAUSE, Load, Member
from tests.proofs.crowd import bring_in
from tests.proofs.prove_links import Outcome, Person, Scene
from tests.proofs.served import Served
from tests.proofs.sight import Sight
from trading.simulator.client import SimulatorControl


def load_on(stack: Served, *, members: int, owners: int, pause: float = PAUSE) -> Load:
    """It is ready to start. Raises RuntimeError when an owner could not link an account."""
    names = [f"member{n}" for n in range(members)] + [f"owner{n}" for n in range(owners)]
    emails = bring_in(stack, names)
    port = remembered_simulator_port(Layout(Path(stack.environment["STATE_DIR"])))
    scene = Scene(stack, SimulatorControl(f"http://{LOOPBACK}:{port}"))
    sharing: dict[str, Person] = {}
    for number, email in enumerate(emails[members:]):
        owner = scene.sign_in(email, 100 + number)
        scene.link(owner, number, outcome := Outcome())
        if outcome.ends != {"active": 1}:
            raise RuntimeError(f"no account to share: {dict(outcome.ends)}")
        shown = owner.client.get("/v1/trading-accounts").json()
        sharing[shown["results"][0]["id"]] = owner
    sight = Sight()
    people = [Member(stack, number, email, sight) for number, email in enumerate(emails[:members])]
    return Load(stack, Administrator(stack), sharing, people, sight=sight, pause=pause)
