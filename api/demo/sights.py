"""What there is to see after an evening."""

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, text

from api.cli.moments import written
from api.cli.showing import amount, history_table, number, standing_lines, table
from ledger.chart import CHART, AccountRef
from ledger.journal.history import account_of, account_page, open_holds
from ledger.kernel.posted import posted_instant

_LINES = 6

_BUSIEST = text("""
SELECT a.owner, count(*) AS tips, count(DISTINCT t.debit_account) AS viewers,
       sum(t.amount_minor)::bigint AS coins,
       (SELECT e.credits_minor - e.debits_minor FROM ledger.accounts AS e
        WHERE e.kind = 'earnings' AND e.owner = a.owner) AS earnings_minor
FROM ledger.transfers AS t
JOIN ledger.accounts AS a ON a.id = t.credit_account AND a.kind = 'gifts'
GROUP BY a.owner ORDER BY coins DESC, a.owner LIMIT :streamers
""")

_MOST_GENEROUS = text("""
SELECT owner FROM ledger.accounts WHERE kind = 'wallet' ORDER BY debits_minor DESC, owner LIMIT 1
""")

_FORFEITED = text("""
SELECT f.freeze, f.party, f.account, f."case", f.rule, placed.amount_minor AS frozen_minor,
       placed.seq AS placed_seq, captured.seq AS captured_seq, captured.amount_minor AS taken_minor,
       d.cause AS forfeit_cause
FROM moderation.freezes AS f
JOIN ledger.hold_acts AS placed ON placed.hold = f.freeze AND placed.act = 'placed'
JOIN ledger.hold_acts AS captured ON captured.hold = f.freeze AND captured.act = 'captured'
JOIN ledger.decisions AS d ON d.seq = captured.entry
WHERE placed.amount_minor IS NOT NULL
ORDER BY captured.seq DESC LIMIT 1
""")


def busiest_streamers(connection: Connection, streamers: int = 8) -> Table:
    """Who was given most, by how many, and what they have earned so far."""
    rows = [
        (
            row.owner,
            f"{row.tips:,}",
            f"{row.viewers:,}",
            amount(row.coins, "ZLB"),
            amount(row.earnings_minor, "CNY"),
        )
        for row in connection.execute(_BUSIEST, {"streamers": streamers})
    ]
    return table("Busiest streamers", "streamer", ">tips", ">viewers", ">given", ">earnings", rows=rows)


def wallet_of_most_generous(connection: Connection, console: Console) -> None:
    """The wallet that gave most, with its last lines."""
    _show(connection, console, AccountRef("wallet", connection.execute(_MOST_GENEROUS).scalar_one()))


def earnings_of(connection: Connection, console: Console) -> None:
    """The earnings of the busiest streamer, with where they came from."""
    busiest = connection.execute(_BUSIEST, {"streamers": 1}).one()
    _show(connection, console, AccountRef("earnings", busiest.owner))


def forfeited_freeze(connection: Connection, console: Console) -> None:
    """A freeze of an amount that became a forfeit: what was held, what was taken, what was free again."""
    row = connection.execute(_FORFEITED).first()
    if row is None:
        return
    currency = CHART[row.account].currency
    rows = [
        (
            written(posted_instant(row.placed_seq)),
            f"frozen: {row.case} {row.rule}",
            number(row.frozen_minor, currency),
        ),
        (
            written(posted_instant(row.captured_seq)),
            f"forfeited: {row.forfeit_cause}",
            number(row.taken_minor, currency),
        ),
        ("", "free again", number(row.frozen_minor - row.taken_minor, currency)),
    ]
    title = f"A freeze that became a forfeit: {row.account} of {row.party}"
    console.print(table(title, "posted", "", f">{'coins' if currency == 'ZLB' else '元'}", rows=rows))


def _show(connection: Connection, console: Console, ref: AccountRef) -> None:
    standing, holds = account_of(connection, ref), open_holds(connection, ref)
    page = account_page(connection, [ref], limit=_LINES)
    console.print(history_table(page.lines[::-1], f"The last lines of {ref}"))
    for line in standing_lines(standing, holds):
        console.print(line)
