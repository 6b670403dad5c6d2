"""What is in `locale/`: every text has its translation, and says the same with the same placeholders."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from config.translations import shipped
from config.translations.catalogue import Catalogue, Key
from config.translations.extraction import all_texts

# Names, and words that are the same in every language.
AS_IT_IS = re.compile(r"[A-Za-z0-9 ,().:…_/-]*")
KEPT = {
    "API key",
    "API keys",
    "API secret",
    "CSV",
    "Google",
    "JSON",
    "Passkeys",
    "passkey",
}


def test_everything_is_translated_and_compiled() -> None:
    """What fails here is mended by `manage.py translations --write` and a translator."""
    texts = all_texts()
    assert len(texts) > 1000
    for language in shipped.languages():
        assert list(shipped.faults(language, texts)) == []


@pytest.mark.parametrize("language", ["hi"])
def test_a_translation_is_in_its_own_letters(language: str) -> None:
    untouched = {
        key.text
        for key, strings in shipped.load(language).texts.items()
        for text in strings
        if AS_IT_IS.fullmatch(text) and text
    }
    assert untouched <= KEPT


def test_people_read_it() -> None:
    with translation.override("hi"):
        assert gettext("Sign in") == "साइन इन करें"
        few = ngettext("%(count)d finding", "%(count)d findings", 2)
        day = date_format(date(2026, 11, 26), "j F Y")
    assert few == "%(count)d गड़बड़ियाँ"
    assert day == "26 नवंबर 2026"


@pytest.mark.parametrize(
    ("key", "strings", "told"),
    [
        (Key("Hello %(name)s"), ("नमस्ते",), "other placeholders"),
        (Key("Hello"), ("नमस्ते %(name)s",), "other placeholders"),
        (Key("Hello"), ("",), "not translated"),
        (Key("a", plural="b"), ("क",), "1 plural forms instead of 2"),
    ],
)
def test_a_fault_is_told(
    monkeypatch: pytest.MonkeyPatch, key: Key, strings: tuple[str, ...], told: str
) -> None:
    faulty = Catalogue(shipped.HEADERS["hi"], {key: strings})
    monkeypatch.setattr(shipped, "load", lambda _: faulty)
    assert any(told in fault for fault in shipped.faults("hi", {key: {"a.py"}}))


def test_a_text_that_is_gone_stays_until_it_is_pruned() -> None:
    had = Catalogue(shipped.HEADERS["hi"], {Key("Old"): ("पुराना",), Key("Kept"): ("रखा",)})
    texts = {Key("Kept"): {"a.py"}, Key("New"): {"a.py"}}
    assert shipped.fitted(had, texts).texts == {**had.texts, Key("New"): ("",)}
    assert shipped.fitted(had, texts, prune=True).texts == {
        Key("Kept"): ("रखा",),
        Key("New"): ("",),
    }


def test_the_command_writes_what_is_new_and_says_what_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    monkeypatch.setattr(shipped, "PROJECT_ROOT", tmp_path)
    with pytest.raises(CommandError, match="not translated: 'Sign in'"):
        call_command("translations", "--write", stdout=io.StringIO())
    assert Key("Sign in") in shipped.load("hi").texts
    assert (tmp_path / "hi/LC_MESSAGES/django.mo").exists()
