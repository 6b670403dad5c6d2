"""A catalogue of translations: GNU gettext's `.po` read and written, and the `.mo` made from it.

Formats: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html and …/MO-Files.html. In Python, so that no
machine of ours needs gettext's programs.
"""

import ast
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MO_MAGIC = 0x950412DE
CONTEXT_END, PLURAL_END = "\x04", "\x00"
LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d)\])?)?\s*(".*")')
FORMATTED = re.compile(r"%\(\w+\)|%[sd]")


@dataclass(frozen=True, order=True)
class Key:
    """What a text is found by; `plural` is empty for most."""

    text: str
    context: str = ""
    plural: str = ""


@dataclass(frozen=True)
class Catalogue:
    """`texts` has a tuple of translations for each key: one, or one for each plural form; empty where there is none."""

    header: str
    texts: Mapping[Key, tuple[str, ...]]
    fuzzy: frozenset[Key] = frozenset()

    @property
    def forms(self) -> int:
        """How many plural forms the language has."""
        found = re.search(r"nplurals=(\d)", self.header)
        return int(found[1]) if found else 1


def read(path: Path) -> Catalogue:
    """Raises ValueError for a line that is none of a `.po`."""
    texts: dict[Key, tuple[str, ...]] = {}
    fuzzy = set()
    for block in re.split(r"\n\s*\n", path.read_text()):
        fields = _fields(block)
        if "msgid" not in fields:
            continue
        key = Key(fields["msgid"], fields.get("msgctxt", ""), fields.get("msgid_plural", ""))
        strings = [fields[name] for name in sorted(fields) if name.startswith("msgstr")]
        texts[key] = tuple(strings)
        if re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE):
            fuzzy.add(key)
    header = texts.pop(Key(""), ("",))[0]
    return Catalogue(header, texts, frozenset(fuzzy))


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if found is None or not (found[1] or name):
            raise ValueError(f"Not a line of a catalogue: {line}")
        name = found[1] or name
        fields[name] = fields.get(name, "") + str(ast.literal_eval(found[3]))
    return fields


def as_po(catalogue: Catalogue, places: Mapping[Key, Iterable[str]]) -> str:
    """The text of the `.po`, by the order of the texts, each with the files in which it is."""
    blocks = [_block(Key(""), (catalogue.header,), ())]
    blocks += [
        _block(key, catalogue.texts[key], sorted(places.get(key, ())))
        for key in sorted(catalogue.texts)
    ]
    return "\n".join(blocks)


def _block(key: Key, strings: tuple[str, ...], places: Iterable[str]) -> str:
    lines = [f"#: {place}" for place in places]
    if FORMATTED.search(key.text):
        lines.append("#, python-format")
    if key.context:
        lines.append(f"msgctxt {_quoted(key.context)}")
    lines.append(f"msgid {_quoted(key.text)}")
    if key.plural:
        lines.append(f"msgid_plural {_quoted(key.plural)}")
        lines += [f"msgstr[{number}] {_quoted(text)}" for number, text in enumerate(strings)]
    else:
        lines.append(f"msgstr {_quoted(strings[0])}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """One line for each line of the text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    lines = [line.replace("\n", "\\n") for line in escaped.splitlines(keepends=True)]
    if len(lines) < 2:
        return f'"{"".join(lines)}"'
    return "\n".join(['""', *(f'"{line}"' for line in lines)])


def as_mo(catalogue: Catalogue) -> bytes:
    """The bytes that `gettext` loads: two tables of lengths and places, then the texts, sorted by what they are of."""
    pairs = sorted((key.encode(), text.encode()) for key, text in _loaded(catalogue))
    table = 7 * 4
    data_begins = table + 2 * 8 * len(pairs)
    tables, data = [b"", b""], b""
    for which in (0, 1):
        for pair in pairs:
            tables[which] += struct.pack("<II", len(pair[which]), data_begins + len(data))
            data += pair[which] + b"\0"
    head = struct.pack(
        "<7I", MO_MAGIC, 0, len(pairs), table, table + 8 * len(pairs), 0, table + 16 * len(pairs)
    )
    return head + b"".join(tables) + data


def _loaded(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    yield "", catalogue.header
    for key, strings in catalogue.texts.items():
        if key in catalogue.fuzzy or not all(strings):
            continue
        name = f"{key.context}{CONTEXT_END}{key.text}" if key.context else key.text
        if key.plural:
            name = f"{name}{PLURAL_END}{key.plural}"
        yield name, PLURAL_END.join(strings)
