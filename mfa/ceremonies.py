"""The two ceremonies of Web Authentication (https://www.w3.org/TR/webauthn-3/, section 7), without a database.

What browsers send is JSON as `PublicKeyCredential.toJSON()` makes it. Whatever is wrong with it, the answer is None:
a stranger learns nothing from how it was wrong.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    options_to_json_dict,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSECRV, COSEKTY, COSEAlgorithmIdentifier, COSEKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mfa.models.passkey import LONGEST_CREDENTIAL_ID, Passkey
from mfa.relying_party import origins, rp_id

Credential = Mapping[str, Any]

CHALLENGE_LENGTH = 32  # bytes; section 13.4.3 wants 16 at least
# Whatever a forged structure makes the parsers trip over
MALFORMED = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCredential:
    """What an authenticator made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    transports: tuple[str, ...]
    backup_eligible: bool


def new_challenge() -> bytes:
    return secrets.token_bytes(CHALLENGE_LENGTH)


def registration_options(
    *, challenge: bytes, handle: bytes, account: str, name: str, known: Iterable[Passkey]
) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptionsJSON`: discoverable, with the person verified, and none of `known` again."""
    options = generate_registration_options(
        rp_id=rp_id(),
        rp_name=settings.ENVIRONMENT.totp_issuer,
        user_id=handle,
        user_name=account,
        user_display_name=name,
        challenge=challenge,
        timeout=settings.ENVIRONMENT.passkey_challenge_lifetime * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in known],
    )
    return options_to_json_dict(options)


def assertion_options(*, challenge: bytes, allowed: Iterable[Passkey]) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptionsJSON`; without `allowed` the person chooses among what the device has."""
    options = generate_authentication_options(
        rp_id=rp_id(),
        challenge=challenge,
        timeout=settings.ENVIRONMENT.passkey_challenge_lifetime * 1000,
        allow_credentials=[_descriptor(passkey) for passkey in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def challenge_of(credential: Credential) -> bytes | None:
    """The challenge that the browser says was signed."""
    try:
        client_data = parse_client_data_json(
            base64url_to_bytes(credential["response"]["clientDataJSON"])
        )
    except MALFORMED:
        return None
    return None if client_data.cross_origin else client_data.challenge


def credential_id_of(credential: Credential) -> bytes:
    """What the authenticator calls its key; empty when that cannot be read."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except MALFORMED:
        return b""


def user_handle_of(credential: Credential) -> bytes | None:
    """Whose key it is, as the authenticator remembers it from registration."""
    try:
        handle = credential["response"].get("userHandle")
        return base64url_to_bytes(handle) if handle else None
    except MALFORMED:
        return None


def read_registration(credential: Credential, *, challenge: bytes) -> NewCredential | None:
    """The new key, once everything that section 7.1 asks for holds.

    We ask for no attestation, so a browser sends none, or what the new key says of itself.
    """
    try:
        attestation = parse_attestation_object(
            base64url_to_bytes(credential["response"]["attestationObject"])
        )
        if attestation.fmt not in {"none", "packed"} or attestation.att_stmt.x5c:
            return None
        verified = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id(),
            expected_origin=origins(),
            require_user_verification=True,
        )
        # A key that cannot verify anything is refused now rather than at the first sign-in.
        decoded_public_key_to_cryptography(
            decode_credential_public_key(verified.credential_public_key)
        )
    except MALFORMED:
        return None
    if len(verified.credential_id) > LONGEST_CREDENTIAL_ID:
        return None
    told = credential["response"].get("transports") or ()
    return NewCredential(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=UUID(verified.aaguid),
        transports=tuple(sorted({item for item in told if item in TRANSPORTS})),
        backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def read_assertion(credential: Credential, *, challenge: bytes, public_key: bytes) -> int | None:
    """The sign count that was told, once everything that section 7.2 asks for holds; comparing it is the caller's."""
    try:
        verified = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id(),
            expected_origin=origins(),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED:
        return None
    return verified.new_sign_count


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=bytes(passkey.credential_id),
        transports=[AuthenticatorTransport(name) for name in passkey.transports],
    )


def _nobodys_key() -> bytes:
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return encode_cbor(
        {
            COSEKey.KTY: COSEKTY.EC2,
            COSEKey.ALG: COSEAlgorithmIdentifier.ECDSA_SHA_256,
            COSEKey.CRV: COSECRV.P256,
            COSEKey.X: numbers.x.to_bytes(32, "big"),
            COSEKey.Y: numbers.y.to_bytes(32, "big"),
        }
    )


# Verified in place of a key that we do not have, so that an unknown passkey costs what a known one does.
NOBODYS_KEY = _nobodys_key()
