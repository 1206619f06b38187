"""Access records: every look at what is protected, and every act, is written down in the same commit."""
