"""Every table says what it holds of people. A new model fails here until somebody has thought of it."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model

from audit.privacy.registry import Fate, Holding, Impersonal, declarations, holdings
from config.jobs import schedule
from config.vault.fields import SealedField

MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
OURS = {label for label, model in MODELS.items() if ".tests." not in model.__module__}
DECLARED = {each.model: each for each in declarations()}
SECRET_WORDS = ("password", "secret", "digest", "hash", "token", "private")


def points_to_people() -> set[str]:
    """The models from which a chain of keys leads to a person, over however many tables."""
    found = {get_user_model()._meta.label}
    while True:
        more = {
            label
            for label, model in MODELS.items()
            for field in model._meta.get_fields()
            if field.is_relation
            and not field.auto_created
            and field.related_model is not None
            and field.related_model._meta.label in found
        }
        if more <= found:
            return found
        found |= more


def test_every_model_is_declared_and_nothing_else() -> None:
    assert set(DECLARED) == OURS


@pytest.mark.parametrize("label", sorted(points_to_people() & OURS))
def test_what_leads_to_a_person_says_what_an_erasure_does(label: str) -> None:
    assert isinstance(DECLARED[label], Holding), f"{label} leads to a person"


def the_holdings(*, shown: bool) -> Any:
    chosen = [each for each in holdings() if bool(each.area) == shown]
    return pytest.mark.parametrize("holding", chosen, ids=lambda each: each.model)


@the_holdings(shown=True)
def test_an_archive_shows_each_field_or_says_why_not(holding: Holding) -> None:
    names = {field.name for field in MODELS[holding.model]._meta.concrete_fields}

    assert set(holding.withheld) <= names
    assert all(holding.withheld.values())


@the_holdings(shown=True)
def test_secrets_are_withheld(holding: Holding) -> None:
    for field in holding.fields:
        assert not isinstance(field, SealedField)
        words = field.name.split("_")
        assert not set(words) & set(SECRET_WORDS) or field.name == "password_changed_at"


@the_holdings(shown=False)
def test_what_no_archive_shows_has_a_reason(holding: Holding) -> None:
    assert holding.withheld["*"]


def test_each_area_is_of_one_model() -> None:
    areas = [holding.area for holding in holdings() if holding.area]

    assert len(areas) == len(set(areas))


@pytest.mark.parametrize("holding", holdings(), ids=lambda each: each.model)
def test_what_is_anonymised_says_how(holding: Holding) -> None:
    assert holding.why
    if holding.fate == Fate.ANONYMISED:
        assert bool(holding.blank) != bool(holding.erase)
    else:
        assert not holding.blank
    names = {field.name for field in MODELS[holding.model]._meta.concrete_fields}
    assert set(holding.blank) <= names


@pytest.mark.parametrize("each", declarations(), ids=lambda each: each.model)
def test_retention_names_settings_and_tasks_that_exist(each: Holding | Impersonal) -> None:
    assert each.retention.text or each.retention.setting
    if each.retention.setting:
        assert hasattr(settings.ENVIRONMENT, each.retention.setting)
        assert each.retention.task
    if each.retention.task:
        assert each.retention.task in schedule.registered()
