"""The embedded server is there for as long as somebody uses the folder."""

import os
from pathlib import Path

import pytest

from tests.ledger.embedded_server.using import (
    Another,
    opened,
    remember,
    remembered,
    servers,
    the_server,
)


def test_the_last_process_out_stops_the_server(new_folder: Path) -> None:
    with opened(new_folder):
        another = Another(new_folder).attached()
        server = the_server(new_folder)
    assert the_server(new_folder) == server, "the first one out stopped the server under the second"
    another.leave()
    assert servers(new_folder) == [], "the last one out left the server running"


def test_what_was_written_is_there_when_the_folder_is_opened_again(made: Path) -> None:
    with opened(made) as database:
        assert remembered(database) == ["first"]


def test_processes_that_start_at_the_same_moment_share_one_server(new_folder: Path) -> None:
    others = [Another(new_folder) for _ in range(4)]
    for other in others:
        other.attached()
    the_server(new_folder)
    for other in others:
        other.leave()
    assert servers(new_folder) == []


def test_leaving_in_a_forked_child_does_not_stop_the_parents_server(made: Path) -> None:
    with opened(made) as database:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with opened(made):
                    status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "the child could not attach"
        assert remembered(database) == ["first"]


@pytest.mark.parametrize("name", ["it's 100 % ours & #1;*?", "礼物　🎤"])
def test_any_other_path_will_do(new_folder: Path, name: str) -> None:
    with opened(new_folder / name) as database:
        remember(database, "here")
