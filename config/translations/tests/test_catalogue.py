"""Catalogues, read, written and loaded by what will load them."""

import gettext
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.translations.catalogue import Catalogue, Key, as_mo, as_po, read

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n"
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from('"\\\n\t'),
    min_size=1,
)


def catalogue(**texts: str) -> Catalogue:
    return Catalogue(HEADER, {Key(text): (translation,) for text, translation in texts.items()})


def loaded(given: Catalogue) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(as_mo(given)))


@given(st.dictionaries(WORDS, WORDS))
def test_what_is_written_is_read_again(tmp_path_factory: object, texts: dict[str, str]) -> None:
    written = catalogue(**texts)
    path = Path(tmp_path_factory.getbasetemp()) / "django.po"  # type: ignore[attr-defined]
    path.write_text(as_po(written, {}))
    assert read(path) == written


def test_a_text_its_context_and_its_plural_are_loaded() -> None:
    made = loaded(
        Catalogue(
            HEADER,
            {
                Key("Open"): ("खोलें",),
                Key("Open", context="state"): ("खुला",),
                Key("%d day", plural="%d days"): ("%d दिन", "%d दिनों"),
                Key("Nothing"): ("",),
            },
        )
    )
    assert made.gettext("Open") == "खोलें"
    assert made.pgettext("state", "Open") == "खुला"
    assert [made.ngettext("%d day", "%d days", number) for number in (0, 1, 2)] == [
        "%d दिन",
        "%d दिन",
        "%d दिनों",
    ]
    assert made.gettext("Nothing") == "Nothing"


def test_an_uncertain_translation_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text(f'{as_po(catalogue(), {})}\n#, fuzzy\nmsgid "Open"\nmsgstr "बंद"\n')
    assert read(path).fuzzy == {Key("Open")}
    assert loaded(read(path)).gettext("Open") == "Open"


def test_files_and_placeholders_are_noted_for_translators() -> None:
    text = as_po(
        catalogue(**{"Hello %(name)s": "नमस्ते %(name)s"}), {Key("Hello %(name)s"): ["a.py"]}
    )
    assert '#: a.py\n#, python-format\nmsgid "Hello %(name)s"' in text


@pytest.mark.parametrize("line", ["hello", 'msgid "open', '"nothing before it"'])
def test_what_is_no_catalogue_is_not_read(tmp_path: Path, line: str) -> None:
    path = tmp_path / "django.po"
    path.write_text(f"{line}\n")
    with pytest.raises((ValueError, SyntaxError)):
        read(path)
