"""The state of the chains, the keys that sign them, and the proof of one row."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.chain import keys, proofs
from audit.chain.checkpoint_models import AuditCheckpoint
from audit.chain.models import AuditVerification
from audit.chain.proofs import Proof
from audit.errors import AuditEventNotFoundError
from audit.models import AuthEvent
from audit.services import chaining
from config import base64url
from config.http.permissions import RequireScope
from config.http.views import APIView


class CheckpointSerializer(serializers.Serializer[Any]):
    """A checkpoint, whole."""

    number = serializers.IntegerField()
    statement = serializers.CharField(help_text="What was signed, to the letter: one JSON object.")
    signature = serializers.SerializerMethodField(
        help_text="Ed25519 over the statement, base64url."
    )
    kid = serializers.CharField(help_text="The key, of `GET /v1/audit/keys`.")

    def get_signature(self, checkpoint: AuditCheckpoint) -> str:
        return base64url.encode(bytes(checkpoint.signature))


class VerificationSerializer(serializers.Serializer[Any]):
    """The last look at the chains. Without `from` and `to` it was of all that is kept."""

    finished_at = serializers.DateTimeField()
    rows = serializers.IntegerField()
    findings = serializers.IntegerField(help_text="0: all was as it had been written.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {
            "from": serializers.DateField(source="since", allow_null=True),
            "to": serializers.DateField(source="until", allow_null=True),
        }


class ChainStateSerializer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="Rows without a place in a chain yet.")
    last_checkpoint = CheckpointSerializer(allow_null=True)
    last_verification = VerificationSerializer(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    side = serializers.ChoiceField(choices=["left", "right"], help_text="Where `hash` goes.")
    hash = serializers.SerializerMethodField()

    def get_hash(self, step: Any) -> str:
        hexadecimal: str = step.other.hex()
        return hexadecimal


class ProofSerializer(serializers.Serializer[Any]):
    """What it takes to show that a row is in the trail that was signed."""

    event = serializers.CharField(
        source="public", help_text="What happened, as it was hashed: a JSON array."
    )
    commitment = serializers.SerializerMethodField(help_text="To the personal fields, hex.")
    salt = serializers.SerializerMethodField(
        help_text="Opens the commitment, hex; null after an erasure."
    )
    personal = serializers.CharField(
        allow_null=True, help_text="The personal fields: a JSON array."
    )
    path = StepSerializer(many=True)
    checkpoint = CheckpointSerializer()

    def get_commitment(self, proof: Proof) -> str:
        return proof.commitment.hex()

    def get_salt(self, proof: Proof) -> str | None:
        return proof.salt.hex() if proof.salt is not None else None


class CheckpointKeySerializer(serializers.Serializer[Any]):
    """RFC 8037 section 2."""

    kty = serializers.ChoiceField(choices=["OKP"])
    crv = serializers.ChoiceField(choices=["Ed25519"])
    alg = serializers.ChoiceField(choices=["EdDSA"])
    use = serializers.ChoiceField(choices=["sig"])
    kid = serializers.CharField()
    x = serializers.CharField()


class CheckpointKeySetSerializer(serializers.Serializer[Any]):
    keys = CheckpointKeySerializer(many=True)


class ChainStateView(APIView):
    permission_classes = (RequireScope("audit:read"),)

    @extend_schema(
        operation_id="audit_verify",
        summary="How far the chains of the trail are signed and verified",
        description="Needs the scope `audit:read`. `manage.py audit_verify` verifies; this tells what came of it.",
        responses=ChainStateSerializer,
    )
    def get(self, request: Request) -> Response:
        state = {
            "waiting": chaining.waiting_rows(),
            "last_checkpoint": AuditCheckpoint.objects.first(),
            "last_verification": AuditVerification.objects.first(),
        }
        return Response(ChainStateSerializer(state).data)


class ProofView(APIView):
    permission_classes = (RequireScope("audit:read"),)

    @extend_schema(
        operation_id="audit_event_proof",
        summary="The proof that an event is in the trail that was signed",
        description="Needs the scope `audit:read`.",
        responses=ProofSerializer,
    )
    def get(self, request: Request, event_id: str) -> Response:
        key = AuthEvent.parse_id(event_id)
        if key is None:
            raise AuditEventNotFoundError
        return Response(ProofSerializer(proofs.prove(key)).data)


class CheckpointKeysView(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="audit_keys",
        summary="The keys that sign and signed checkpoints of the trail",
        responses=CheckpointKeySetSerializer,
        auth=[],
    )
    def get(self, request: Request) -> Response:
        lifetime = settings.ENVIRONMENT.jwks_max_age
        headers = {"Cache-Control": f"public, max-age={lifetime}"}
        return Response({"keys": keys.published()}, headers=headers)
