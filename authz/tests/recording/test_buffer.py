"""The buffer between decisions and the thread that writes them down."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from authz.recording.buffer import BATCH, Buffer


class Written:
    """What a buffer wrote, batch by batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.something = threading.Event()

    def write(self, batch: list[int]) -> None:
        self.batches.append(batch)
        self.something.set()

    @property
    def items(self) -> list[int]:
        return [item for batch in self.batches for item in batch]


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def slow(written: Written) -> Iterator[Buffer[int]]:
    """One that writes by itself only after an hour."""
    buffer: Buffer[int] = Buffer(written.write, size=lambda: 1000, interval=lambda: 3600)
    yield buffer
    buffer.stop()


def test_what_waits_is_written_by_itself(written: Written) -> None:
    buffer: Buffer[int] = Buffer(written.write, size=lambda: 10, interval=lambda: 0.01)
    assert buffer.put(1)
    assert written.something.wait(60)
    buffer.stop()
    assert written.items == [1]


def test_a_full_batch_is_not_kept_waiting(written: Written, slow: Buffer[int]) -> None:
    for number in range(BATCH):
        slow.put(number)
    assert written.something.wait(60)


def test_what_finds_no_room_is_refused(written: Written) -> None:
    buffer: Buffer[int] = Buffer(written.write, size=lambda: 2, interval=lambda: 3600)
    assert [buffer.put(number) for number in range(3)] == [True, True, False]
    buffer.flush()
    assert written.items == [0, 1]
    assert buffer.put(3)
    buffer.stop()


def test_a_flush_writes_in_order_and_in_batches(written: Written, slow: Buffer[int]) -> None:
    for number in range(BATCH - 1):
        slow.put(number)
    slow.flush()
    assert written.items == list(range(BATCH - 1))
    assert len(slow) == 0


def test_stopping_writes_the_rest_and_it_goes_on_afterwards(
    written: Written, slow: Buffer[int]
) -> None:
    slow.put(1)
    slow.stop()
    assert written.items == [1]
    slow.put(2)
    slow.stop()
    assert written.items == [1, 2]


def test_a_forked_child_starts_empty_and_writes_its_own(
    written: Written, slow: Buffer[int]
) -> None:
    slow.put(1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        was_empty = len(slow) == 0
        slow.put(2)
        slow.stop()
        os.write(writing, f"{was_empty} {written.items}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"True [2]"
    slow.stop()
    assert written.items == [1]


ENDS = """
import sys
from authz.recording.buffer import Buffer

buffer = Buffer(lambda batch: print(batch, flush=True), size=lambda: 10, interval=lambda: 3600)

def work():
    buffer.put(1)

if __name__ == "__main__":
    if sys.argv[1] == "alone":
        work()
    else:
        import multiprocessing
        process = multiprocessing.get_context(sys.argv[1]).Process(target=work)
        process.start()
        process.join()
"""


@pytest.mark.parametrize("how", ["alone", "fork", "spawn"])
def test_the_end_of_a_process_writes_what_waits(tmp_path: Path, how: str) -> None:
    script = tmp_path / "ends.py"  # spawn wants a file that it can import
    script.write_text(ENDS)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    run = subprocess.run(
        [sys.executable, script, how], capture_output=True, text=True, check=True, env=environment
    )
    assert run.stdout == "[1]\n"
