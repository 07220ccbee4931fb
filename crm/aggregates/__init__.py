"""Groups of records and what they add up to."""
