"""What can be wrong with a job."""

from config.http.problems import ConflictError, NotFoundError


class JobNotFoundError(NotFoundError):
    """There is no such job, or it was started by somebody else.

    Jobs are seen by whoever started them, and by holders of the scope `jobs:read`.
    """

    slug = "job-not-found"
    title = "No such job"


class JobNotRunningError(ConflictError):
    """The job has ended, or another worker has taken it over: what this one has to say comes too late."""

    slug = "job-not-running"
    title = "The job is not running"
