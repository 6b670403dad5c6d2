"""The README's tour does what it says, word for word."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.conftest import ROOT, Service

MARK = "@@ end of block {} @@"


@dataclass(frozen=True)
class Block:
    """The commands of one fenced block, and what it says (`# → …`) they answer."""

    commands: str
    promises: tuple[str, ...]


def blocks() -> list[Block]:
    readme = (ROOT / "README.md").read_text()
    tour = readme.split("## A tour in five minutes")[1].split("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", tour, flags=re.DOTALL)
    return [
        Block(text, tuple(re.findall(r"^# → (.*)$", text, flags=re.MULTILINE))) for text in found
    ]


@pytest.mark.xdist_group("service")
@pytest.mark.timeout(240)
def test_the_tour_answers_what_it_promises(service: Service) -> None:
    bash = shutil.which("bash")
    assert bash
    script = "set -eu -o pipefail\n" + "\n".join(
        f"{block.commands}\necho; echo '{MARK.format(number)}'"
        for number, block in enumerate(blocks())
    )
    done = subprocess.run(
        [bash, "-c", script],
        cwd=ROOT,
        env=service.environment | {"GATEHOUSE": service.url},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for number, block in enumerate(blocks()):
        start = done.stdout.index(MARK.format(number - 1)) if number else 0
        answer = done.stdout[start : done.stdout.index(MARK.format(number))]
        positions = [answer.find(promise) for promise in block.promises]
        assert -1 not in positions, (
            f"block {number} promised {block.promises}:\n{answer}\n{done.stderr}"
        )
        assert all(earlier < later for earlier, later in pairwise(positions)), answer
