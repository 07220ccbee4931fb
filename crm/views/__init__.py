"""Pages of the CRM: they parse, call `services` and `queries`, and render."""
