"""What can be wrong with a saved search."""

from config.http.problems import ConflictError, NotFoundError


class SearchNotFoundError(NotFoundError):
    """There is no such saved search, or it is somebody else's."""

    slug = "saved-search-not-found"
    title = "No such saved search"


class SearchNameTakenError(ConflictError):
    """There is a search of this name on the same list already: delete it first, or choose another name."""

    slug = "saved-search-name-taken"
    title = "You have a search of this name here"


class TooManySearchesError(ConflictError):
    """As many searches are saved as one person may have: delete one that is not needed any more."""

    slug = "too-many-saved-searches"
    title = "Too many saved searches"
