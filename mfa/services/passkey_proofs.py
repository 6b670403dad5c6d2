"""Proving oneself with a passkey: as a second factor, or by it alone."""

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from events.domain import emit
from mfa import ceremonies, metrics
from mfa.ceremonies import NOBODYS_KEY, Credential
from mfa.errors import InvalidPasskeyError
from mfa.events import MfaFailed, MfaPassed, PasskeyCloned, Refusal
from mfa.models import Passkey
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.person import Person
from mfa.services import passkey_challenges
from mfa.services.verification import VerifiedFactor


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a passkey was found to prove. `passkey` is the one that was named, accepted or not; None when nobody has it.
    `amr` is what it proves (RFC 8176), nothing where it was refused.
    """

    refusal: Refusal | None
    passkey: Passkey | None = None
    amr: tuple[str, ...] = ()


def begin(*, user: Person, purpose: ChallengePurpose, binding: str) -> dict[str, Any]:
    """What the browser asks for one of the passkeys of `user` with. Who has none gets options that no passkey fits."""
    challenge = passkey_challenges.give_out(purpose=purpose, user_id=user.pk, binding=binding)
    return ceremonies.assertion_options(
        challenge=challenge, allowed=Passkey.objects.of(user.pk).usable()
    )


def begin_sign_in(*, binding: str = "") -> dict[str, Any]:
    """The same where nobody is known yet: the person chooses among the passkeys that the device has for us."""
    challenge = passkey_challenges.give_out(
        purpose=ChallengePurpose.SIGN_IN, user_id=None, binding=binding
    )
    return ceremonies.assertion_options(challenge=challenge, allowed=())


def verify(
    *, user: Person, credential: Credential, purpose: ChallengePurpose, binding: str
) -> VerifiedFactor:
    """Prove a second factor with one of the passkeys of `user`, for options of `begin` with this purpose and binding.

    Like `verification.verify` it is called outside any transaction. Raises InvalidPasskeyError.
    """
    with transaction.atomic(durable=True):
        challenge = passkey_challenges.take(
            credential, purpose=purpose, user_id=user.pk, binding=binding
        )
        passkey = _named(credential, Passkey.objects.of(user.pk))
        attempt = _examine(credential, passkey, challenge)
        _block_a_clone(attempt, user_id=user.public_id)
        if attempt.refusal:
            emit(MfaFailed(user_id=user.public_id, method="passkey", reason=attempt.refusal))
        else:
            emit(MfaPassed(user_id=user.public_id, method="passkey"))
    metrics.VERIFICATIONS.labels("passkey", attempt.refusal or "success").inc()
    if attempt.refusal:
        raise InvalidPasskeyError
    return VerifiedFactor("passkey", attempt.amr)


def identify(*, credential: Credential, binding: str = "") -> Attempt:
    """Who signs in with a passkey alone. An unknown one costs what a known one does; the caller answers both alike,
    and tells the trail. Called outside any transaction.
    """
    with transaction.atomic(durable=True):
        challenge = passkey_challenges.take(
            credential, purpose=ChallengePurpose.SIGN_IN, user_id=None, binding=binding
        )
        passkey = _named(credential, Passkey.objects.select_related("user"))
        if passkey is not None and ceremonies.user_handle_of(credential) != passkey.user_id.bytes:
            passkey = None  # section 7.2, step 6: the authenticator must know whose key it is
        attempt = _examine(credential, passkey, challenge)
        if passkey is not None:
            _block_a_clone(attempt, user_id=passkey.user.public_id)
    metrics.VERIFICATIONS.labels("passkey", attempt.refusal or "success").inc()
    # The authenticator verified the person: what one has, and what one is or knows.
    return attempt if attempt.refusal else replace(attempt, amr=(*attempt.amr, "mfa"))


def still_good(passkey: Passkey) -> bool:
    """Whether it may still sign its owner in: nobody removed or blocked it since it was proved."""
    return Passkey.objects.usable().filter(pk=passkey.pk).exists()


def _named(credential: Credential, passkeys: Any) -> Passkey | None:
    found: Passkey | None = passkeys.with_credential_id(
        ceremonies.credential_id_of(credential)
    ).first()
    return found


def _examine(credential: Credential, passkey: Passkey | None, challenge: bytes | None) -> Attempt:
    """Every check is made, whatever the one before it found."""
    public_key = NOBODYS_KEY if passkey is None else bytes(passkey.public_key)
    asked = challenge if challenge is not None else ceremonies.challenge_of(credential) or b"none"
    count = ceremonies.read_assertion(credential, challenge=asked, public_key=public_key)
    if passkey is None or count is None:
        return Attempt("wrong", passkey)
    if challenge is None:
        return Attempt("replayed", passkey)
    if not Passkey.objects.claim_count(passkey, count, at=timezone.now()):
        return Attempt("cloned", passkey)
    return Attempt(None, passkey, passkey.amr)


def _block_a_clone(attempt: Attempt, *, user_id: str) -> None:
    """A count that went backwards: two authenticators have the key, and none of them is believed any more."""
    passkey = attempt.passkey
    if attempt.refusal != "cloned" or passkey is None:
        return
    if Passkey.objects.block(passkey, at=timezone.now()):
        emit(PasskeyCloned(user_id=user_id, method="passkey", passkey_id=passkey.public_id))
