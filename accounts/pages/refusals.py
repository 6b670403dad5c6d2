"""A problem of the API, said to a person: in their language, and without what only programs can use."""

from django.utils.translation import get_language, gettext

from config.http.problems import ProblemError

SPOKEN_BY_SERVICES = "en"


def in_words(problem: ProblemError) -> str:
    """What `problem` says in particular, if that is known in the language that is active; else its title."""
    return _particulars(problem) or title_of(problem)


def page_about(problem: ProblemError) -> dict[str, str]:
    """The `title` and the `text`, which may be empty, of a page that says it."""
    return {"title": title_of(problem), "text": _particulars(problem)}


def title_of(problem: ProblemError) -> str:
    """What kind of problem it is: all titles are in the catalogue."""
    return gettext(problem.title)


def _particulars(problem: ProblemError) -> str:
    """Details are written for the API, which speaks English; some were in the person's language from the start."""
    if not problem.detail:
        return ""
    detail = gettext(problem.detail)
    is_known = detail != problem.detail or not detail.isascii()
    return detail if is_known or get_language() == SPOKEN_BY_SERVICES else ""
