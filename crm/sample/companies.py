"""Organizations: made-up customers of a coffee trader, in Great Britain, Ireland, Germany and around."""

from __future__ import annotations

from typing import NamedTuple


class Customer(NamedTuple):
    """One organization; the revenue is in thousands a year."""

    name: str
    city: str
    industry: str
    employees: int
    revenue: int
    german: bool = False
    pounds: bool = False  # does business in GBP


INDUSTRIES = (
    "Hospitality",
    "Technology",
    "Logistics",
    "Manufacturing",
    "Health care",
    "Professional services",
    "Retail",
    "Public sector",
)

# The numbering plans of both countries keep these ranges free for films and examples:
# Ofcom, "Numbers for drama use"; Bundesnetzagentur, "Drama Numbers".
PHONES = {
    "London": "+44 20 7946 0",
    "Manchester": "+44 161 496 0",
    "Edinburgh": "+44 131 496 0",
    "Leeds": "+44 113 496 0",
    "Birmingham": "+44 121 496 0",
    "Bristol": "+44 117 496 0",
    "Berlin": "+49 30 23125 ",
    "Hamburg": "+49 40 66969 ",
    "Frankfurt": "+49 69 90009 ",
    "Köln": "+49 221 4710 ",
    "München": "+49 89 99998 ",
}

