"""Fresh proof at the console: nobody passes because nobody could tell."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.http import proof


def test_without_anybody_who_can_tell_nobody_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "_ways", [])
    with pytest.raises(ImproperlyConfigured):
        proof.proof_wanted(RequestFactory().get("/console/"))


def test_whoever_proves_themself_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def way(request: HttpRequest, onward: str) -> HttpResponse | None:
        asked.append(onward)
        return None

    monkeypatch.setattr(proof, "_ways", [])
    proof.register(way)
    request = RequestFactory().get("/console/?a=b")
    assert proof.proof_wanted(request) is None
    assert proof.proof_wanted(request, "/elsewhere") is None
    assert asked == ["/console/?a=b", "/elsewhere"]
