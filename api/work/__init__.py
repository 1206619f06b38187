"""Work that is due later, or after a commit: jobs in the database, done by workers (Procrastinate)."""
