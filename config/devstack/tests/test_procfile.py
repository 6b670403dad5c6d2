from pathlib import Path

import pytest

from config.devstack.errors import DevstackError
from config.devstack.procfile import read_procfile
from config.settings.celery_broker import QUEUES
from config.settings.sections.section import PROJECT_ROOT

VARIABLES = {"PORT": "8000", "SIMULATOR_PORT": "8001", "SIMULATOR_STATE": "/srv/simulator.json"}


def test_variables_are_filled_in_word_by_word(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text("# comment\n\nweb: serve --port $PORT 'two words'\nother: run\n")
    found = read_procfile(path, {"PORT": "1 2"})
    assert found == {"web": ["serve", "--port", "1 2", "two words"], "other": ["run"]}


@pytest.mark.parametrize(
    "line", ["no declaration", "two words: run", "web: run $UNKNOWN", "web: 'open"]
)
def test_what_cannot_be_understood_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "Procfile"
    path.write_text(line)
    with pytest.raises(DevstackError, match="Procfile"):
        read_procfile(path, {})


def test_ours_runs_everything_and_the_worker_takes_every_queue() -> None:
    found = read_procfile(PROJECT_ROOT / "Procfile", VARIABLES)
    assert list(found) == ["web", "worker", "beat", "relay", "webhooks", "simulator"]
    queues = found["worker"][found["worker"].index("--queues") + 1]
    assert set(queues.split(",")) == set(QUEUES)
