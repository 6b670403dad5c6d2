"""The error classes of Kite Connect and the status that each comes with."""

# https://kite.trade/docs/connect/v3/exceptions/
STATUS = {
    "GeneralException": 500,
    "TokenException": 403,
    "PermissionException": 403,
    "InputException": 400,
    "DataException": 502,
    "NetworkException": 503,
}


class KiteError(Exception):
    """A request that is answered with the documented error body instead of data."""

    def __init__(self, error_type: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.status = status or STATUS[error_type]
