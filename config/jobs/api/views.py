"""How a job goes: `GET /v1/jobs` and `GET /v1/jobs/{id}`."""

from typing import cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request

from config.http.permissions import RequireService, RequireUser
from config.http.principal import Principal
from config.http.views import APIView
from config.jobs.api.serializers import JobSerializer
from config.jobs.errors import JobNotFoundError
from config.jobs.models import Job


@extend_schema_view(
    get=extend_schema(operation_id="jobs_list", summary="The caller's own jobs, newest first")
)
class JobListView(APIView, ListAPIView[Job]):
    """The caller's own jobs."""

    permission_classes = (RequireUser | RequireService,)
    queryset = Job.objects.all()
    serializer_class = JobSerializer

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.owned_by(caller_of(self.request))


@extend_schema_view(
    get=extend_schema(operation_id="jobs_read", summary="How a job goes, and what came of it")
)
class JobView(APIView, RetrieveAPIView[Job]):
    """One job: its state, its progress, and its result or the reason why it failed."""

    permission_classes = (RequireUser | RequireService,)
    queryset = Job.objects.all()
    serializer_class = JobSerializer

    def get_object(self) -> Job:
        """Raises JobNotFoundError, which is also what others than its owner hear."""
        visible = Job.objects.visible_to(caller_of(self.request))
        job = visible.with_public_id(self.kwargs["job_id"]).first()
        if job is None:
            raise JobNotFoundError
        return job


def caller_of(request: Request) -> Principal:
    """Who asks; the permissions of these views let nobody else in."""
    return cast("Principal", request.auth)
