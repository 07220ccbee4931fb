"""Pages of accounts: they parse, call and render; what decides lies below."""
