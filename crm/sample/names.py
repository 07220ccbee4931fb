"""People: made-up, in the two languages the sample company speaks."""

from __future__ import annotations

ENGLISH_FIRST = (
    *("Alice Amelia Arthur Beatrice Benjamin Bethany Callum Charlotte Daisy Daniel Edith Edward".split()),
    *("Eleanor Finley Florence Freya George Grace Harriet Harvey Imogen Isaac Isla Jasper Joseph".split()),
    *("Keira Leo Lydia Martha Maisie Nathan Nora Oliver Oscar Phoebe Poppy Rowan Rupert Samuel".split()),
    *("Saoirse Sebastian Siobhan Theodore Tabitha Violet Wilfred Winifred Zachary".split()),
)
ENGLISH_LAST = (
    *("Abbott Ainsworth Barlow Beckett Blackwood Bramley Carrick Chadwick Cotterill Dalton Darby".split()),
    *("Eastwick Fairbairn Fenwick Garside Greenhalgh Hadley Hargreaves Holloway Ingram Jardine".split()),
    *("Kershaw Kingsley Langford Lockwood Marlowe Merriweather Norwood Oakden Pemberton Penrose".split()),
    *("Quill Radcliffe Ridley Sedgwick Stirling Tattersall Thackeray Underhill Vickers Wainwright".split()),
    *("Whitlock Winterbourne Yardley O’Brien MacAllister".split()),
)
GERMAN_FIRST = (
    *("Anke Annika Antje Arne Birgit Björn Carsten Claudia Dörte Elif Emre Felix Florian Franziska".split()),
    *("Frauke Gesa Hannah Heiko Henrike Ingo Jana Jörg Jürgen Karsten Katharina Kerstin Klara".split()),
    *("Lars Lena Leonie Lukas Maren Matthias Mehmet Merle Moritz Nele Niklas Paula Philipp Ronja".split()),
    *("Rüdiger Sabine Silke Stefan Svenja Thorsten Ulrike Wiebke Yasemin".split()),
)
GERMAN_LAST = (
    *("Ackermann Albers Asmussen Bächle Behrens Böttcher Brandt Claußen Dammann Diekmann Ebeling".split()),
    *("Engelhardt Fährmann Friedrichs Gerlach Größer Hagedorn Hansen Heinemann Hölscher Jansen".split()),
    *("Kaiser Kästner Kessler Köster Krüger Lindemann Lüders Maaßen Mertens Möller Nissen Oelkers".split()),
    *("Petersen Pfeiffer Rademacher Röhrig Sander Schäfer Schlüter Stöver Tiedemann Vogelsang".split()),
    *("Wächter Wiegand Yilmaz Zöllner".split()),
)

ENGLISH_TITLES = (
    "Office manager",
    "Head of purchasing",
    "Facility manager",
    "Workplace experience lead",
    "Chief operating officer",
    "Finance director",
    "People and culture manager",
    "Buyer",
    "Executive assistant",
    "Food and beverage manager",
    "Managing director",
    "Sustainability lead",
)
GERMAN_TITLES = (
    "Büroleitung",
    "Leitung Einkauf",
    "Leitung Facility Management",
    "Strategische Einkäuferin",
    "Geschäftsführung",
    "Kaufmännische Leitung",
    "Personalreferent",
    "Assistenz der Geschäftsführung",
    "Küchenleitung",
    "Hoteldirektion",
    "Einkäufer",
    "Nachhaltigkeitsbeauftragte",
)

# (first name, last name, role): who sells at the sample company beside its owner.
COLLEAGUES = (
    ("Mara", "Lindqvist", "member"),
    ("Tobias", "Falkenried", "member"),
    ("Priya", "Raman", "member"),
)
