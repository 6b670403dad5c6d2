"""A sign-in on our pages, handed over to the app that began it: authorization code and PKCE (RFC 6749, RFC 7636).

The app begins with a request that only we can have written. The browser proves who the person is on our pages and goes
back with a code. The code works once, within a minute, for whoever has the verifier of the app's challenge; of the code
itself we keep the hash alone.
"""

import hmac
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts.errors import (
    InvalidCredentialsError,
    InvalidHandoffRequestError,
    InvalidSingleUseTokenError,
    RedirectUriNotRegisteredError,
)
from accounts.events.sessions import SignInRefused
from accounts.metrics import SIGN_INS
from accounts.models import SingleUseToken
from accounts.models.session import SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.services import redirect_uris, second_factor, sessions, single_use_tokens, tokens
from accounts.services.second_factor import ProvenSignIn, SecondFactorNeeded
from accounts.services.sessions import Device
from accounts.services.tokens import TokenPair
from config import base64url
from events.domain import emit

SALT = "accounts.handoff"


@dataclass(frozen=True, kw_only=True)
class HandoffRequest:
    """What the app asked for. None of it is secret: the browser sees it all."""

    redirect_uri: str
    code_challenge: str
    state: str
    device: Device


def begin(*, request: HandoffRequest) -> str:
    """The address on our pages that the app opens in a browser. Nothing is stored: the address holds it all, signed.

    Raises RedirectUriNotRegisteredError.
    """
    redirect_uris.require_registered(request.redirect_uri)
    signed = signing.dumps(asdict(request), salt=SALT, compress=True)
    return f"{settings.ENVIRONMENT.public_url}{reverse('handoff')}?request={signed}"


def read(signed: str) -> HandoffRequest:
    """The request in such an address. Raises InvalidHandoffRequestError, also when its redirect URI has gone since."""
    try:
        asked = signing.loads(
            signed, salt=SALT, max_age=settings.ENVIRONMENT.handoff_request_lifetime
        )
        redirect_uris.require_registered(asked["redirect_uri"])
    except (signing.BadSignature, RedirectUriNotRegisteredError):
        raise InvalidHandoffRequestError from None
    return HandoffRequest(**{**asked, "device": Device(**asked["device"])})


def grant(*, request: HandoffRequest, proven: ProvenSignIn) -> str:
    """Where the browser goes with the code of a finished sign-in; `iss` says that it comes from us (RFC 9207)."""
    with transaction.atomic():
        code = single_use_tokens.issue(
            user=proven.user,
            purpose=TokenPurpose.HANDOFF,
            lifetime=settings.ENVIRONMENT.handoff_code_lifetime,
            details={
                "redirect_uri": request.redirect_uri,
                "code_challenge": request.code_challenge,
                "method": proven.method.value,
                "amr": list(proven.amr),
                "device": asdict(proven.device),
            },
        )
    return _back(request, code=code)


def refuse(*, request: HandoffRequest) -> str:
    """Where the browser goes when the person did not sign in (RFC 6749 section 4.1.2.1)."""
    return _back(request, error="access_denied")


def exchange(*, code: str, code_verifier: str, redirect_uri: str) -> TokenPair | SecondFactorNeeded:
    """The tokens for a code, or the demand for a second factor that the person has got meanwhile.

    Whatever comes with it, a code that was presented is used up. Raises InvalidSingleUseTokenError for every cause.
    """
    row = single_use_tokens.consume(code, purpose=TokenPurpose.HANDOFF)
    if not _is_bound_to(row.details, code_verifier, redirect_uri):
        _note_mismatch(row)
        raise InvalidSingleUseTokenError
    proven = ProvenSignIn(
        user=row.user,
        method=SignInMethod(row.details["method"]),
        amr=tuple(row.details["amr"]),
        device=Device(**row.details["device"]),
    )
    if sessions.acr_of(proven.amr) != "mfa" and (needed := second_factor.challenge(proven)):
        return needed
    try:
        return second_factor.begin(proven, answer=tokens.first_pair)
    except InvalidCredentialsError:  # shut out since the code was given
        raise InvalidSingleUseTokenError from None


def _is_bound_to(details: dict[str, Any], code_verifier: str, redirect_uri: str) -> bool:
    digest = sha256(code_verifier.encode()).digest()
    challenge = base64url.encode(digest)  # S256 of RFC 7636 section 4.2
    return hmac.compare_digest(challenge.encode(), details["code_challenge"].encode()) and (
        redirect_uri == details["redirect_uri"]
    )


def _note_mismatch(row: SingleUseToken) -> None:
    """A code in the wrong hands, or a client with a fault: the trail has it."""
    with transaction.atomic():
        emit(SignInRefused(user_id=row.user.public_id, reason="handoff_mismatch"))
    SIGN_INS.labels(row.details["method"], "bad_credentials").inc()


def _back(request: HandoffRequest, **answer: str) -> str:
    return redirect_uris.with_parameters(
        request.redirect_uri,
        **answer,
        state=request.state,
        iss=settings.ENVIRONMENT.public_url,
    )
