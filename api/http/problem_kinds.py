"""Every kind of problem: each refusal of the books, and what can go wrong before they are asked.

To each a status, a title, and what to do about it.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of problem. A refusal that names something missing is 404, every other refusal 409."""

    status: int
    title: str
    advice: str


PROBLEMS: dict[str, Kind] = {
    # What the books say no to: decided, and remembered under the command's id.
    "id_conflict": Kind(
        409, "Id used before", "Use a new id for a new command; repeat an old one unchanged."
    ),
    "gift_not_on_sale": Kind(
        404, "Gift not on sale", "Choose a gift that has a price, or give it one first."
    ),
    "price_changed": Kind(409, "Price changed", "Show the new price, and ask again under a new id."),
    "account_not_found": Kind(404, "Account not found", "Register the party in that role first."),
    "entry_not_found": Kind(404, "Entry not found", "Name the id of an accepted command that moved value."),
    "not_reversible": Kind(
        409, "Not reversible", "Undo what it belongs to: cancel the payout, adjust the earning, or appeal."
    ),
    "already_reversed": Kind(409, "Already reversed", "Nothing is left to do."),
    "freeze_not_found": Kind(404, "Freeze not found", "Name the id of an accepted freeze."),
    "hold_already_released": Kind(409, "Hold already released", "Nothing is left to do."),
    "hold_already_captured": Kind(409, "Hold already captured", "Nothing is left to do."),
    "hold_expired": Kind(409, "Hold expired", "Place a new one if it is still needed."),
    "payment_already_credited": Kind(409, "Payment already credited", "Nothing is left to do."),
    "currency_mismatch": Kind(409, "Currency mismatch", "Give the amount in the account's currency."),
    "not_permitted": Kind(
        409, "Not permitted for now", "Wait until the time named, or appeal: see /v1/me/standing."
    ),
    "account_frozen": Kind(
        409, "Account frozen", "See the freeze, and its case, in /v1/me/wallet or /v1/me/earnings."
    ),
    "exceeds_hold": Kind(409, "More than is held", "Ask for at most what is held."),
    "limit_exceeded": Kind(409, "Limit exceeded", "Give less, or wait for the next day or month."),
    "insufficient_funds": Kind(409, "Insufficient funds", "Top up, or ask for less."),
    "session_not_found": Kind(
        404, "Session not found", "Name the id of an accepted session_open of this streamer."
    ),
    "session_open": Kind(409, "Session open", "Close the session named first."),
    "session_closed": Kind(409, "Session closed", "Nothing is left to do."),
    "ends_before_it_began": Kind(409, "Ends before it began", "Give a time after the session was opened."),
    "task_not_found": Kind(404, "Task not found", "Name the id of an accepted task."),
    "task_already_rewarded": Kind(409, "Task already rewarded", "Nothing is left to do."),
    "target_not_reached": Kind(
        409, "Target not reached", "Ask again, under a new id, once there are more facts."
    ),
    "activity_version_exists": Kind(
        409, "Activity version used before", "Publish the change as a new version."
    ),
    "activity_not_found": Kind(404, "Activity not found", "Publish the activity's rules first."),
    "activity_over": Kind(409, "Activity over", "Enrol in one that is not over."),
    "already_evaluated": Kind(409, "Already evaluated", "Correct the facts first, if they are wrong."),
    "award_not_found": Kind(404, "Award not found", "Name a streamer who has an award of the activity."),
    "award_withdrawn": Kind(409, "Award withdrawn", "Nothing is left to do."),
    "commission_exists": Kind(409, "Commission given before", "Give a new one under a number of its own."),
    "commission_not_found": Kind(
        404, "Commission not found", "Name a commission that this streamer was given."
    ),
    "sale_already_counted": Kind(409, "Sale already counted", "Nothing is left to do."),
    "sale_not_found": Kind(404, "Sale not found", "Name the order number of a sale that was recorded."),
    "exceeds_sale": Kind(409, "More than was sold", "Return at most what is left of the sale."),
    "ip_case_exists": Kind(409, "Case taken up before", "Give a new case a number of its own."),
    "ip_case_not_found": Kind(404, "Case not found", "Take up the case first."),
    "voucher_missing": Kind(409, "Voucher missing", "Give the number of the cost's voucher."),
    "voucher_already_used": Kind(409, "Voucher already used", "Give each cost a voucher of its own."),
    "class_not_found": Kind(404, "Class not found", "Name a class of a published policy."),
    "policy_exists": Kind(409, "Policy version used before", "Publish the change as a new version."),
    "policy_in_the_past": Kind(409, "Policy in the past", "Let it be in force from a later time."),
    "policy_not_later": Kind(
        409, "Policy not later", "Let it be in force after every version that is published."
    ),
    "policy_notice_too_short": Kind(409, "Notice too short", "Let it be in force from the time named."),
    "statement_not_found": Kind(
        404, "Statement not found", "Name a statement by its id; streamers have their own only."
    ),
    "statement_line_not_found": Kind(404, "Line not found", "Name a line of the statement, or none."),
    "objection_window_closed": Kind(409, "Statement final", "Nothing is left to do: the time is over."),
    "objection_not_found": Kind(404, "Objection not found", "Name the id of an accepted objection."),
    "already_answered": Kind(409, "Already answered", "Nothing is left to do."),
    "adjustment_not_found": Kind(
        404, "Adjustment not found", "Name an accepted adjustment of the streamer who objected."
    ),
    "payout_not_found": Kind(404, "Payout not found", "Name the id of an accepted payout request."),
    "batch_not_found": Kind(404, "Batch not found", "Name a batch by its id: see /v1/payout-batches."),
    "batch_cancelled": Kind(409, "Batch cancelled", "Put the payouts into a new batch."),
    "batch_already_sent": Kind(409, "Batch already sent", "Record the bank's result file once it is there."),
    "nothing_ready": Kind(409, "Nothing ready", "Approve payouts first, or cancel the batch they wait in."),
    "remittance_not_found": Kind(404, "Remittance not found", "Name the id of an accepted proposal."),
    "remittance_closed": Kind(409, "Remittance closed", "Propose a new one."),
    "exceeds_withheld": Kind(409, "More than was withheld", "Propose at most what the month has left."),
    "exceeds_debt": Kind(409, "More than is owed", "Record at most what is owed; send the rest back."),
    "debt_payment_already_recorded": Kind(409, "Payment recorded before", "Nothing is left to do."),
    "same_person": Kind(409, "Second person required", "Let somebody else look at it."),
    "payout_closed": Kind(409, "Payout closed", "Ask for a new payout."),
    "payout_already_sent": Kind(409, "Payout already sent", "Wait for the channel's answer."),
    "payout_already_approved": Kind(409, "Payout already approved", "Nothing is left to do."),
    "payout_not_approved": Kind(409, "Payout not approved", "Let a second person approve it first."),
    "batch_required": Kind(409, "Batch required", "Put it into a batch, and let a second person send that."),
    "payout_not_sent": Kind(409, "Payout not sent", "Send it first."),
    "payout_already_answered": Kind(409, "Payout already answered", "Nothing is left to do."),
    "payout_not_paid": Kind(409, "Payout not paid", "Wait until it was paid: nothing else can come back."),
    "period_not_over": Kind(409, "Period not over", "Ask again when its last day has ended."),
    "period_overlaps": Kind(409, "Period settled", "See the run named, or settle days that none covers."),
    "no_policy": Kind(409, "No policy", "Publish a settlement policy first."),
    "no_tax_figures": Kind(409, "No tax figures", "Tell us: figures for that day are missing."),
    "wrong_channel": Kind(409, "Wrong channel", "Send it through a channel that reaches the account."),
    "nothing_left_after_tax": Kind(409, "Nothing left after tax", "Cancel it, and ask for more at once."),
    "payout_in_flight": Kind(409, "Payout in flight", "Wait until it is answered, or cancel it."),
    "outside_cycle": Kind(409, "Paid in this cycle already", "Ask again on the day named."),
    "below_threshold": Kind(409, "Below the threshold", "Ask once there is more."),
    "licence_required": Kind(409, "Licence required", "Hand in the organisation's licence number."),
    "payee_not_verified": Kind(409, "Payee not verified", "Have the identity verified first."),
    "bank_account_required": Kind(409, "Bank account required", "Name the organisation's bank account."),
    "payee_account_required": Kind(409, "No account to pay into", "Set an account in the verified name."),
    "payee_name_mismatch": Kind(409, "Account in another name", "Set an account in the verified name."),
    "invoice_not_needed": Kind(409, "Invoice not needed", "Nothing is left to do: tax is withheld."),
    "invoice_already_handed_in": Kind(409, "Invoice already handed in", "Nothing is left to do."),
    "invoice_required": Kind(409, "Invoice required", "Hand in an invoice over what is missing."),
    "rule_book_exists": Kind(409, "Rule book version used before", "Publish the change as a new version."),
    "rule_book_in_the_past": Kind(409, "Rule book in the past", "Let it be in force from a later time."),
    "rule_book_not_later": Kind(
        409, "Rule book not later", "Let it be in force after every version that is published."
    ),
    "rule_not_found": Kind(404, "Rule not found", "Name a clause, a group or an item of a rule book."),
    "rule_already_switched": Kind(409, "Rule switched already", "Nothing is left to do."),
    "case_not_found": Kind(404, "Case not found", "Name a case that was opened."),
    "evidence_not_found": Kind(404, "Evidence not found", "Name a file of the case by its SHA-256."),
    "case_exists": Kind(409, "Case exists", "Use it, or give the new one another name."),
    "decision_not_found": Kind(404, "Decision not found", "Name the id of an accepted decision."),
    "measure_not_found": Kind(404, "Measure not found", "Name the id of a measure of a decision."),
    "second_person_required": Kind(409, "Second person required", "Let somebody else look at it."),
    "not_their_measure": Kind(409, "Not their measure", "Let somebody do it whom the rule book names."),
    "account_closed": Kind(
        409, "Account closed", "Appeal against the decision of that case, or ask in a ticket."
    ),
    "under_legal_hold": Kind(409, "Under a legal hold", "Lift the legal hold of the case named first."),
    "case_decided": Kind(
        409, "Not the newest decision", "Look at the case, then name its newest decision, or none yet."
    ),
    "decision_closed": Kind(409, "Decision closed", "See how it stands: it cannot be done any more."),
    "decision_already_approved": Kind(409, "Decision already approved", "Nothing is left to do."),
    "approval_not_needed": Kind(409, "Approval not needed", "Nothing is left to do."),
    "measure_ended": Kind(409, "Measure ended", "Nothing is left to do."),
    "measure_carried_out": Kind(409, "Measure carried out", "Leave it to an appeal: nothing else undoes it."),
    "finding_required": Kind(409, "Finding required", "Name the rule that was broken."),
    "rule_switched_off": Kind(409, "Rule switched off", "Decide without it, or have it switched on."),
    "evidence_required": Kind(409, "Evidence required", "Add evidence to the case, and name it."),
    "override_required": Kind(409, "Reason required", "Say in `override_reason` why it is right here."),
    "time_not_allowed": Kind(
        409, "Time not allowed", "Let it end later than now, and not later than it may."
    ),
    "decision_too_large": Kind(409, "Decision too large", "Decide it in parts."),
    "not_yet_happened": Kind(409, "Not yet happened", "Give the time at which it happened."),
    "own_affair": Kind(409, "Own affair", "Let somebody else look at it."),
    "preview_not_found": Kind(404, "Preview not found", "Name a preview of the case, for that measure."),
    "preview_used": Kind(409, "Preview used", "Have a new one made."),
    "preview_stale": Kind(409, "Preview stale", "Have a new one made, and look at it."),
    "above_liability_cap": Kind(
        409, "Above the liability cap", "Give at most what is left, or say why more."
    ),
    "penalty_counted_twice": Kind(
        409, "Penalty counted twice", "Have a new preview made, or say in `exceeding` why both are due."
    ),
    "indirect_loss": Kind(409, "Indirect loss", "Claim direct losses only."),
    "nothing_to_take": Kind(409, "Nothing to move", "Nothing is left to do."),
    "plan_too_wide": Kind(409, "Too many streamers", "Let the tips go back in parts."),
    "appeal_too_late": Kind(409, "Too late to appeal", "Nothing is left to do: the time is over."),
    "appeal_exists": Kind(409, "Appealed before", "Wait for its answer, or read it."),
    "appeal_not_found": Kind(404, "Appeal not found", "Name the id of an accepted appeal."),
    "appeal_already_decided": Kind(409, "Appeal decided", "Nothing is left to do."),
    "not_a_reduction": Kind(
        409, "Not a reduction", "Name a measure that takes money, and less than it takes."
    ),
    "nothing_changed": Kind(409, "Nothing changed", "Name what changes, or uphold the decision."),
    "evidence_already_added": Kind(409, "Evidence added before", "Nothing is left to do."),
    "report_target_not_found": Kind(404, "Nobody of that name", "Name the party that the report is about."),
    "report_category_unknown": Kind(
        404, "Category unknown", "Name an item of the violation catalogue: see /v1/rules."
    ),
    "too_many_open_reports": Kind(409, "Too many open reports", "Wait until some are answered."),
    "report_not_found": Kind(404, "Report not found", "Name the id of an accepted report."),
    "report_closed": Kind(409, "Report closed", "File a new one, if there is more to say."),
    "too_many_report_files": Kind(409, "Too many files", "Nothing is left to do: the report takes no more."),
    "report_file_already_handed_in": Kind(409, "File handed in before", "Nothing is left to do."),
    "report_claimed": Kind(409, "Report claimed", "Take another one from the queue."),
    "report_not_claimed": Kind(409, "Report not claimed", "Claim it first."),
    "another_report_claimed": Kind(409, "Another report claimed", "Finish that one, or let go of it."),
    "materials_missing": Kind(409, "Materials missing", "Ask the reporter for proof of identity."),
    "case_is_about_another": Kind(409, "Case about another", "Name a case about the same party, or none."),
    "not_imposed": Kind(
        409, "Not imposed", "See /v1/rules: switch the rule on, or decide the case by another."
    ),
    "not_listed": Kind(404, "Not on the list", "See /v1/blacklists for the lists there are."),
    "permission_not_found": Kind(
        404, "Permission not found", "Name the id of a permission that was granted."
    ),
    "permission_ended": Kind(409, "Permission ended", "Nothing is left to do."),
    "promise_not_found": Kind(404, "Promise not found", "Name the id of a promise that was recorded."),
    "promise_resolved": Kind(409, "Promise resolved", "Nothing is left to do."),
    "legal_hold_not_found": Kind(404, "No legal hold", "Impose a legal hold in a case first."),
    "service_terminated": Kind(
        409, "Service terminated", "See the case named; whoever it is about can appeal."
    ),
    "ticket_subject_not_found": Kind(
        404, "Nothing of that name is yours", "Ask about an entry, a case or a promise of your own."
    ),
    "ticket_not_found": Kind(404, "Ticket not found", "Name the id of a ticket that was filed."),
    "ticket_answered": Kind(409, "Ticket answered", "Nothing is left to do."),
    # What is wrong with the request: nothing was decided, and its id is still free.
    "malformed_request": Kind(400, "Malformed request", "Send HTTP as RFC 9110 has it."),
    "idempotency_key_required": Kind(
        400,
        "Idempotency-Key required",
        "Send a new UUID, version 4 or 7, with each command, the same on a retry.",
    ),
    "idempotency_key_malformed": Kind(
        400, "Idempotency-Key malformed", "Send one UUID of version 4 or 7, as 8-4-4-4-12 hexadecimal digits."
    ),
    "token_required": Kind(401, "Token required", "Send `Authorization: Bearer` with a token of the issuer."),
    "token_invalid": Kind(401, "Token not accepted", "Get a new token from the issuer."),
    "forbidden": Kind(403, "Forbidden", "Use a token of the party and the role that this is for."),
    "not_found": Kind(404, "Not found", "Check the path, and what it names: /docs shows what there is."),
    "batch_not_sent": Kind(409, "Batch not sent", "Let a second person send it first."),
    "needs_decision": Kind(409, "Needs a decision", "Decide the case: see /v1/cases."),
    "method_not_allowed": Kind(405, "Method not allowed", "See the Allow header."),
    "not_acceptable": Kind(406, "No such format", "Ask for one of the formats named in the detail."),
    "head_too_large": Kind(431, "Head too large", "Send fewer and shorter headers."),
    "body_timeout": Kind(408, "Body came too slowly", "Send the whole body at once."),
    "body_too_large": Kind(413, "Body too large", "Send less at a time."),
    "media_type_unsupported": Kind(
        415,
        "Media type not taken",
        "Send the body as the detail names it, in one Content-Type, uncompressed.",
    ),
    "file_not_taken": Kind(415, "File not taken", "Send a file of a type that is taken, as what it is."),
    "invalid": Kind(422, "Invalid request", "Correct the fields named in `errors`; the id is still free."),
    # What is wrong with us: nothing was decided as far as we know; the same request is safe to send again.
    "cannot_decide": Kind(500, "Cannot decide", "Tell us the request id; sending it again will not help."),
    "internal_error": Kind(
        500, "Internal error", "Send the same request again; if that does not help, tell us its id."
    ),
    "busy": Kind(503, "Busy", "Send the same request again after Retry-After."),
    "try_again": Kind(503, "Try again", "Send the same request again after Retry-After."),
    "channel_unavailable": Kind(
        409, "No such channel here", "Send it through a channel that this server has."
    ),
    "sealing_keys_missing": Kind(
        503, "Sealing keys missing", "Give the server its sealing keys: see docs/operations.md."
    ),
    "evidence_unavailable": Kind(
        503, "Evidence not there", "Tell us the request id; the folder of evidence cannot be used."
    ),
    "keys_unavailable": Kind(503, "Issuer unreachable", "Send the same request again after Retry-After."),
}
