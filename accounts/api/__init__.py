"""The REST door: what all its routes share, and those of accounts. Upper packages add their own routes."""
