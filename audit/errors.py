"""What can go wrong with the trail."""


class TrailBusyError(Exception):
    """A partition could not be made or dropped, because others held the table for too long. Try again later."""
