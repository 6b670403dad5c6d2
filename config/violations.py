"""Which of our constraints the database enforced."""

from django.db import IntegrityError


def violated(error: IntegrityError) -> str:
    """The name of the constraint or unique index; "" when PostgreSQL names none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
