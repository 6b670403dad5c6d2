"""Genuine tokens, with only what a test cares about spelt out."""

from typing import Any

from django.utils import timezone

from accounts.services import access_tokens
from config.ids import new_uuid, public_id


def issue_person_token(**changes: Any) -> str:
    """A person's access token as a sign-in gives it out."""
    arguments: dict[str, Any] = {
        "user_id": public_id("usr", new_uuid()),
        "session_id": public_id("ses", new_uuid()),
        "client_id": "first-party",
        "scope": ["users:read"],
        "roles": ["support"],
        "acr": "pwd",
        "amr": ["pwd"],
        "auth_time": timezone.now(),
        "account_ids": [],
        "lifetime": 900,
    }
    return access_tokens.issue_user_token(**arguments | changes).token
