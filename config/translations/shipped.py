"""The catalogues in `locale/`, and what is wrong with one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from config.settings.sections.section import PROJECT_ROOT
from config.translations.catalogue import Catalogue, Key, as_mo, as_po, read
from config.translations.extraction import Places

FOLDER = PROJECT_ROOT / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
# Where `n` is a number, the rule by which a language chooses its form: https://cldr.unicode.org/index/cldr-spec/plural-rules
HEADERS: Mapping[str, str] = {
    "hi": "Language: hi\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n > 1);\n"
}


def languages() -> tuple[str, ...]:
    """All but the one that the code is written in."""
    return tuple(code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)


def po_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalogue:
    path = po_of(language)
    return read(path) if path.exists() else Catalogue(HEADERS[language], {})


def fitted(catalogue: Catalogue, texts: Places, *, prune: bool = False) -> Catalogue:
    """With an empty translation for each text that is new.

    What is not in the code stays, for another branch may have it; with `prune` it goes.
    """
    fitting = {
        key: catalogue.texts.get(key) or ("",) * (catalogue.forms if key.plural else 1)
        for key in texts
    }
    kept = {} if prune else catalogue.texts
    return replace(catalogue, texts={**kept, **fitting})


def write(language: str, catalogue: Catalogue, texts: Places) -> None:
    """The `.po` and the `.mo` beside it."""
    path = po_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_po(catalogue, texts))
    path.with_suffix(".mo").write_bytes(as_mo(catalogue))


def faults(language: str, texts: Places) -> Iterator[str]:
    """What keeps a reader of `language` from reading all of it, a line each."""
    catalogue = load(language)
    for key in sorted(texts.keys() - catalogue.texts.keys()):
        yield f"not in the catalogue: {_named(key, texts)}"
    for key, strings in sorted(catalogue.texts.items()):
        yield from _faults_of(key, strings, catalogue, texts)
    compiled = po_of(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != as_mo(catalogue):
        yield f"{compiled.relative_to(PROJECT_ROOT)} is not made from the catalogue"


def _faults_of(
    key: Key, strings: tuple[str, ...], catalogue: Catalogue, texts: Places
) -> Iterator[str]:
    if not all(strings):
        yield f"not translated: {_named(key, texts)}"
        return
    if key in catalogue.fuzzy:
        yield f"marked as uncertain: {key.text!r}"
    if key.plural and len(strings) != catalogue.forms:
        yield f"{len(strings)} plural forms instead of {catalogue.forms}: {key.text!r}"
    wanted = set(PLACEHOLDER.findall(key.text)) | set(PLACEHOLDER.findall(key.plural))
    for text in strings:
        held = set(PLACEHOLDER.findall(text))
        if held - wanted or (wanted - held and not key.plural):
            yield f"other placeholders: {key.text!r}: {text!r}"


def _named(key: Key, texts: Places) -> str:
    places = ", ".join(sorted(texts.get(key, ())))
    return f"{key.text!r} ({places})"
