"""A believable company for a first look: Northwind Trading, which brings coffee to other companies."""
