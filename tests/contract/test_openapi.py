"""Our own OpenAPI document holds against whatever a generator of requests thinks up."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import Session
from accounts.models.session import SignInMethod
from accounts.services import sessions, signing_keys, tokens
from accounts.services.registration import create_active
from accounts.services.sessions import Device
from authz.tests import shipped_rules

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


schema = schemathesis.openapi.from_wsgi("/v1/schema", WSGIHandler())


@pytest.fixture(autouse=True)
def one_connection(db: None) -> Iterator[None]:
    """Like Django's own test client, keep the test's connection through a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def administrator(db: None) -> dict[str, str]:
    """Somebody who may do everything, freshly stepped up: refusals hide no views from the generator."""
    shipped_rules.install()
    signing_keys.ensure_first()
    admin = create_active(
        email="admin@example.com",
        name="Admin",
        password=None,
        roles=("admin",),
        reason="for the generator",
    )
    session: Session = sessions.begin(
        user=admin, method=SignInMethod.PASSWORD, amr=("pwd", "otp"), device=Device()
    )
    return {"Authorization": f"Bearer {tokens.pair(session).access_token}"}


@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_operation_answers_as_documented(case: Any, administrator: dict[str, str]) -> None:
    case.call_and_validate(headers=administrator, checks=CHECKS)
