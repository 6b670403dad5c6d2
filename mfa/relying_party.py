"""Who we are to authenticators: the relying party of Web Authentication (https://www.w3.org/TR/webauthn-3/)."""

from urllib.parse import urlsplit

from django.conf import settings


def rp_id() -> str:
    """The domain that passkeys belong to: `PASSKEY_RP_ID`, or the host of `PUBLIC_URL`."""
    environment = settings.ENVIRONMENT
    return environment.passkey_rp_id or urlsplit(environment.public_url).hostname or ""


def origins() -> list[str]:
    """The pages that may ask for a passkey: those of `PUBLIC_URL` and of `PASSKEY_ORIGINS`."""
    environment = settings.ENVIRONMENT
    parts = urlsplit(environment.public_url)
    return [f"{parts.scheme}://{parts.netloc}".lower(), *environment.passkey_origins]
