"""Mail, sent by a worker. Tasks carry ids alone: the secret in a link is made where the mail is."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ParamSpec

from celery import Task, shared_task

from accounts import email_change_mail, factor_mail, mail
from accounts.models import ApiKey, BlockedSignIn, EmailChange, Session, User
from config.jobs.running import JobRun, job_task
from config.jobs.sending import UnfailingTask

Ids = ParamSpec("Ids")

NOBODY = ""  # sent for an address that nobody has, so that it costs what a known one costs


def mail_task(send: Callable[Ids, None]) -> Task[Ids, None]:
    """A task that takes public ids and sends a mail, tried again while the mail server is away."""
    return shared_task(
        base=UnfailingTask,
        autoretry_for=(OSError,),  # smtplib's errors are OSErrors
        retry_backoff=True,
        retry_backoff_max=600,
        retry_jitter=True,
        max_retries=12,
    )(send)


def _person(public_id: str) -> User | None:
    return User.objects.with_public_id(public_id).first()


@mail_task
def send_verification_mail(user_id: str) -> None:
    from accounts.services import email_verification  # noqa: PLC0415 - the services send these tasks

    if user := _person(user_id):
        email_verification.send_link(user=user)


@mail_task
def send_known_address_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.known_address(user))


@mail_task
def send_password_reset_mail(user_id: str) -> None:
    from accounts.services import passwords  # noqa: PLC0415 - as above

    if user := _person(user_id):
        passwords.send_reset_link(user=user)


@mail_task
def send_password_required_mail(user_id: str) -> None:
    from accounts.services import required_password  # noqa: PLC0415 - as above

    if user := _person(user_id):
        required_password.send_link(user=user)


@mail_task
def send_password_changed_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.password_changed(user))


@mail_task
def send_factor_added_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.factor_changed(user, added=True))


@mail_task
def send_factor_removed_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.factor_changed(user, added=False))


@mail_task
def send_api_key_created_mail(user_id: str, key_id: str) -> None:
    user, key = _person(user_id), ApiKey.objects.with_public_id(key_id).first()
    if user and key:
        mail.send(user, mail.api_key_created(user, key))


@mail_task
def send_account_closed_mail(user_id: str) -> None:
    if (user := _person(user_id)) and user.erasure_due_at:
        mail.send(user, mail.account_closed(user, user.erasure_due_at))


@mail_task
def send_account_reopened_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.account_reopened(user))


@mail_task
def send_archive_ready_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.archive_ready(user))


@mail_task
def send_passkey_blocked_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, factor_mail.passkey_blocked(user))


@mail_task
def send_reset_requested_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, factor_mail.reset_requested(user))


@mail_task
def send_reset_approved_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, factor_mail.reset_approved(user))


@mail_task
def send_sign_in_linked_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.sign_in_changed(user, linked=True))


@mail_task
def send_sign_in_unlinked_mail(user_id: str) -> None:
    if user := _person(user_id):
        mail.send(user, mail.sign_in_changed(user, linked=False))


@mail_task
def send_new_sign_in_mail(session_id: str) -> None:
    from accounts.services import disowning  # noqa: PLC0415 - as above

    session = Session.objects.select_related("user").with_public_id(session_id).first()
    if session is not None:
        disowning.send_mail(session=session)


@mail_task
def send_blocked_sign_in_mail(blocked_sign_in_id: str) -> None:
    from accounts.services import blocked_sign_ins  # noqa: PLC0415 - as above

    blocked = BlockedSignIn.objects.select_related("user")
    attempt = blocked.with_public_id(blocked_sign_in_id).first()
    if attempt is not None:
        blocked_sign_ins.send_mail(attempt=attempt)


def _email_change(public_id: str) -> EmailChange | None:
    return EmailChange.objects.select_related("user").with_public_id(public_id).first()


@mail_task
def send_email_change_link_mail(email_change_id: str) -> None:
    from accounts.services import email_change  # noqa: PLC0415 - as above

    if change := _email_change(email_change_id):
        email_change.send_link(change=change)


@mail_task
def send_email_change_notice_mail(email_change_id: str) -> None:
    from accounts.services import email_change  # noqa: PLC0415 - as above

    if change := _email_change(email_change_id):
        email_change.send_notice(change=change)


@mail_task
def send_address_kept_mail(email_change_id: str) -> None:
    if change := _email_change(email_change_id):
        mail.send_to_address(change.old_email, email_change_mail.address_kept(change))


@shared_task
def forget_expired() -> int:
    from accounts.services import (  # noqa: PLC0415 - as above
        blocked_sign_ins,
        client_assertions,
        email_change,
        revocation,
        sign_in_throttle,
        single_use_tokens,
    )

    forgetful = (
        single_use_tokens,
        sign_in_throttle,
        client_assertions,
        revocation,
        blocked_sign_ins,
        email_change,
    )
    return sum(service.forget_expired() for service in forgetful)


@shared_task
def end_run_out_sessions() -> int:
    from accounts.services import session_expiry  # noqa: PLC0415 - as above

    return session_expiry.end_run_out()


@shared_task
def tend_signing_keys() -> None:
    from accounts.services import signing_keys  # noqa: PLC0415 - as above

    signing_keys.tend()


@shared_task
def erase_due() -> dict[str, int]:
    from accounts.services import erasure  # noqa: PLC0415 - as above

    return asdict(erasure.erase_due())


@job_task()
def change_people(
    run: JobRun, change: str, people: list[str], reason: str, by: str
) -> dict[str, Any]:
    from accounts.services import bulk_changes  # noqa: PLC0415 - as above

    return bulk_changes.perform(run, change=change, people=people, reason=reason, by=by)
