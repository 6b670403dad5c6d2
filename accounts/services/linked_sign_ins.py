"""Accounts at other providers that open ours: met for the first time, connected, disconnected.

allauth's `SocialAccount` keeps them: one row for a provider and its subject, which is never somebody else's.
"""

from dataclasses import asdict, dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import sign_in_providers, tasks
from accounts.errors import (
    LastWayInError,
    LinkedElsewhereError,
    LinkNotFoundError,
    PasswordWantedError,
    ProviderAddressNotVerifiedError,
    ProviderSignInRefusedError,
    StatusTransitionError,
)
from accounts.events.people import SignInLinked, SignInUnlinked
from accounts.events.sessions import SignInRefused
from accounts.metrics import SIGN_IN_DURATION, SIGN_INS
from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.models.user import UserStatus
from accounts.services import registration
from config.http import context
from events.domain import emit

AMR = ("fed",)  # RFC 8176 has no value for "another provider says so"; see ADR 0101


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who somebody is at a provider, as its checked answer says. The subject stays theirs; the address may change."""

    provider: str
    subject: str
    email: str
    email_verified: bool
    name: str

    @property
    def method(self) -> SignInMethod:
        """The sign-in method that sessions and metrics name."""
        return sign_in_providers.method_of(self.provider)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def person_for(identity: Identity) -> User:
    """The active person whom `identity` opens. On its first sight an account is made for it.

    An account that somebody began with the address and never confirmed is taken over without what they set: its
    password is gone. Raises PasswordWantedError when the address has an account that must say yes by its password,
    ProviderAddressNotVerifiedError, and ProviderSignInRefusedError for accounts that may not sign in.
    """
    with SIGN_IN_DURATION.labels(identity.method.value).time():
        try:
            return _person_for(identity)
        except (
            IntegrityError,
            StatusTransitionError,
        ):  # somebody was faster: look again at what is there now
            return _person_for(identity)


def link(*, user: User, identity: Identity) -> None:
    """Let `identity` open the account of `user`, who gets a mail. Again for the same subject is no change.

    Raises LinkedElsewhereError when the identity opens another account, or another identity of that provider opens
    this one; ProviderAddressNotVerifiedError, ProviderSignInRefusedError.
    """
    _require_verified(identity)
    with transaction.atomic():
        _hold(user)
        if _of(identity).filter(user=user).exists():
            return
        if linked_to(user).filter(provider=identity.provider).exists():
            raise LinkedElsewhereError
        try:
            with transaction.atomic():
                _connect(user, identity)
        except IntegrityError:
            raise LinkedElsewhereError from None
        transaction.on_commit(lambda: tasks.send_sign_in_linked_mail.delay(user.public_id))


def unlink(*, user: User, link_id: int) -> None:
    """Disconnect a provider; the person gets a mail. Their sessions go on.

    Raises LinkNotFoundError, and LastWayInError when nothing else opens the account.
    """
    with transaction.atomic():
        held = _hold(user)
        linked = linked_to(user).filter(pk=link_id).first()
        if linked is None:
            raise LinkNotFoundError
        if not held.has_usable_password() and not linked_to(user).exclude(pk=link_id).exists():
            raise LastWayInError
        linked.delete()
        emit(SignInUnlinked(user_id=user.public_id, credential=linked.provider))
        transaction.on_commit(lambda: tasks.send_sign_in_unlinked_mail.delay(user.public_id))


def linked_to(user: User) -> Any:
    """The rows of what opens the account of `user`, in the order in which it was connected."""
    return SocialAccount.objects.filter(user=user).order_by("pk")


def _person_for(identity: Identity) -> User:
    known = _of(identity).select_related("user").first()
    user: User | None = known.user if known else None
    if user is None:
        _require_verified(identity)
        user = User.objects.with_email(identity.email).first()
        if user is None:
            return _sign_up(identity)
        if user.status == UserStatus.PENDING_VERIFICATION:
            return _take_over(user, identity)
    if not user.is_active:
        _refuse(user, identity)
    if known is None and not _of(identity).filter(user=user).exists():  # unless connected just now
        raise PasswordWantedError(user)
    return user


def _sign_up(identity: Identity) -> User:
    with transaction.atomic():
        user = registration.create_active(
            email=identity.email,
            name=_name_of(identity),
            password=None,
            reason=f"signed up with {identity.provider}",
        )
        context.amend(actor_type="user", actor_id=user.public_id)
        _connect(user, identity)
    return user


def _take_over(user: User, identity: Identity) -> User:
    with transaction.atomic():
        claimed = registration.claim(user=user, name=_name_of(identity))
        _connect(claimed, identity)
    return claimed


def _connect(user: User, identity: Identity) -> None:
    """Raises IntegrityError when the subject opens an account already."""
    SocialAccount.objects.create(
        user=user,
        provider=identity.provider,
        uid=identity.subject,
        extra_data={"email": identity.email},
    )
    emit(SignInLinked(user_id=user.public_id, credential=identity.provider))


def _require_verified(identity: Identity) -> None:
    """Who does not own an address must not get near the account that it names."""
    if not identity.email_verified or not identity.email:
        SIGN_INS.labels(identity.method.value, "bad_credentials").inc()
        raise ProviderAddressNotVerifiedError


def _refuse(user: User, identity: Identity) -> None:
    with transaction.atomic():
        emit(SignInRefused(user_id=user.public_id, reason=f"account_{user.status}"))
    SIGN_INS.labels(identity.method.value, "locked").inc()
    raise ProviderSignInRefusedError


def _hold(user: User) -> User:
    """Lock the person, so that two changes of their ways in are made one after the other."""
    held = User.objects.active().filter(pk=user.pk).select_for_update(no_key=True).first()
    if held is None:
        raise ProviderSignInRefusedError
    return held


def _of(identity: Identity) -> Any:
    return SocialAccount.objects.filter(provider=identity.provider, uid=identity.subject)


def _name_of(identity: Identity) -> str:
    """What the provider calls the person, if one may be called that here; else something that they can change."""
    for name in (identity.name.strip(), identity.email.partition("@")[0].replace(".", " ")):
        try:
            User._meta.get_field("name").clean(name, None)
        except ValidationError:
            continue
        return name
    return identity.provider
