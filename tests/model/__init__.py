"""An independent model of the event files that `zhibo replay` plays, and a maker of hard ones.

`lines` reads, `books` decides and counts, `arbitrary` invents. It imports nothing of ours: the ledger and the
model are two readings of one text, and a test that compares them finds what one of the two misread.

    python -m tests.model FILE --refusals OUT --balances OUT      what must come of a file
    python -m tests.model.arbitrary --seed 1 --events 5000        a file that tries everything

Where the format's text leaves room, this is what the model reads; [sample] where the sample evening decides
it, otherwise the evening is silent.

Lines
  L1  A UUID of version 4 or 7 has the variant of RFC 9562 too (first digit of the fourth group 8, 9, a or b):
      without it there is no version.
  L2  The 64 KiB (65536 bytes) are counted without the LF and without one CR before it.
  L3  `through` is YYYY-MM-DD, a day that exists, in the same years 2000 to 2999.
  L4  The years are those written, not those of the instant: 2000-01-01T00:00:00+08:00 is well formed.
  L5  Hours run to 23 (no 24:00:00), an offset from -23:59 to +23:59, `-00:00` included; `T` and `Z` are upper
      case, digits ASCII; after a decimal point stands at least one digit.
  L6  `.5` and `.500000` are the same instant, so the same content.
  L7  Characters are code points, control characters Unicode's category Cc (U+0000-U+001F, U+007F-U+009F).
      Format characters (a BOM inside a text), U+2028 and noncharacters are allowed.
  L8  A pair of surrogate escapes is one character; half a pair is malformed [sample], as is raw
      UTF-8 that spells one.
  L9  Names of fields are compared as parsed: `"coins"` after `"\\u0063oins"` stands there twice.
  L10 A freeze's amount in the other currency is malformed: the account stands in the same line. A
      forfeit's is `currency_mismatch` [sample]: the account does not.
  L11 `-0` is an integer from 0 to 10000.
  L12 An empty file is no line; after a last LF comes no further line [sample].

Books
  B1  A frozen `gifts` receives tips and a frozen `earnings` receives settlements [sample].
  B2  A null freeze touches no account. (An amount is only held of what arrived, so an amount freeze never is
      the first to touch one.)
  B3  A null forfeit takes what is available; what other freezes hold on that account stays held.
  B4  A refused forfeit ends nothing: the freeze can still be lifted [sample].
  B5  The day's coins are counted from the first tip on, before any limit and across limits.
  B6  A refused top-up leaves its `channel_txn` free; one number may serve both channels [sample].
  B7  `limit_exceeded` comes before `insufficient_funds`, `gift_not_on_sale` before `account_not_found`
      [sample]; `account_not_found` before `payment_already_credited`.
  B8  Each repeat of a conflicting event is `id_conflict` again; only the first decision stands.
  B9  A repeated refusal is not judged again, whatever it would get now.
  B10 The order of `roles` is content: the same id with the roles turned is `id_conflict`.
  B11 At a share of 0 nothing touches `earnings`, at 10000 nothing touches `gift_revenue`.
  B12 An amount freeze on a frozen account, and freezes of both kinds on one account, are accepted [sample].
  B13 Price times quantity may reach 10^18 coins: `limit_exceeded` or `insufficient_funds`, not malformed.
  B14 Parties may be called `platform` or `wechat`; their accounts are of other kinds.
"""
