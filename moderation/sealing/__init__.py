"""What people tell moderation in their own words, and who they are: sealed, apart from the facts."""
