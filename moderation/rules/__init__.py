"""The rule book as versioned data: what is a violation, how much it weighs, and what may follow."""
