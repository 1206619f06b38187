"""Tests may run `zhibo` out of a process that has read it in before: they see what they would otherwise."""

from pathlib import Path

import pytest

from tests.api.command_line import zhibo
from tests.api.warm import warm_zhibo
from tests.settlement.policies.writing import SAMPLE


@pytest.mark.parametrize(
    "arguments",
    [
        "account --help",
        "balances --jsonl",
        "policy check -",
        "replay missing.jsonl",
        "trial-balance --at yesterday",
        "export beancount /dev/full",
    ],
)
def test_it_answers_and_ends_as_the_program_does(books: Path, arguments: str) -> None:
    done = [run(books, *arguments.split(), stdin=SAMPLE.read_bytes()) for run in (zhibo, warm_zhibo)]
    cold, warm = ((one.returncode, one.stdout, one.stderr) for one in done)
    assert warm == cold
