"""Words that generated data is made of; some with umlauts and accents, as real names have them."""

from __future__ import annotations

FIRST_NAMES = tuple(
    """Ada Alan Alma Amélie Anna Anton Aylin Ben Björn Carla Chloé Clara Daniel David Dörte Elena Emil Emma
    Eva Felix Finn Frida Greta Hannah Ida Ines Jakob Jan Jonas Jörg Julia Jürgen Karim Käthe Kim Lara Lea
    Leila Lena Leon Lina Lukas Mara Marie Max Mia Mila Noah Nora Olga Oskar Paul Pía René Rosa Sara Sönke
    Tim Tom Yara Zoë""".split()
)
LAST_NAMES = tuple(
    """Albrecht Arnold Bauer Becker Bergmann Böhm Brandt Braun Byron Dietrich Engel Fischer Frank Fuchs García
    Graf Groß Günther Haas Hahn Hansen Hartmann Heinrich Herrmann Hoffmann Horn Huber Jäger Jansen Jung Kaiser
    Keller Klein Koch Köhler König Krämer Krause Krüger Kuhn Lang Lange Lehmann Lovelace Ludwig Maier Martin
    Möller Müller Neumann Nguyen Novák Otto Özdemir Peters Pfeiffer Pohl Richter Roth Sauer Schäfer Schmidt
    Schneider Schröder Schulz Schwarz Seidel Simon Sommer Stein Vogel Vogt Wagner Walter Weber Weiß Werner
    Winkler Winter Wolf Ziegler Zimmermann""".split()
)
COMPANY_KINDS = ("AG", "Bau", "Consulting", "Elektro", "GmbH", "Handel", "Labs", "Logistik", "Ltd", "Werke")
JOBS = (
    *("Buyer", "Consultant", "Engineer", "Founder", "Head of IT", "Head of purchasing", "Managing director"),
    *("Assistant", "Controller", "Plant manager", "Project manager", "Geschäftsführerin", "Einkäufer"),
)
CITIES = tuple(
    """Aachen Augsburg Basel Berlin Bern Bielefeld Bochum Bonn Braunschweig Bremen Brügge Chemnitz Darmstadt
    Dortmund Dresden Duisburg Düsseldorf Erfurt Essen Frankfurt Freiburg Genf Graz Göttingen Halle Hamburg
    Hannover Heidelberg Ingolstadt Innsbruck Jena Karlsruhe Kassel Kiel Koblenz Köln Krefeld Leipzig Linz
    Lübeck Luzern Magdeburg Mainz Mannheim München Münster Nürnberg Oldenburg Osnabrück Potsdam Regensburg
    Rostock Saarbrücken Salzburg Stuttgart Trier Ulm Wien Wiesbaden Würzburg Zürich""".split()
)
TOPICS = (
    "Extension",
    "Framework contract",
    "Pilot",
    "Relaunch",
    "Renewal",
    "Retrofit",
    "Roll-out",
    "Spare parts",
)
OFFERS = ("Audit", "Installation", "Licence", "Maintenance", "Setup", "Support", "Training", "Workshop")
TODOS = (
    "Call back",
    "Follow up",
    "Prepare demo",
    "Review contract",
    "Send offer",
    "Visit",
    "Angebot schicken",
)
NOTE = "Met at the fair.\n\n**Next step:** send the offer."
