"""Why a question is decided as it is."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.decision_serializers import QuestionSerializer
from authz.api.explanation_serializers import ExplanationSerializer
from authz.services import explanations
from config.http.permissions import RequireScope
from config.http.views import APIView

EXPLAIN_SCOPE = "authz:explain"


class ExplainView(APIView):
    """`POST /v1/authz/explain`"""

    permission_classes = (RequireScope(EXPLAIN_SCOPE),)

    @extend_schema(
        operation_id="authz_explain",
        summary="Why is this allowed or denied?",
        description="The question of `check`, about anybody, with the answer of the same engine: every policy that "
        "could have matched, in the order of deciding, with each test, the value that it used and a sentence in "
        "plain words. The circumstances are taken as they are sent: here nothing is opened by them. Values that "
        "look like secrets are not shown. Leaves no decision record.",
        request=QuestionSerializer,
        responses=ExplanationSerializer,
    )
    def post(self, request: Request) -> Response:
        body = QuestionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(ExplanationSerializer(explanations.explain(**body.validated_data)).data)
