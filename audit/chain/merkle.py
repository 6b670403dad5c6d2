"""The Merkle tree of RFC 9162 section 2.1, over leaves that are hashed already."""

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

from audit.chain.hashes import NODE

EMPTY = hashlib.sha256(b"").digest()  # the root of no leaves


class Step(NamedTuple):
    """One step from a leaf to the root: on which side the other hash goes."""

    side: Literal["left", "right"]
    other: bytes


def root_of(leaves: Sequence[bytes]) -> bytes:
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY


def path_of(leaves: Sequence[bytes], index: int) -> list[Step]:
    """What it takes to get from the leaf at `index` to the root."""
    level, path = list(leaves), []
    while len(level) > 1:
        other = index ^ 1
        if other < len(level):
            path.append(Step("left" if other < index else "right", level[other]))
        level, index = _above(level), index // 2
    return path


def node_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def _above(level: Sequence[bytes]) -> list[bytes]:
    """One that has nobody beside it goes up as it is, which makes the tree of the RFC."""
    pairs = len(level) // 2
    above = [node_of(level[2 * pair], level[2 * pair + 1]) for pair in range(pairs)]
    return above + list(level[2 * pairs :])
