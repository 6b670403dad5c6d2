"""A sealed value shows itself nowhere: not in repr, the admin, a form, a serializer or a fixture."""

import pytest
from django.contrib.admin.utils import display_for_field
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations.writer import MigrationWriter
from django.forms import modelform_factory
from rest_framework.serializers import ModelSerializer

from config.vault.fields import SealedField
from config.vault.tests.factories import a_note
from config.vault.tests.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed_tables")]


class NoteSerializer(ModelSerializer[Note]):
    class Meta:
        model = Note
        fields = "__all__"


def test_its_repr_and_its_text_are_one_word() -> None:
    note = a_note()
    assert repr(note.secret) == "[sealed]"
    assert f"{note.secret}" == "[sealed]"
    assert str(Note.objects.filter(pk=note.pk).values("secret").get()) == "{'secret': [sealed]}"


def test_the_admin_shows_that_one_word() -> None:
    note = a_note()
    field = Note._meta.get_field("secret")
    assert display_for_field(note.secret, field, "-") == "[sealed]"


def test_no_form_has_it_even_when_it_asks_for_every_field() -> None:
    assert list(modelform_factory(Note, fields="__all__").base_fields) == ["owner"]


def test_a_serializer_of_every_field_gives_that_one_word() -> None:
    data = NoteSerializer(a_note()).data
    assert data["secret"] == "[sealed]"
    assert data["other"] in {None, ""}


def test_a_fixture_does_not_carry_it_and_cannot_bring_it() -> None:
    note = a_note()
    assert '"secret": "[sealed]"' in serializers.serialize("json", [note])
    with pytest.raises(ValidationError):
        Note(owner=note.owner, secret="[sealed]").full_clean()
    note.full_clean()


def test_it_is_never_editable_whatever_a_model_asks_for() -> None:
    assert SealedField(editable=True).editable is False


def test_a_migration_writes_it_and_the_column_carries_its_check() -> None:
    written, imports = MigrationWriter.serialize(SealedField(null=True))
    assert written == "config.vault.fields.SealedField(null=True)"
    assert imports == {"import config.vault.fields"}
    field = Note._meta.get_field("secret")
    assert "bytea" in str(field.db_check(connection))
