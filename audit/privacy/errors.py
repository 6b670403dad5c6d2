"""What can be wrong with a person's right to their data."""

from config.http.problems import ConflictError, NotFoundError


class LegalHoldError(ConflictError):
    """What is held of this person must not be erased: a legal hold is in force.

    Staff lift it at the console, with a reason.
    """

    slug = "legal-hold"
    title = "A legal hold is in force"


class NotDueError(ConflictError):
    """The account is not closed, or its owner can still take the closing back."""

    slug = "erasure-not-due"
    title = "It is too early for the erasure"


class EventsPendingError(ConflictError):
    """An event that names the person has not been sent to other services yet. The erasure goes on when it was."""

    slug = "events-pending"
    title = "Events about the person are still on their way"


class RequestOpenError(ConflictError):
    """There is a request of this kind already that has not been met. It is the one to wait for."""

    slug = "privacy-request-open"
    title = "This was asked for already"


class ArchiveGoneError(NotFoundError):
    """There is no archive to fetch: it is not ready, it is past its time, or there never was one. Ask for a new one."""

    slug = "archive-gone"
    title = "No such archive"


class HoldNotFoundError(NotFoundError):
    """There is no such legal hold, or it was lifted already."""

    slug = "legal-hold-not-found"
    title = "No such legal hold"


class ArchiveNotOpenedError(Exception):
    """The password is another one, or the file is not as it was sealed."""
