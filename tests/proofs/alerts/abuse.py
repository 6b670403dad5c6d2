"""What attackers do."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.alerts.fault import Fault
from tests.proofs.alerts.scene import Scene

REUSED = 8  # sessions whose first refresh token comes again; more than five are an alert


@contextmanager
def refresh_tokens_reused(scene: Scene) -> Iterator[None]:
    stolen = [
        scene.sign_in(number).raise_for_status().json()["refresh_token"] for number in range(REUSED)
    ]
    with scene.client("10.201.0.1") as client:
        for _ in range(2):
            for token in stolen:
                client.post("/v1/auth/refresh", json={"refresh_token": token})
            scene.sql(
                "UPDATE accounts_refreshfamily SET rotated_at = rotated_at - interval '1 hour'"
            )
        yield


@contextmanager
def many_accounts_from_one_address(scene: Scene) -> Iterator[None]:
    with scene.client("10.202.0.1") as client:
        for email in scene.emails[10:]:
            client.post(
                "/v1/auth/login", json={"email": email, "password": "the same guess for all"}
            )
    yield


FAULTS = (
    Fault(
        alerts=("RefreshTokensReused",),
        happens=f"{REUSED} refresh tokens used again an hour later",
        cause=refresh_tokens_reused,
    ),
    Fault(
        alerts=("StuffingSuspected",),
        happens="30 accounts tried in vain from one address",
        cause=many_accounts_from_one_address,
    ),
)
