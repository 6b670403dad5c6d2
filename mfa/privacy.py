"""What this app holds of a person."""

from audit.privacy.registry import HASH, SEALED, Fate, Holding, Retention, register
from mfa.models import BackupCode, Passkey, PasskeyChallenge, ResetRequest, TotpDevice

CHALLENGES = Retention(
    text="until it is answered or runs out", task="Forget unanswered passkey challenges"
)


def declare() -> None:
    """Called once, when the app is ready."""
    register(*_factors(), _challenges(), _resets())


def _factors() -> tuple[Holding, ...]:
    return (
        Holding(
            model="mfa.TotpDevice",
            rows=lambda person: TotpDevice.objects.filter(user_id=person.pk),
            area="authenticator_apps",
            withheld={"secret": SEALED},
            fate=Fate.DELETED,
            why="a secret that the person shared with us",
        ),
        Holding(
            model="mfa.BackupCode",
            rows=lambda person: BackupCode.objects.filter(user_id=person.pk),
            area="backup_codes",
            withheld={"code_hash": HASH},
            fate=Fate.DELETED,
            why="hashes of the person's codes",
        ),
        Holding(
            model="mfa.Passkey",
            rows=lambda person: Passkey.objects.of(person.pk),
            area="passkeys",
            fate=Fate.DELETED,
            why="keys of the person's devices, and the names that they gave them",
        ),
    )


def _challenges() -> Holding:
    return Holding(
        model="mfa.PasskeyChallenge",
        rows=lambda person: PasskeyChallenge.objects.filter(user_id=person.pk),
        withheld={"*": "a hash that lives for minutes"},
        fate=Fate.DELETED,
        why="what the person's devices were asked",
        retention=CHALLENGES,
    )


def _resets() -> Holding:
    return Holding(
        model="mfa.ResetRequest",
        rows=lambda person: ResetRequest.objects.of(person.pk),
        area="factor_resets",
        withheld={
            "reason": "words of the staff",
            "requested_by": "one of the staff",
            "decided_by": "one of the staff",
        },
        fate=Fate.ANONYMISED,
        why="that two of the staff did it is to be proved; their words go",
        blank={"reason": "-"},
    )
