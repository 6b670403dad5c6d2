"""What can be wrong with a list of breached passwords. None of these reaches a caller of the API."""


class BreachedListError(Exception):
    """The file is not a list of ours, is of a version that we do not know, or was damaged."""
