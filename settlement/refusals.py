"""What settlement says no to, about its own records: the closed set of the books, completed."""

from ledger.kernel.refusals import Refusal, complete_refusals
from settlement.accruals.refusals import ACCRUAL_REFUSALS
from settlement.objections.refusals import OBJECTION_REFUSALS
from settlement.payees.refusals import PAYEE_REFUSALS
from settlement.payouts.refusals import PAYOUT_REFUSALS, PAYOUT_TERMS_REFUSALS
from settlement.policies.refusals import (
    ClassNotFound,
    NoPolicy,
    PolicyExists,
    PolicyInThePast,
    PolicyNoticeTooShort,
    PolicyNotLater,
)
from settlement.returns.refusals import RETURN_REFUSALS
from settlement.run_refusals import RUN_REFUSALS
from settlement.sessions.refusals import SESSION_REFUSALS
from settlement.treasury.refusals import TREASURY_REFUSALS

SETTLEMENT_REFUSALS: tuple[type[Refusal], ...] = (
    ClassNotFound,
    PolicyExists,
    PolicyInThePast,
    PolicyNotLater,
    PolicyNoticeTooShort,
    NoPolicy,
    *SESSION_REFUSALS,
    *ACCRUAL_REFUSALS,
    *PAYOUT_REFUSALS,
    *PAYEE_REFUSALS,
    *RUN_REFUSALS,
    *OBJECTION_REFUSALS,
    *PAYOUT_TERMS_REFUSALS,
    *RETURN_REFUSALS,
    *TREASURY_REFUSALS,
)

complete_refusals(*SETTLEMENT_REFUSALS)
