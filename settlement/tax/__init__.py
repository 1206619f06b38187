"""Tax (税): withholding on what persons are paid, and the report of what everybody was."""
