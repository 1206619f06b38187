"""Objections (异议): a streamer's word against a statement, and finance's answer. Gap G22."""
