"""Reading what others publish: hashes with counts, or plain passwords, a line each, gzipped or not."""

import gzip
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

from accounts.breached.filter_file import digest_of

HASH = re.compile(rb"([0-9A-Fa-f]{40})(?::([0-9]{1,18}))?")
LONGEST_LINE = 4096
NAMED_LINES = 20  # of those that cannot be read
GZIP_MAGIC = b"\x1f\x8b"


class DumpFormat(StrEnum):
    """`hashes`: SHA-1 in hex, with or without `:COUNT`, as Have I Been Pwned's downloader writes it."""

    HASHES = "hashes"
    PLAIN = "plain"


@dataclass
class Findings:
    """What one reading of a dump met. Bad lines are named by number and reason: their text may be a password."""

    lines: int = 0
    good: int = 0
    rare: int = 0
    bad: int = 0
    bad_lines: list[str] = field(default_factory=list)

    def complain(self, reason: str) -> None:
        self.bad += 1
        if len(self.bad_lines) < NAMED_LINES:
            self.bad_lines.append(f"line {self.lines}: {reason}")


def format_of(path: Path) -> DumpFormat:
    """Judged by the first line. Raises OSError, EOFError for a gzip file that ends too early."""
    with _opened(path) as stream:
        first = stream.readline(LONGEST_LINE).strip()
    return DumpFormat.HASHES if HASH.fullmatch(first) else DumpFormat.PLAIN


def read_digests(
    path: Path, *, form: DumpFormat, min_count: int, findings: Findings
) -> Iterator[bytes]:
    """The SHA-1 of each good line. What is known to be seen less than `min_count` times is left out.

    Raises OSError, EOFError for a gzip file that ends too early.
    """
    with _opened(path) as stream:
        while line := stream.readline(LONGEST_LINE):
            findings.lines += 1
            if not line.endswith(b"\n") and len(line) == LONGEST_LINE:
                findings.complain(f"longer than {LONGEST_LINE} bytes")
                _skip_rest(stream)
                continue
            digest = _digest(line.rstrip(b"\r\n"), form, min_count, findings)
            if digest is not None:
                findings.good += 1
                yield digest


def _digest(line: bytes, form: DumpFormat, min_count: int, findings: Findings) -> bytes | None:
    if form is DumpFormat.PLAIN:
        return _digest_of_plain(line, findings)
    match = HASH.fullmatch(line.strip())
    if match is None:
        findings.complain("not 40 hex digits, with or without a colon and a count")
        return None
    count = match[2]
    if count is not None and int(count) < min_count:
        findings.rare += 1
        return None
    return bytes.fromhex(match[1].decode())


def _digest_of_plain(line: bytes, findings: Findings) -> bytes | None:
    try:
        password = unicodedata.normalize("NFC", line.decode())
    except UnicodeDecodeError:
        findings.complain("not UTF-8")
        return None
    if not password.strip():
        findings.complain("empty")
        return None
    return digest_of(password)


def _skip_rest(stream: IO[bytes]) -> None:
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")
