"""Challenges for authenticators: given out, used up by the one answer, forgotten when nobody answered."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from mfa.ceremonies import Credential, challenge_of, new_challenge
from mfa.models import PasskeyChallenge
from mfa.models.passkey_challenge import ChallengePurpose


def give_out(*, purpose: ChallengePurpose, user_id: UUID | None, binding: str) -> bytes:
    """A new challenge for `user_id` (None where nobody is known yet) within what `binding` names."""
    challenge = new_challenge()
    lifetime = timedelta(seconds=settings.ENVIRONMENT.passkey_challenge_lifetime)
    PasskeyChallenge.objects.remember(
        challenge,
        purpose=purpose,
        user_id=user_id,
        binding=binding,
        until=timezone.now() + lifetime,
    )
    return challenge


def take(
    credential: Credential, *, purpose: ChallengePurpose, user_id: UUID | None, binding: str
) -> bytes | None:
    """The challenge that `credential` answers, which is used up now; None for one that was not given out for this,
    was answered before or is too old.
    """
    challenge = challenge_of(credential)
    if challenge is None:
        return None
    taken = PasskeyChallenge.objects.take(
        challenge, purpose=purpose, user_id=user_id, binding=binding
    )
    return challenge if taken else None


def forget_expired() -> int:
    """Delete those that nobody answered in time; returns how many."""
    deleted, _ = PasskeyChallenge.objects.expired().delete()
    return deleted
