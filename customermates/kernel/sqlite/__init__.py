"""SQLite as Django's database, with writers who wait for their turn in short steps."""
