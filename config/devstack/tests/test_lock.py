"""One stack at a time on one state folder."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from config.devstack.errors import DevstackError
from config.devstack.layout import Layout
from config.devstack.lock import Holder, StackLock, holder

US = Holder(pid=os.getpid(), port=8000)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "state")


def test_the_holder_can_be_asked_for_while_it_holds(layout: Layout) -> None:
    lock = StackLock(layout)
    assert holder(layout) is None
    lock.take(US)
    assert holder(layout) == US
    lock.release()
    assert holder(layout) is None


def test_a_second_one_is_told_who_was_first(layout: Layout) -> None:
    first, second = StackLock(layout), StackLock(layout)
    first.take(US)
    with pytest.raises(DevstackError, match=f"process {os.getpid()}, port 8000"):
        second.take(US)
    first.release()
    second.take(US)
    second.release()


def test_what_a_killed_stack_left_is_waited_for(layout: Layout) -> None:
    killed, left = StackLock(layout), StackLock(layout)
    killed.take(US)
    heir = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[killed.descriptor]
    )
    killed.release()
    with heir:
        with pytest.raises(DevstackError, match="killed stack left"):
            left.take(US, patience=0)
        waiting = Thread(target=left.take, args=(US,))
        waiting.start()
    waiting.join()
    assert holder(layout) == US
    left.release()
