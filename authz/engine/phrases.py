"""How each operator is said, in whole sentences: when a test is true, and when it is false.

`%(whose)s` is whose attribute it is, `%(value)s` what it is, `%(wanted)s` the operand. They are looked up when they are
said, in the language of whoever reads.
"""

from django.utils.translation import gettext_noop as _

from authz.engine import limits
from authz.engine.operators import EXISTS

PHRASES: dict[str, tuple[str, str]] = {
    "eq": (
        _("%(whose)s is %(value)s, as the policy wants."),
        _("%(whose)s is %(value)s, and the policy wants %(wanted)s."),
    ),
    "ne": (
        _("%(whose)s is %(value)s, which is not %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants anything else."),
    ),
    "lt": (
        _("%(whose)s is %(value)s, which is less than %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants less than %(wanted)s."),
    ),
    "lte": (
        _("%(whose)s is %(value)s, which is at most %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants at most %(wanted)s."),
    ),
    "gt": (
        _("%(whose)s is %(value)s, which is more than %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants more than %(wanted)s."),
    ),
    "gte": (
        _("%(whose)s is %(value)s, which is at least %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants at least %(wanted)s."),
    ),
    "in": (
        _("%(whose)s is %(value)s, which is one of %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants one of %(wanted)s."),
    ),
    "not_in": (
        _("%(whose)s is %(value)s, which is none of %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants none of %(wanted)s."),
    ),
    "contains": (
        _("%(whose)s is %(value)s, with %(wanted)s in it."),
        _("%(whose)s is %(value)s, and the policy wants %(wanted)s in it."),
    ),
    "contains_any": (
        _("%(whose)s is %(value)s, with at least one of %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants at least one of %(wanted)s."),
    ),
    "contains_all": (
        _("%(whose)s is %(value)s, with all of %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants all of %(wanted)s."),
    ),
    "starts_with": (
        _("%(whose)s is %(value)s, which starts with %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants it to start with %(wanted)s."),
    ),
    "ends_with": (
        _("%(whose)s is %(value)s, which ends with %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants it to end with %(wanted)s."),
    ),
    "matches": (
        _("%(whose)s is %(value)s, which matches %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants it to match %(wanted)s."),
    ),
    "in_network": (
        _("%(whose)s is %(value)s, which lies in %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants an address in %(wanted)s."),
    ),
    "between_times": (
        _("%(whose)s is %(value)s, which lies %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants a time %(wanted)s."),
    ),
    "weekday_in": (
        _("%(whose)s is %(value)s, which is on %(wanted)s."),
        _("%(whose)s is %(value)s, and the policy wants a day of %(wanted)s."),
    ),
}

# What a value is, and what a literal of the policy asks it to be.
KINDS: dict[str, str] = {
    "string": _("a string"),
    "number": _("a number"),
    "boolean": _("true or false"),
}
LIST, OBJECT, ONE_TYPE = _("a list"), _("an object"), _("values of one type")

# What a value must be for the operator to say anything, where the operand does not say it.
WANTED: dict[str, str] = {
    **dict.fromkeys(
        ("lt", "lte", "gt", "gte"), _("a number or a time, as what it is compared with")
    ),
    **dict.fromkeys(
        ("contains", "contains_any", "contains_all"), _("a list of values of one type")
    ),
    **dict.fromkeys(("starts_with", "ends_with"), KINDS["string"]),
    "matches": _("a string of at most %(most)s characters"),
    "in_network": _("an IP address"),
    **dict.fromkeys(("between_times", "weekday_in"), _("a time")),
}
LIMITS = {"most": f"{limits.MATCHED_LENGTH:,}"}

# Of a test for what is there, by what is wanted: when it is true, and when it is false.
ABSENCE: dict[bool, tuple[str, str]] = {
    True: (
        _("%(whose)s is known, as the policy wants."),
        _("Nothing is known of %(path)s, and the policy wants it."),
    ),
    False: (
        _("Nothing is known of %(path)s, as the policy wants."),
        _("%(whose)s is known, and the policy wants that it is not."),
    ),
}

__all__ = [
    "ABSENCE",
    "EXISTS",
    "KINDS",
    "LIMITS",
    "LIST",
    "OBJECT",
    "ONE_TYPE",
    "PHRASES",
    "WANTED",
]
