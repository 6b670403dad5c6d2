"""Asking for an account."""

from django.db import IntegrityError, transaction

from accounts import tasks
from accounts.events.people import PasswordChanged, UserCreated
from accounts.metrics import REGISTRATIONS
from accounts.models import EmailChange, Preferences, User
from accounts.models.session import EndReason
from accounts.models.single_use_token import TokenPurpose
from accounts.models.user import UserStatus
from accounts.services import email_verification, sessions, single_use_tokens
from accounts.services.imported_hashes import as_stored
from accounts.services.password_hashing import check_acceptable, hash_password
from authz.services.roles import grant_role
from config.http import context
from events.domain import emit

ROLE_OF_EVERYBODY = "user"


def register(
    *,
    email: str,
    password: str,
    name: str,
    phone: str = "",
    timezone: str = "Asia/Kolkata",
    locale: str = "en",
) -> None:
    """Start an account in `pending_verification`, or tell the owner of a known address that somebody tried.

    Both take the same work, and the caller learns nothing of which it was. The mail goes out after the commit.
    Raises PasswordNotAcceptableError and Django's ValidationError for values that no account may have.
    """
    user = User(
        email=User.objects.normalize_email(email),
        name=name,
        phone=phone,
        timezone=timezone,
        locale=locale,
    )
    user.clean_fields(exclude=["password"])
    check_acceptable(password, user, field="password")
    user.password = hash_password(password)
    known, kept = User.objects.with_email(email).first(), EmailChange.objects.keeping(email).first()
    if known is not None or kept is not None:
        _rehearse(user)
        _tell_owner(known, kept)
        return
    try:
        with transaction.atomic():
            _create(user)
    except IntegrityError:  # somebody registered it in this moment
        _tell_owner(User.objects.with_email(email).get(), None)
    else:
        REGISTRATIONS.labels("created").inc()


def create_active(
    *, email: str, name: str, password: str | None, roles: tuple[str, ...] = (), reason: str
) -> User:
    """An account made by staff, a command or the development set-up, verified from the start.

    Raises IntegrityError when the address is taken.
    """
    from django.utils import timezone as clock  # noqa: PLC0415 - `timezone` is a word of this module's callers

    user = User(
        email=User.objects.normalize_email(email),
        name=name,
        status="active",
        email_verified_at=clock.now(),
    )
    user.clean_fields(exclude=["password"])
    if password is None:
        user.set_unusable_password()
    else:
        user.password = hash_password(password)
    with transaction.atomic():
        _create(user, send_mail=False)
        for role in roles:
            grant_role(user=user, role=role, granted_by=None, reason=reason)
    return user


def create_imported(
    *,
    email: str,
    name: str,
    password_hash: str,
    verified: bool,
    phone: str = "",
    timezone: str = "Asia/Kolkata",
    locale: str = "en",
) -> User:
    """An account from another service, with the password hash that it had there; "" for a person without a password.

    Somebody whose address is not `verified` gets no mail now, and may ask for one. Raises Django's ValidationError for
    values that no account may have, and IntegrityError when the address is taken.
    """
    from django.utils import timezone as clock  # noqa: PLC0415 - as above

    user = User(
        email=User.objects.normalize_email(email),
        name=name,
        phone=phone,
        timezone=timezone,
        locale=locale,
        status=UserStatus.ACTIVE if verified else UserStatus.PENDING_VERIFICATION,
        email_verified_at=clock.now() if verified else None,
    )
    user.clean_fields(exclude=["password"])
    if password_hash:
        user.password = as_stored(password_hash)
    else:
        user.set_unusable_password()
    with transaction.atomic():
        _create(user, send_mail=False)
    return user


def claim(*, user: User, name: str) -> User:
    """Give an account that nobody confirmed to the person whom a provider vouches for as the owner of its address.

    Whoever began it may be somebody else: their password, what they said of themselves, and what they were sent count
    for nothing any more. Raises StatusTransitionError when the account was confirmed meanwhile.
    """
    with transaction.atomic():
        held = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        context.amend(actor_type="user", actor_id=held.public_id)
        single_use_tokens.end_all(user=held, purposes=list(TokenPurpose))
        sessions.end_all(user=held, reason=EndReason.PASSWORD_CHANGE)
        fresh = User(name=name)
        for field in ("name", "phone", "timezone", "locale"):
            setattr(held, field, getattr(fresh, field))
        held.set_unusable_password()
        held.save()
        emit(PasswordChanged(user_id=held.public_id))
        email_verification.confirm(held)
    return held


def _rehearse(user: User) -> None:
    """The work of making an account, undone at the end: a known address takes as long as an unknown one.

    The transaction around it is committed all the same: waiting for the disk is a part of the work.
    """
    user.email = f"{user.pk.hex}@rehearsal.invalid"
    with transaction.atomic(), transaction.atomic():
        _create(user, send_mail=False)
        transaction.set_rollback(True)


def _tell_owner(known: User | None, kept: EmailChange | None) -> None:
    """`kept` is of an address that its person left lately, and may come back to."""
    REGISTRATIONS.labels("known_address").inc()
    if known is None:
        tasks.send_address_kept_mail.delay(kept.public_id if kept else tasks.NOBODY)
    elif known.status == UserStatus.PENDING_VERIFICATION:
        # Whoever began that account may not own the address: its owner chooses a password of their own.
        tasks.send_password_reset_mail.delay(known.public_id)
    else:
        tasks.send_known_address_mail.delay(known.public_id)


def _create(user: User, *, send_mail: bool = True) -> None:
    user.save(force_insert=True)
    Preferences.objects.create(user=user)
    grant_role(user=user, role=ROLE_OF_EVERYBODY, granted_by=None, reason="every person has it")
    emit(
        UserCreated(
            user_id=user.public_id, email=user.email, locale=user.locale, timezone=user.timezone
        )
    )
    if send_mail:
        transaction.on_commit(lambda: tasks.send_verification_mail.delay(user.public_id))
