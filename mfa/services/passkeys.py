"""Passkeys: added, renamed, removed."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from events.domain import emit
from mfa import ceremonies, metrics
from mfa.ceremonies import Credential, NewCredential
from mfa.errors import InvalidPasskeyError, PasskeyNotFoundError, TooManyPasskeysError
from mfa.events import MfaDisabled, MfaEnabled, PasskeyRenamed
from mfa.models import Passkey
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.person import Person, lock
from mfa.services import backup_codes, passkey_challenges


@dataclass(frozen=True, kw_only=True, slots=True)
class AddedPasskey:
    """`backup_codes` are there when it is the person's first factor: to be shown once, and to nobody again."""

    passkey: Passkey
    backup_codes: tuple[str, ...] = field(repr=False)


def begin(*, user: Person, binding: str) -> dict[str, Any]:
    """What the browser asks an authenticator with, to make a key for `user` in the session that `binding` names.

    Raises TooManyPasskeysError.
    """
    known = list(Passkey.objects.of(user.pk))
    _demand_room(len(known))
    challenge = passkey_challenges.give_out(
        purpose=ChallengePurpose.REGISTRATION, user_id=user.pk, binding=binding
    )
    return ceremonies.registration_options(
        challenge=challenge, handle=user.pk.bytes, account=user.email, name=user.name, known=known
    )


def add(*, user: Person, credential: Credential, name: str, binding: str) -> AddedPasskey:
    """Keep the key that an authenticator made for the options of `begin`. The challenge is used up either way.

    Raises InvalidPasskeyError, TooManyPasskeysError.
    """
    challenge = passkey_challenges.take(
        credential, purpose=ChallengePurpose.REGISTRATION, user_id=user.pk, binding=binding
    )
    made = ceremonies.read_registration(credential, challenge=challenge) if challenge else None
    if made is None:
        metrics.ENROLMENTS.labels("passkey", "failure").inc()
        raise InvalidPasskeyError
    with transaction.atomic():
        lock(user)
        _demand_room(Passkey.objects.of(user.pk).count())
        passkey = _store(user, made, name=name)
        codes = backup_codes.issue_with_the_first(user)
        emit(MfaEnabled(user_id=user.public_id, method="passkey", amr=passkey.amr))
    metrics.ENROLMENTS.labels("passkey", "success").inc()
    return AddedPasskey(passkey=passkey, backup_codes=codes)


def rename(*, user: Person, passkey_id: str, name: str) -> Passkey:
    """Call one of one's own passkeys by another name. Raises PasskeyNotFoundError."""
    with transaction.atomic():
        lock(user)
        passkey = own(user, passkey_id)
        passkey.name = name
        passkey.save(update_fields=["name", "updated_at"])
        emit(PasskeyRenamed(user_id=user.public_id, method="passkey", passkey_id=passkey.public_id))
    return passkey


def remove(*, user: Person, passkey_id: str) -> None:
    """Never accept one of one's own passkeys again; with the last factor go the backup codes.

    Raises PasskeyNotFoundError.
    """
    with transaction.atomic():
        lock(user)
        own(user, passkey_id).delete()
        left = backup_codes.drop_with_the_last(user)
        emit(MfaDisabled(user_id=user.public_id, methods=("passkey",), factors_left=left))


def _demand_room(number: int) -> None:
    most = settings.ENVIRONMENT.passkeys_per_person
    if number >= most:
        raise TooManyPasskeysError(f"The most that one person may have is {most}.")


def own(user: Person, passkey_id: str) -> Passkey:
    """One of the person's own passkeys. Raises PasskeyNotFoundError."""
    passkey = Passkey.objects.of(user.pk).with_public_id(passkey_id).first()
    if passkey is None:
        raise PasskeyNotFoundError
    return passkey


def _store(user: Person, made: NewCredential, *, name: str) -> Passkey:
    """Raises InvalidPasskeyError for a credential id that somebody has (section 7.1, step 26)."""
    passkey = Passkey(
        user_id=user.pk,
        name=name or "Passkey",
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        aaguid=made.aaguid,
        transports=list(made.transports),
        backup_eligible=made.backup_eligible,
    )
    try:
        with transaction.atomic():
            passkey.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidPasskeyError from error
    return passkey
