"""Payouts (提现): earnings on their way to the payee's bank, each of them once."""
