"""Authenticators for tests: an app, which is a secret and a clock, and passkeys."""

import base64
import time
from typing import Any

from django_otp.oath import TOTP

from accounts.tests.conftest import SignedIn, post
from config.telemetry import planted_secrets
from mfa.tests.authenticator import Authenticator


def code_of(secret: str, *, steps: int = 0) -> str:
    """The code that an app shows for a base32 `secret`, `steps` times 30 seconds from now."""
    totp = TOTP(base64.b32decode(secret))
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def enrol(asha: SignedIn) -> str:
    """Enrol and confirm a TOTP factor, and renew the access token, which now says `mfa`. Returns the secret."""
    secret = str(post(asha.client, "/v1/mfa/totp/enroll", {}).json()["secret"])
    confirmed = post(asha.client, "/v1/mfa/totp/confirm", {"code": code_of(secret)})
    assert confirmed.status_code == 200, confirmed.content
    renewed = post(asha.client, "/v1/auth/refresh", {"refresh_token": asha.refresh_token}).json()
    asha.tokens.update(renewed)
    asha.client.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed['access_token']}")
    return secret


def add_passkey(asha: SignedIn, **device: Any) -> Authenticator:
    """Add a passkey through the API, and renew the access token, which now says `mfa`."""
    authenticator = Authenticator(**device)
    options = post(asha.client, "/v1/mfa/passkeys/options", {}).json()["public_key"]
    body = {"credential": authenticator.create(options), "name": "Phone"}
    added = post(asha.client, "/v1/mfa/passkeys", body)
    assert added.status_code == 201, added.content
    planted_secrets.add(*added.json()["backup_codes"])
    renewed = post(asha.client, "/v1/auth/refresh", {"refresh_token": asha.refresh_token}).json()
    asha.tokens.update(renewed)
    asha.client.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed['access_token']}")
    return authenticator
