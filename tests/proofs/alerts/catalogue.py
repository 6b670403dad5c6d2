"""Every fault, in the order in which they are made, and the alerts that no fault here is made for."""

from tests.proofs.alerts import abuse, events, felt, trade, trail, vault
from tests.proofs.alerts.fault import Fault

FAULTS: tuple[Fault, ...] = (
    *events.FAULTS,
    *trade.FAULTS,
    *vault.FAULTS,
    *abuse.FAULTS,
    *felt.FAULTS,
    *trail.FAULTS,
)
NOT_TRIED: dict[str, str] = {}  # and why
