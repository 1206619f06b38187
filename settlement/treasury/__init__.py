"""What finance moves at the bank by hand: tax handed over to the tax office, and debts paid in."""
