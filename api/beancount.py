"""The books as a Beancount file, so that programs of others can audit them: `bean-check`, Fava.

An entry is a transaction on the day (+08:00) it occurred, or was posted if it bears the time of what it
brings back. At the end stands every balance as the ledger
has it, to the minor unit, so that whoever loads the file proves our sums with his own.
https://beancount.github.io/docs/beancount_language_syntax.html
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import TextIO

from sqlalchemy import Connection, Row, text

from ledger.chart import CHART
from ledger.instants import business_day, date_of, instant_of
from ledger.journal.history import balances
from ledger.kernel.entries import DATED_BACK
from ledger.kernel.posted import posted_instant
from ledger.money import CURRENCIES, decimal_of

_ROWS_A_FETCH = 1_000

_ROOTS = {
    "wallet": "Liabilities:Wallet",
    "gifts": "Liabilities:Gifts",
    "coins_issued": "Equity:CoinsIssued",
    "coins_redeemed": "Equity:CoinsRedeemed",
    "coins_forfeited": "Equity:CoinsForfeited",
    "channel_clearing": "Assets:ChannelClearing",
    "coin_liability": "Liabilities:CoinLiability",
    "accruals": "Liabilities:Accruals",
    "earnings": "Liabilities:Earnings",
    "gift_revenue": "Income:GiftRevenue",
    "penalty_income": "Income:PenaltyIncome",
    "reward_expense": "Expenses:RewardExpense",
    "promotion_expense": "Expenses:PromotionExpense",
    "award_expense": "Expenses:AwardExpense",
    "commission_expense": "Expenses:CommissionExpense",
    "enforcement_cost": "Expenses:EnforcementCost",
    "adjustments": "Expenses:Adjustments",
    "ip_income": "Income:IpIncome",
    "damages_income": "Income:DamagesIncome",
    "refunds_payable": "Liabilities:RefundsPayable",
    "bank": "Assets:Bank",
    "debt": "Assets:Debt",
    "tax_withheld": "Liabilities:TaxWithheld",
}

#: Beancount knows no date after the year 2999, and the day after the last is that of the balances.
_LAST_DAY = date(2999, 12, 30)
_NO_DAY = date(2000, 1, 1)

_FIRST = text("SELECT min(occurred_at) FROM ledger.transfers")

_TRANSFERS = text("""
SELECT d.seq, d.id, d.kind, d.occurred_at, t.amount_minor,
       debit.kind AS debit_kind, debit.owner AS debit_owner,
       credit.kind AS credit_kind, credit.owner AS credit_owner
FROM ledger.transfers AS t
JOIN ledger.decisions AS d ON d.seq = t.entry
JOIN ledger.accounts AS debit ON debit.id = t.debit_account
JOIN ledger.accounts AS credit ON credit.id = t.credit_account
ORDER BY t.entry, t.seq
""")


def export(connection: Connection, file: TextIO) -> int:
    """Write the books to an open UTF-8 text file, as one snapshot, streaming; returns how many entries.

    The connection must have read nothing yet. Of personal data the file has account owners, no more: who
    asked for an entry, and why, stays in the books.
    """
    snapshot = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    began = snapshot.scalar(_FIRST)
    first = last = _day(instant_of(began)) if began else _NO_DAY
    file.writelines(_preamble(snapshot, first))
    rows = snapshot.execute(_TRANSFERS, execution_options={"yield_per": _ROWS_A_FETCH})
    entries = 0
    for _, group in groupby(rows, key=lambda row: row.seq):
        transfers = list(group)
        day = _day_of(transfers[0])
        file.writelines(_transaction(day, transfers))
        entries, last = entries + 1, max(last, day)
    file.writelines(_closing(snapshot, last + timedelta(days=1)))
    return entries


@lru_cache(maxsize=20_000)
def account_name(kind: str, owner: str) -> str:
    """The Beancount account of an account of ours: legal whatever the owner's name, and of no other.

    What a name there cannot have, or what is easily mistaken, is written as its code point in hexadecimal
    between two hyphens. The platform has one account of a kind, so its name is left out.
    """
    if CHART[kind].owner == "platform":
        return _ROOTS[kind]
    return f"{_ROOTS[kind]}:Of-{''.join(map(_legal, owner))}"


def _legal(character: str) -> str:
    is_plain = (character.isascii() and character.isalnum()) or "一" <= character <= "龥"
    return character if is_plain else f"-{ord(character):x}-"


def _day_of(entry: Row[tuple[object, ...]]) -> date:
    return _day(posted_instant(entry.seq) if entry.kind in DATED_BACK else instant_of(entry.occurred_at))


def _day(instant: int) -> date:
    return min(date_of(business_day(instant)), _LAST_DAY)


def _preamble(connection: Connection, first: date) -> Iterator[str]:
    yield 'option "title" "zhibo"\noption "operating_currency" "CNY"\n\n'
    for code, currency in CURRENCIES.items():
        yield f"{first} commodity {code}\n  name: {_quoted(currency.name)}\n"
    for account in balances(connection):
        yield (
            f"\n{first} open {account_name(account.kind, account.owner)} {account.currency}\n"
            f"  kind: {_quoted(account.kind)}\n  owner: {_quoted(account.owner)}\n"
        )


def _transaction(day: date, transfers: list[Row[tuple[object, ...]]]) -> Iterator[str]:
    entry = transfers[0]
    yield (
        f"\n{day} * {_quoted(entry.kind)}\n"
        f'  id: "{entry.id}"\n  seq: {entry.seq}\n  occurred_at: "{entry.occurred_at.isoformat()}"\n'
    )
    for row in transfers:
        currency = CHART[row.debit_kind].currency
        amount = decimal_of(row.amount_minor, currency)
        yield (
            f"  {account_name(row.debit_kind, row.debit_owner)}  {amount} {currency}\n"
            f"  {account_name(row.credit_kind, row.credit_owner)}  {-amount} {currency}\n"
        )


def _closing(connection: Connection, day: date) -> Iterator[str]:
    """Our balances, exact (`~ 0`). Beancount counts debits up and credits down, whatever the account."""
    yield "\n"
    for account in balances(connection):
        sign = 1 if CHART[account.kind].normal == "debit" else -1
        amount = decimal_of(sign * account.posted_minor, account.currency)
        yield f"{day} balance {account_name(account.kind, account.owner)}  {amount} ~ 0 {account.currency}\n"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
