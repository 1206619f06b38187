"""What a measure took of gifts and accruals, received again once an appeal gives it back."""
