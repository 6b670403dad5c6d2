"""`Permitted`: a view that asks the engine about its caller."""

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from authz.api.permissions import Permitted
from authz.tests.factories import make_person, write_policy
from config.http.principal import Principal
from config.http.views import APIView

pytestmark = pytest.mark.django_db


class DoorView(APIView):
    permission_classes = (Permitted("door:open", lambda view, _: f"door:{view.kwargs['door']}"),)

    def get(self, request: Request, door: str) -> Response:
        return Response({"door": door})


def knock(person: Any, door: str, *, acr: str = "pwd") -> int:
    request = APIRequestFactory().get("/v1/doors")
    principal: Any = Principal(type="user", id=person.public_id, acr=acr, amr=("pwd",))
    force_authenticate(request, user=person, token=principal)
    status: int = DoorView.as_view()(request, door=door).status_code
    return status


def test_a_policy_opens_the_door_it_names() -> None:
    person = make_person()
    write_policy(actions=["door:open"], resources=["door:front"])
    assert knock(person, "front") == 200
    assert knock(person, "back") == 403


def test_what_the_token_proves_counts() -> None:
    person = make_person()
    write_policy(condition={"attr": "context.acr", "eq": "mfa"})
    assert knock(person, "front") == 403
    assert knock(person, "front", acr="mfa") == 200


def test_a_caller_who_is_no_principal_stays_outside() -> None:
    write_policy()
    request = APIRequestFactory().get("/v1/doors")
    force_authenticate(request, user=make_person(), token=None)
    assert DoorView.as_view()(request, door="front").status_code == 403
