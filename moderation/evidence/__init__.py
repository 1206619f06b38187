"""Evidence: files that a case rests on, kept encrypted in a folder, known by the hash of their content."""
