"""What can go wrong with the trail."""

from config.http.problems import ConflictError, NotFoundError, ProblemError, UnavailableError


class TrailBusyError(Exception):
    """A partition could not be made or dropped, because others held the table for too long. Try again later."""


class AuditEventNotFoundError(NotFoundError):
    """There is no such event in the trail, or the id is none of an event."""

    slug = "audit-event-not-found"
    title = "No such event"


class NotSignedYetError(ConflictError):
    """No checkpoint tells of the event yet.

    The chains are signed every hour; ask again after the next checkpoint. `GET /v1/audit/verify` says when the last
    one was made.
    """

    slug = "audit-event-not-signed-yet"
    title = "No checkpoint tells of the event yet"


class ExportNotFoundError(NotFoundError):
    """There is no such export, or somebody else asked for it.

    An export is forgotten some time after it could be fetched.
    """

    slug = "audit-export-not-found"
    title = "No such export"


class ExportNotReadyError(ConflictError):
    """The export is not written to its end yet, or it failed.

    `GET /v1/audit/exports/{id}` tells its state.
    """

    slug = "audit-export-not-ready"
    title = "The export is not ready"


class ExportExpiredError(ProblemError):
    """The export could be fetched for a day, and that is over. Ask for another."""

    slug = "audit-export-expired"
    title = "The export has expired"
    status = 410


class NotByHandError(ConflictError):
    """This entry of the schedule deletes for good, or is none of ours: it runs at its own times alone."""

    slug = "not-by-hand"
    title = "It is not run by hand"


class WorkersAwayError(UnavailableError):
    """No message reaches the workers at the moment: try again in a minute."""

    slug = "workers-away"
    title = "The workers cannot be reached"
