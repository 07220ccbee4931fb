"""How much data is measured, on which database, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One amount of data; what is not named follows from the contacts as `customermates seed` has it."""

    name: str
    database: str
    contacts: int
    neighbours: int  # contacts of a second company in the same tables
    reads: int  # rounds of each read
    writes: int  # rounds of each write


SIZES = {
    size.name: size
    for size in (
        Size(name="tiny", database="sqlite", contacts=300, neighbours=0, reads=2, writes=2),
        Size(name="small", database="sqlite", contacts=100_000, neighbours=0, reads=60, writes=20),
        Size(name="full", database="postgresql", contacts=1_000_000, neighbours=10_000, reads=60, writes=20),
    )
}
