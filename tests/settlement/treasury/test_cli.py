"""`zhibo tax due|remit|approve|withdraw` as finance runs it."""

from pathlib import Path

from api.migrations import migrate
from ledger.database import DatabaseSettings, open_database
from tests.api.command_line import is_one_line, zhibo
from tests.settlement.payouts.playing import Payees


def test_tax_is_handed_over_at_the_command_line_by_two(data_folder: Path) -> None:
    with open_database(DatabaseSettings(data_folder, None, None)) as database:
        migrate(database)
        house = Payees(database)
        house.payee("bo", 3_000_000)
        house.did(house.paid(house.sent("bo")))

    def said(*words: str, fails: bool = False) -> str:
        done = zhibo(data_folder, "tax", *words, stdin=b"")
        assert (done.returncode != 0) == fails, done.stderr.decode()
        if fails:
            assert is_one_line(done.stderr), done.stderr.decode()
        return (done.stderr if fails else done.stdout).decode()

    proposed = said("remit", "2026-10", "570.00", "--reference", "T-1", "--as", "fei")
    id = proposed.split()[1].rstrip(":")
    assert "somebody else" in said("approve", id, "--as", "fei", fails=True)
    assert said("approve", id, "--as", "lin") == "handed over 570.00 元\n"
    assert "remitted" in said("due")
    assert "0.00 CNY is left" in said("remit", "2026-10", "0.01", "--reference", "T-2", fails=True)
    assert "is not a month" in said("remit", "2026-13", "0.01", "--reference", "T-2", fails=True)
