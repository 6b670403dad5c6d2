"""The whole certification scenario of OpenID AuthZEN 1.0, case by case, against Django's test client."""

from collections.abc import Mapping
from typing import Any

import pytest

from authz.tests import shipped_rules
from conftest import ApiClientFactory
from tests.authzen import basic, batch, discovery, search
from tests.authzen.asking import JSON, Answer, Ask, Case
from tests.authzen.fixture_loading import load_fixture

pytestmark = pytest.mark.django_db

LEVELS = {"basic": basic, "batch": batch, "search": search, "discovery": discovery}
CASES = [
    pytest.param(case, id=f"{level}-{name}")
    for level, module in LEVELS.items()
    for name, case in module.CASES.items()
]


@pytest.fixture
def ask(api: ApiClientFactory) -> Ask:
    client = api(service="pep", scopes={"authz:check", "authz:assert"})

    def send(
        path: str,
        body: Any,
        *,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if body is None:
            response = client.get(path)
        elif isinstance(body, bytes) or content_type != JSON:
            raw: Any = body if isinstance(body, bytes) else str(body)
            response = client.generic("POST", path, raw, content_type=content_type)
        else:
            response = client.post(path, body, format="json", headers=headers)
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, names, response.json())

    return send


@pytest.mark.parametrize("case", CASES)
def test_the_case_holds(case: Case, ask: Ask) -> None:
    load_fixture()
    case(ask)


@pytest.mark.parametrize("case", CASES)
def test_it_holds_among_the_shipped_policies(case: Case, ask: Ask) -> None:
    shipped_rules.install()
    load_fixture()
    case(ask)
