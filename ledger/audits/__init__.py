"""What must always be true, as SQL that a person can read: a file a promise, and `verify` to run them."""
