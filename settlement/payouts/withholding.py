"""What is withheld of a payout when it is sent, under the policy and the figures of that day. Pure."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from ledger.instants import business_day, date_of
from ledger.kernel.refusals import Refusal
from settlement.payees.reading import Payee, refusal_without_invoice
from settlement.payouts.records import Income
from settlement.payouts.refusals import NoTaxFigures
from settlement.policies.document import TaxTerms
from settlement.tax.parameters import NoTaxParameters, parameters_on
from settlement.tax.withholding import Paid, withhold


def income_at_sending(
    *,
    payout: UUID,
    gross_minor: int,
    instant: int,
    payee: Payee,
    terms: TaxTerms,
    counted: Collection[Income],
    invoiced_minor: int,
) -> Income | Refusal:
    """What a payout counts as, and its tax: by the month (China time) in which it is sent.

    ``counted`` is all income of the person so far, paid or in flight. Where a later month of the year is
    counted already, it counts in that one: nobody is taxed for a month again that was passed. Refuses
    ``invoice_required`` (an organisation) and ``no_tax_figures``.
    """
    day = date_of(business_day(instant))
    this_year = [income for income in counted if income.year == day.year]
    of_month: Counter[int] = Counter()
    for income in this_year:
        of_month[income.month] += income.gross_minor
    # A month whose payouts all failed is none with income.
    paid_so_far = [Paid(month, gross_minor) for month, gross_minor in of_month.items() if gross_minor]
    month = max([day.month, *(paid.month for paid in paid_so_far)])
    if payee.is_organisation or terms.method == "none":
        theirs = sum(income.gross_minor for income in counted if income.payee == payee.party)
        missing = refusal_without_invoice(
            payee, invoiced_minor=invoiced_minor, paid_minor=theirs, asked_minor=gross_minor
        )
        return missing or Income(payout, payee.party, payee.number_hash, day.year, month, gross_minor, 0)
    try:
        parameters = parameters_on(day)
    except NoTaxParameters:
        return NoTaxFigures(day.isoformat())
    withheld = withhold(
        parameters,
        paid_so_far,
        month,
        gross_minor,
        sum(income.tax_minor for income in this_year),
        terms.months_rule,
    )
    return Income(payout, payee.party, payee.number_hash, day.year, month, gross_minor, withheld.tax_minor)
