"""Who did something and why, as grants, policy versions and events keep it."""

from config.http.principal import Principal
from config.http.problems import FieldError, InvalidRequestError

SYSTEM = "system"
SHIPPED = "shipped"
LONGEST_REASON = 500


def author(principal: Principal | None) -> str:
    """`user:usr_…` or `service:…`; `system` when no request is behind it."""
    return SYSTEM if principal is None else principal.subject


def stated(reason: str) -> str:
    """The reason without blanks around it. Raises InvalidRequestError when there is none, or too much of it."""
    text = reason.strip()
    if not 1 <= len(text) <= LONGEST_REASON:
        detail = f"Say why, in 1 to {LONGEST_REASON} characters."
        raise InvalidRequestError(errors=[FieldError("reason", "invalid", detail)])
    return text
