"""What a second factor can be refused for."""

from config.http.problems import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProblemError,
    RateLimitedError,
)


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


class InvalidPasskeyError(ProblemError):
    """What the authenticator sent is not accepted. The answer is one for every cause: the passkey is not the person's
    or was found to exist twice; the challenge was used, is too old, or was given out for something else; the page's
    origin is not ours; the person was not verified; the signature is wrong. Ask for new options and try again.
    """

    slug = "invalid-passkey"
    title = "The passkey is not accepted"
    status = 400


class AlreadyEnrolledError(ConflictError):
    """There is an authenticator app already; remove it first."""

    slug = "mfa-already-enrolled"
    title = "An authenticator app is enrolled already"


class NothingToConfirmError(ConflictError):
    """No enrolment waits for its first code; begin one at `POST /v1/mfa/totp/enroll`."""

    slug = "mfa-nothing-to-confirm"
    title = "No enrolment is waiting for a code"


class NotEnrolledError(NotFoundError):
    """The person has no second factor of this kind, or none at all."""

    slug = "mfa-not-enrolled"
    title = "No such second factor is enrolled"


class PasskeyNotFoundError(NotFoundError):
    """No such passkey among the person's own."""

    slug = "passkey-not-found"
    title = "No such passkey"


class TooManyPasskeysError(ConflictError):
    """The person has as many passkeys as one may have; remove one that is not used any more."""

    slug = "too-many-passkeys"
    title = "There are too many passkeys"


class ResetNotFoundError(NotFoundError):
    """No reset of this person's factors waits for approval: none was asked for, or it was decided or ran out."""

    slug = "mfa-reset-not-found"
    title = "No reset is waiting for approval"


class ResetAlreadyOpenError(ConflictError):
    """A reset of this person's factors waits for approval already."""

    slug = "mfa-reset-already-open"
    title = "A reset is waiting for approval already"


class ResetNeedsAnotherPersonError(ForbiddenError):
    """A reset takes two members of the staff, neither of whom is the person whose factors are lost."""

    slug = "mfa-reset-needs-another-person"
    title = "Somebody else has to do this"
