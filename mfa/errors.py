"""What a second factor can be refused for."""

from config.http.problems import ConflictError, NotFoundError, ProblemError, RateLimitedError


class InvalidCodeError(ProblemError):
    """The code is wrong, too old, or was used before. A code of the authenticator app works once: wait for the next."""

    slug = "invalid-code"
    title = "The code is not valid"
    status = 400


class CodesThrottledError(RateLimitedError):
    """Too many wrong codes one after another; `Retry-After` says in how many seconds the next one is looked at.

    A backup code works meanwhile.
    """

    slug = "codes-throttled"
    title = "Too many wrong codes"


class AlreadyEnrolledError(ConflictError):
    """There is an authenticator app already; remove it first."""

    slug = "mfa-already-enrolled"
    title = "An authenticator app is enrolled already"


class NothingToConfirmError(ConflictError):
    """No enrolment waits for its first code; begin one at `POST /v1/mfa/totp/enroll`."""

    slug = "mfa-nothing-to-confirm"
    title = "No enrolment is waiting for a code"


class NotEnrolledError(NotFoundError):
    """The person has no authenticator app."""

    slug = "mfa-not-enrolled"
    title = "No authenticator app is enrolled"
