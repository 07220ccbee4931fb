"""Notes and tasks in both languages of the sample company. `{name}` is whom they are about."""

from __future__ import annotations

ENGLISH_NOTES = (
    """## First call
Met {name} at the trade fair in Birmingham. They serve **about 300 cups a day** and the old machine
breaks down every other week.

- wants one machine for each floor
- cares about *fair trade* and paper cups
- budget is decided in the autumn
""",
    """## Tasting
The house blend won by far; the decaf was "surprisingly good".

- [x] bring samples
- [x] show the silent grinder
- [ ] send the data sheet
- [ ] ask about the water connection
""",
    """Prefers e-mail over phone. Decisions are made together with finance, usually within **two weeks**.
""",
    """## Meeting notes
1. Present contract ends in spring.
2. Service must come within 24 hours.
3. They compare us with one other supplier.

> "If the machine is down, nobody works here before ten."
""",
    """### To keep in mind
Deliveries only before 9 a.m., through the yard. Ask for {name} at the gate.
""",
)

GERMAN_NOTES = (
    """## Erstgespräch
{name} sucht Ersatz für zwei alte Geräte. Täglich etwa **250 Tassen**, montags deutlich mehr.

- Wartung muss im Preis enthalten sein
- Hafermilch ist Pflicht
- Entscheidung fällt mit der Geschäftsführung
""",
    """## Verkostung
Die Hausmischung kam am besten an, der Entkoffeinierte war „überraschend gut“.

- [x] Proben mitgebracht
- [x] leise Mühle vorgeführt
- [ ] Datenblatt schicken
- [ ] Wasseranschluss klären
""",
    """Am besten per E-Mail erreichbar, freitags nicht im Büro. Bestellungen immer mit **Bestellnummer**.
""",
    """## Gesprächsnotiz
1. Der laufende Vertrag endet im Frühjahr.
2. Reaktionszeit höchstens 24 Stunden.
3. Ein Vergleichsangebot liegt schon vor.

> „Wenn die Maschine steht, steht hier alles.“
""",
    """### Zu beachten
Anlieferung nur bis 9 Uhr über den Hof. An der Pforte nach {name} fragen.
""",
)

# (English, German, hours, channel)
ERRANDS = (
    ("Call {name} about the offer", "{name} wegen des Angebots anrufen", 0.25, "Phone"),
    ("Send the data sheet to {name}", "Datenblatt an {name} schicken", 0.25, "E-mail"),
    ("Prepare the tasting at {name}", "Verkostung bei {name} vorbereiten", 2, "Visit"),
    ("Visit {name}", "Besuch bei {name}", 3, "Visit"),
    ("Follow up with {name}", "Bei {name} nachfassen", 0.5, "Phone"),
    ("Write the offer for {name}", "Angebot für {name} schreiben", 1.5, "E-mail"),
    ("Check the water connection at {name}", "Wasseranschluss bei {name} prüfen", 1, "Visit"),
    ("Renew the service contract of {name}", "Wartungsvertrag von {name} verlängern", 0.75, "Video call"),
    ("Ask {name} for feedback on the trial", "Rückmeldung von {name} zum Testgerät einholen", 0.5, "Phone"),
    ("Send {name} the invoice again", "Rechnung noch einmal an {name} schicken", 0.25, "E-mail"),
)
