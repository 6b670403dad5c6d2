"""A way into the console for whoever starts the service on their own machine: one link, good once, for minutes."""

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.models.single_use_token import TokenPurpose
from accounts.services import single_use_tokens
from accounts.services.registration import create_active
from authz.services.roles import roles_of

ADMIN_EMAIL = "admin@gatehouse.example"
LIFETIME = 15 * 60


def ensure_admin() -> User:
    """The first administrator; made when nobody with that address exists."""
    user = User.objects.with_email(ADMIN_EMAIL).first()
    if user is None:
        user = create_active(
            email=ADMIN_EMAIL,
            name="Administrator",
            password=None,
            roles=("admin",),
            reason="first administrator",
        )
    return user


def issue(*, user: User) -> str:
    """The link for `user`, who must hold a role. Earlier links of theirs stop working."""
    if not roles_of(user.pk):
        raise ValueError(f"{user.public_id} has no role")
    with transaction.atomic():
        token = single_use_tokens.issue(
            user=user, purpose=TokenPurpose.CONSOLE_SIGN_IN, lifetime=LIFETIME
        )
    return f"{settings.ENVIRONMENT.public_url}/console/sign-in-link?token={token}"
