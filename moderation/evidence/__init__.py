"""Evidence: files nobody can read without the keys."""
