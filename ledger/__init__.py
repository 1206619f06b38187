"""The books: every movement of value on the platform is a journal entry here."""
