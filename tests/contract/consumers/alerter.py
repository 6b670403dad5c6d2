"""The alerter reads events and calls people: a session that looks wrong, somebody who was shut out."""

import json
from typing import Any

from pact import Pact, match

from tests.contract.consumers import MOMENT, PROVIDER, an_id

ANOMALY, SUSPENSION = "a session that looks wrong", "a person who was suspended"


def alert_of(message: str | bytes) -> str:
    """What the alerter says of an event."""
    event = json.loads(message)
    if event["type"] == "user.session.anomaly.v1":
        return f"{event['data']['kind']} at {event['data']['session_id']} of {event['subject']}"
    if event["type"] == "user.suspended.v1":
        return f"{event['subject']} was shut out"
    raise ValueError(f"no alert is made of {event['type']}")


def pact() -> Pact:
    described = Pact("alerter", PROVIDER)
    _expects(
        described,
        ANOMALY,
        "user.session.anomaly.v1",
        {
            "user_id": match.regex("usr_01h455vb4pex5vsknk084sn02q", regex=an_id("usr")),
            "session_id": match.regex("ses_01h455vb4pex5vsknk084sn02q", regex=an_id("ses")),
            "kind": match.regex("refresh_token_reuse", regex="^[a-z_]+$"),
        },
    )
    _expects(
        described,
        SUSPENSION,
        "user.suspended.v1",
        {"user_id": match.regex("usr_01h455vb4pex5vsknk084sn02q", regex=an_id("usr"))},
    )
    return described


def exercise(described: Pact) -> None:
    told: list[str] = []
    described.verify(lambda message, _: told.append(alert_of(message or b"")), kind="Async")
    person = "usr_01h455vb4pex5vsknk084sn02q"
    assert sorted(told) == [
        f"refresh_token_reuse at ses_01h455vb4pex5vsknk084sn02q of {person}",
        f"{person} was shut out",
    ]


def _expects(described: Pact, description: str, kind: str, data: dict[str, Any]) -> None:
    described.upon_receiving(description, "Async").with_body(
        {
            "specversion": "1.0",
            "id": match.regex("evt_01h455vb4pex5vsknk084sn02q", regex=an_id("evt")),
            "type": kind,
            "subject": match.regex("usr_01h455vb4pex5vsknk084sn02q", regex=an_id("usr")),
            "time": match.regex("2026-11-26T00:30:00Z", regex=MOMENT),
            "sequence": match.regex("00000000000000000001", regex=r"^\d{20}$"),
            "data": data,
        }
    )
