"""What the sample company sells, and in which combinations deals ask for it."""

from __future__ import annotations

from typing import NamedTuple


class Item(NamedTuple):
    """One service; the price is in the company's currency."""

    sku: str
    name: str
    price: float
    supplier: str
    weight: float | None = None  # kg


ITEMS = (
    Item("ESP-200", "Espresso machine, two groups", 6_490, "Officine Bellariva", 62.5),
    Item("ESP-100", "Espresso machine, office size", 2_850, "Officine Bellariva", 31),
    Item("FIL-40", "Filter coffee station, 40 cups", 890, "Nordbrygg", 9.4),
    Item("GRI-1", "Bean grinder, silent", 640, "Officine Bellariva", 7.2),
    Item("BEA-10", "House blend, 10 kg", 189, "Rösterei Kornblume", 10),
    Item("BEA-DECAF", "Decaf, 5 kg", 112.5, "Rösterei Kornblume", 5),
    Item("TEA-1", "Tea selection, 400 bags", 74.9, "Harrow & Leaf", 1.6),
    Item("OAT-24", "Oat drink, 24 × 1 l", 38.4, "Haferhof Lüneburg", 25),
    Item("INS-1", "Installation and water connection", 420, "Northwind"),
    Item("SER-12", "Service contract, 12 months", 1_080, "Northwind"),
    Item("TRA-1", "Barista training, half a day", 560, "Northwind"),
    Item("TAS-1", "Coffee tasting at your office", 240, "Northwind"),
)


class Project(NamedTuple):
    """A kind of deal: its name in both languages, and how many of what it usually takes."""

    english: str
    german: str
    lines: tuple[tuple[str, int, int], ...]  # (sku, at least, at most)


PROJECTS = (
    Project(
        "Coffee corners, {city} office",
        "Kaffee-Ecken Standort {city}",
        (("ESP-100", 2, 8), ("GRI-1", 2, 8), ("INS-1", 1, 4), ("BEA-10", 6, 30)),
    ),
    Project(
        "Lobby espresso bar",
        "Espressobar im Foyer",
        (("ESP-200", 1, 3), ("GRI-1", 1, 3), ("INS-1", 1, 2), ("TRA-1", 1, 3)),
    ),
    Project(
        "Bean subscription for the year",
        "Bohnen-Abo für das Jahr",
        (("BEA-10", 24, 160), ("BEA-DECAF", 4, 24), ("OAT-24", 6, 60)),
    ),
    Project(
        "Breakfast room refit",
        "Erneuerung Frühstücksraum",
        (("ESP-200", 1, 2), ("FIL-40", 2, 6), ("TEA-1", 4, 12), ("INS-1", 1, 2)),
    ),
    Project("Service contract renewal", "Verlängerung Wartungsvertrag", (("SER-12", 1, 12),)),
    Project("Tasting and pilot machine", "Verkostung und Testgerät", (("TAS-1", 1, 2), ("ESP-100", 1, 1))),
    Project("Canteen filter stations", "Filterstationen Kantine", (("FIL-40", 3, 14), ("BEA-10", 10, 40))),
    Project("Framework agreement", "Rahmenvertrag", ()),
    Project(
        "Second site roll-out",
        "Ausstattung zweiter Standort",
        (("ESP-100", 4, 12), ("GRI-1", 4, 12), ("SER-12", 4, 12), ("TRA-1", 1, 4)),
    ),
)

# (stage, how many of the 120 deals)
STAGES = (("New", 22), ("Qualified", 24), ("Proposal", 20), ("Negotiation", 12), ("Won", 28), ("Lost", 14))

COMPETITORS = ("Bohnenwerk", "Grindhouse Supply", "Kaffeekontor Süd", "Perkfleet", "No one yet")

LOST_REASONS = (
    "Budget was cut",
    "Stayed with their supplier",
    "Competitor was cheaper",
    "Umzug des Standorts verschoben",
    "Keine Rückmeldung",
)
NEXT_STEPS = (
    "Send the revised offer",
    "Angebot nachfassen",
    "Arrange a tasting",
    "Wasseranschluss klären",
    "Wait for the board meeting",
    "Vertrag prüfen lassen",
)
