"""An authenticator app for tests: a secret and a clock."""

import base64
import time

from django_otp.oath import TOTP

from accounts.tests.conftest import SignedIn, post


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
