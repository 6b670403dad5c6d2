"""Visitors of the pages about brokers, who are told of a refusal on the list of their accounts."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from accounts.pages import visitors
from accounts.pages.visitors import Page, Proof, principal_of

__all__ = ["for_people", "principal_of"]

P = ParamSpec("P")


def for_people(
    proof: Proof = "any", *, home: str = "brokers"
) -> Callable[[Page[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """See `accounts.pages.visitors.for_people`."""
    return visitors.for_people(proof, home=home)
