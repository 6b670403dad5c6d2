"""Faults of keys and of what is sealed under them."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.alerts.fault import Fault
from tests.proofs.alerts.scene import Scene

FLIP = """
UPDATE trading_credentialversion
   SET secret = set_byte(secret, length(secret) - 1, get_byte(secret, length(secret) - 1) # 1)
 WHERE secret IS NOT NULL
"""


@contextmanager
def ciphertext_altered(scene: Scene) -> Iterator[None]:
    scene.sql(FLIP)
    try:
        scene.sync()
        yield
    finally:
        scene.sql(FLIP)


@contextmanager
def kek_rotated(scene: Scene) -> Iterator[None]:
    scene.keys.keys["gatehouse"].rotate()
    yield
    scene.stack.manage("vault_rewrap")


@contextmanager
def signing_key_old(scene: Scene) -> Iterator[None]:
    make_next = "from accounts.services import signing_keys; signing_keys.tend()"
    with scene.halted("beat", "worker"):  # which replace it by themselves
        scene.stack.manage("shell", "-c", make_next)
        scene.sql(
            "UPDATE accounts_signingkey SET published_at = published_at - interval '33 days',"
            " activated_at = activated_at - interval '33 days' WHERE state IN ('active', 'next')"
        )
        yield
        scene.stack.manage("signing_keys", "rotate")


@contextmanager
def signing_key_gone(scene: Scene) -> Iterator[None]:
    with scene.halted("beat", "worker"):  # which make one by themselves
        scene.sql("DELETE FROM accounts_signingkey WHERE state IN ('active', 'next')")
        yield
        scene.stack.manage("signing_keys", "rotate")


FAULTS = (
    Fault(
        alerts=("VaultOpenFailure",),
        happens="a bit of sealed broker credentials flipped, and their accounts synced",
        cause=ciphertext_altered,
    ),
    Fault(
        alerts=("RewrapUnfinished",), happens="the key-encryption key rotated", cause=kek_rotated
    ),
    Fault(
        alerts=("SigningKeyTooOld",),
        happens="beat and worker hang, the active signing key made 33 days old",
        cause=signing_key_old,
    ),
    Fault(
        alerts=("NoSigningKey",),
        happens="beat and worker hang, the signing keys' rows deleted",
        cause=signing_key_gone,
    ),
)
