"""Access records: who looked at protected material, and when."""
