"""GET /v1/audit/events/{id}/proof, /v1/audit/keys and /v1/audit/verify, and the program of the page about them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from rest_framework.test import APIClient

from audit.models import AuthEvent
from audit.services.checkpoints import sign_all
from audit.services.forgetting import forget_person
from audit.services.verification import verify
from audit.tests.factories import AuthEventFactory
from config.ids import new_uuid, public_id
from conftest import ApiClientFactory

pytestmark = pytest.mark.django_db

PAGE = Path(settings.BASE_DIR) / "docs/integrators/audit-proofs.md"


@pytest.fixture
def auditor(api: ApiClientFactory) -> APIClient:
    return api(service="siem", scopes={"audit:read"})


@pytest.fixture
def row() -> AuthEvent:
    rows = AuthEventFactory.create_batch(7, ip="192.0.2.8", metadata={"method": "password", "é": 1})
    sign_all()
    row: AuthEvent = rows[3]
    return row


def proof_of(client: APIClient, row: AuthEvent) -> Any:
    answer = client.get(f"/v1/audit/events/{row.public_id}/proof")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def check(folder: Path, proof: Any, published: Any) -> "subprocess.CompletedProcess[str]":
    """Run the page's program, word for word, away from our code."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(program.splitlines()) <= 40
    for name, content in (("keys", published), ("proof", proof)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "check.py").write_text(program)
    return subprocess.run(
        [sys.executable, "check.py", "keys.json", "proof.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_of_the_page_proves_an_event(
    auditor: APIClient, api: ApiClientFactory, row: AuthEvent, tmp_path: Path
) -> None:
    published = api().get("/v1/audit/keys").json()
    done = check(tmp_path, proof_of(auditor, row), published)
    assert done.returncode == 0, done.stderr
    assert str(row.event_id) in done.stdout


@pytest.mark.parametrize("part", ["event", "personal", "path", "statement"])
def test_the_program_of_the_page_refuses_what_was_altered(
    auditor: APIClient, row: AuthEvent, tmp_path: Path, part: str
) -> None:
    proof, published = proof_of(auditor, row), auditor.get("/v1/audit/keys").json()
    if part == "path":
        proof["path"][0]["hash"] = "00" * 32
    elif part == "statement":
        proof["checkpoint"]["statement"] += " "
    else:
        proof[part] = proof[part].replace('"', "'", 1)
    assert check(tmp_path, proof, published).returncode == 1


def test_an_erased_row_is_proven_without_what_was_personal(
    auditor: APIClient, row: AuthEvent, tmp_path: Path
) -> None:
    with transaction.atomic():
        forget_person(user_id=row.subject_user_id)
    proof = proof_of(auditor, row)
    assert (proof["salt"], proof["personal"]) == (None, None)
    assert check(tmp_path, proof, auditor.get("/v1/audit/keys").json()).returncode == 0


def test_what_is_not_signed_yet_or_not_there_has_no_proof(auditor: APIClient) -> None:
    young = AuthEventFactory.create()
    answer = auditor.get(f"/v1/audit/events/{young.public_id}/proof")
    assert (answer.status_code, answer.json()["type"].split("/")[-1]) == (
        409,
        "audit-event-not-signed-yet",
    )
    for unknown in (public_id("evt", new_uuid()), "nothing"):
        assert auditor.get(f"/v1/audit/events/{unknown}/proof").status_code == 404


def test_proofs_and_the_state_need_the_scope(api: ApiClientFactory, row: AuthEvent) -> None:
    ticker = api(service="ticker", scopes={"users:read"})
    assert ticker.get(f"/v1/audit/events/{row.public_id}/proof").status_code == 403
    assert ticker.get("/v1/audit/verify").status_code == 403


def test_the_state_tells_of_the_last_checkpoint_the_last_verification_and_what_waits(
    auditor: APIClient,
) -> None:
    assert auditor.get("/v1/audit/verify").json() == {
        "waiting": 0,
        "last_checkpoint": None,
        "last_verification": None,
    }
    AuthEventFactory.create()
    [checkpoint] = sign_all()
    verify()
    AuthEventFactory.create()

    state = auditor.get("/v1/audit/verify").json()

    assert state["waiting"] == 1
    assert state["last_checkpoint"]["statement"] == checkpoint.statement
    assert (state["last_verification"]["rows"], state["last_verification"]["findings"]) == (1, 0)
    assert state["last_verification"]["from"] is None


def test_keys_are_for_everybody_and_may_be_kept(api: ApiClientFactory) -> None:
    sign_all()
    answer = api().get("/v1/audit/keys")
    [key] = answer.json()["keys"]
    assert (key["kty"], key["crv"], set(key)) == (
        "OKP",
        "Ed25519",
        {"kty", "crv", "x", "kid", "alg", "use"},
    )
    assert answer["Cache-Control"].startswith("public, max-age=")