CUSTOMERS = (
    Customer("Alderbrook Hotels", "London", "Hospitality", 840, 61_000, pounds=True),
    Customer("Beacon & Rye", "London", "Professional services", 120, 14_500, pounds=True),
    Customer("Bramble Lane Schools Trust", "Leeds", "Public sector", 610, 28_000, pounds=True),
    Customer("Brightwater Foods", "Bristol", "Manufacturing", 430, 88_000, pounds=True),
    Customer("Caldervale Clinics", "Leeds", "Health care", 350, 31_000, pounds=True),
    Customer("Canning Street Studios", "Manchester", "Technology", 64, 7_200, pounds=True),
    Customer("Castlefold Insurance", "Edinburgh", "Professional services", 980, 240_000, pounds=True),
    Customer("Copperhollow Energy", "Birmingham", "Manufacturing", 1_450, 510_000, pounds=True),
    Customer("Dunmore Freight", "London", "Logistics", 720, 133_000, pounds=True),
    Customer("Eastgate Robotics", "Manchester", "Technology", 210, 35_000, pounds=True),
    Customer("Fernhill Architects", "Bristol", "Professional services", 48, 5_900, pounds=True),
    Customer("Foxglove Books", "Edinburgh", "Retail", 160, 19_000, pounds=True),
    Customer("Glenmara Distillers", "Edinburgh", "Manufacturing", 95, 22_000, pounds=True),
    Customer("Harbour Row Hotels", "Bristol", "Hospitality", 275, 24_000, pounds=True),
    Customer("Hollins & Pike Solicitors", "Manchester", "Professional services", 130, 17_500, pounds=True),
    Customer("Ironbridge Machining", "Birmingham", "Manufacturing", 310, 47_000, pounds=True),
    Customer("Junipergate Health", "London", "Health care", 1_900, 205_000, pounds=True),
    Customer("Kestrel Analytics", "London", "Technology", 88, 12_400, pounds=True),
    Customer("Kingfisher Parcels", "Birmingham", "Logistics", 560, 74_000, pounds=True),
    Customer("Larkspur Interiors", "Leeds", "Retail", 140, 16_000, pounds=True),
    Customer("Marlstone Water", "Manchester", "Public sector", 1_100, 190_000, pounds=True),
    Customer("Meadowbank College", "Edinburgh", "Public sector", 520, 39_000, pounds=True),
    Customer("Nimbus Cloudworks", "London", "Technology", 330, 58_000, pounds=True),
    Customer("Orchard & Finch", "Bristol", "Retail", 75, 8_300, pounds=True),
    Customer("Pennine Print Works", "Leeds", "Manufacturing", 115, 13_800, pounds=True),
    Customer("Quayside Conference Centre", "London", "Hospitality", 190, 21_000, pounds=True),
    Customer("Redthorn Capital", "London", "Professional services", 72, 41_000, pounds=True),
    Customer("Saltmarsh Biotech", "Bristol", "Health care", 145, 18_600, pounds=True),
    Customer("Tiderace Yachts", "Edinburgh", "Manufacturing", 230, 52_000, pounds=True),
    Customer("Wren & Daughters Bakery", "Manchester", "Hospitality", 58, 4_100, pounds=True),
    Customer("Ahrensweg Klinikverbund", "Hamburg", "Health care", 2_300, 260_000, german=True),
    Customer("Alsterkontor Versicherungen", "Hamburg", "Professional services", 870, 310_000, german=True),
    Customer("Bergquell Getränke GmbH", "München", "Manufacturing", 410, 96_000, german=True),
    Customer("Birkenhof Hotels", "Berlin", "Hospitality", 560, 43_000, german=True),
    Customer("Blaufuchs Software GmbH", "Berlin", "Technology", 95, 11_800, german=True),
    Customer("Dreyhaupt & Söhne Spedition", "Hamburg", "Logistics", 640, 118_000, german=True),
    Customer("Domspitz Medien", "Köln", "Technology", 180, 26_000, german=True),
    Customer("Eichenthal Möbel", "Frankfurt", "Retail", 290, 48_000, german=True),
    Customer("Elbufer Logistik AG", "Hamburg", "Logistics", 1_250, 330_000, german=True),
    Customer("Fährhaus Gastronomie", "Hamburg", "Hospitality", 85, 6_700, german=True),
    Customer("Fichtelgrund Maschinenbau", "München", "Manufacturing", 760, 142_000, german=True),
    Customer("Grünwald Steuerberatung", "München", "Professional services", 54, 6_200, german=True),
    Customer("Havelblick Tagungszentrum", "Berlin", "Hospitality", 130, 12_900, german=True),
    Customer("Isarsignal Systeme", "München", "Technology", 340, 55_000, german=True),
    Customer("Kolibri Pharma GmbH", "Frankfurt", "Health care", 930, 275_000, german=True),
    Customer("Kranichfeld Stadtwerke", "Berlin", "Public sector", 1_050, 198_000, german=True),
    Customer("Lindenallee Schulen gGmbH", "Berlin", "Public sector", 480, 25_000, german=True),
    Customer("Mainufer Immobilien", "Frankfurt", "Professional services", 110, 34_000, german=True),
    Customer("Morgenrot Bäckereien", "Köln", "Retail", 690, 38_000, german=True),
    Customer("Nordlicht Optik", "Hamburg", "Retail", 220, 29_000, german=True),
    Customer("Ostkreuz Kreativagentur", "Berlin", "Professional services", 46, 4_800, german=True),
    Customer("Rheinbogen Hotel KG", "Köln", "Hospitality", 240, 19_500, german=True),
    Customer("Rotbuche Verlag", "Frankfurt", "Retail", 155, 21_000, german=True),
    Customer("Schäferberg Solartechnik", "Berlin", "Manufacturing", 270, 63_000, german=True),
    Customer("Silbersee Reha-Zentren", "München", "Health care", 620, 51_000, german=True),
    Customer("Spreewerk Robotik", "Berlin", "Technology", 140, 17_200, german=True),
    Customer("Taunusblick Bank eG", "Frankfurt", "Professional services", 510, 150_000, german=True),
    Customer("Überlinger Textil", "München", "Manufacturing", 185, 23_500, german=True),
    Customer("Wallner & Möhring Anwälte", "Köln", "Professional services", 68, 9_900, german=True),
    Customer("Zeppelinhafen Messe", "Köln", "Hospitality", 330, 45_000, german=True),
)
