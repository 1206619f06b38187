"""Moderation: the agreement's rules, and the freezes and forfeits that rest on them."""
