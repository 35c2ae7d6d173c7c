"""An archive of invented reference documents, any number of them, in four languages: the haystack of searches."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

BUILT_OF = "bar del fen gor hal im jor kel lun mor nar os pel quin ros sar tel ul ver wes yar zel"
SYLLABLES = BUILT_OF.split(" ")
YEAR = "January February March April May June July August September October November December"
WEEK = "Monday Tuesday Wednesday Thursday Friday"

SENTENCES = {
    "en": (
        (
            "In {year} a household in {place} used {n} kilowatt-hours of electricity, {pct} per cent of it at night.",
            "The hydroelectric station above {town} delivers {n} megawatts when the reservoir is full.",
            "{body} expects the grid charge to {moved} by {dec} per cent next spring.",
            "Wind supplied {pct} per cent of all power in the {nth} quarter, a little more than coal.",
            "The minister for energy, {name}, opened a substation near {town} on {day}.",
            "Prices on the exchange averaged {dec} marks per megawatt-hour in {month}.",
        ),
        (
            "In {year} the schools of {place} taught {n} children, {small} of them in boats on the lake.",
            "{body} counted {n} teachers, of whom {pct} per cent were older than fifty.",
            "Marks in mathematics {moved} by {dec} points in {town}; those in reading stayed as they were.",
            "The education committee under {name} meets again in {month}.",
            "Every {nth} pupil travels by bus, the survey of {year} found.",
            "A class of {small} is the largest that the law of {place} allows.",
        ),
        (
            "The ferry {ship} sails from {town} twice a day and takes {n} passengers.",
            "An inspector of {body} examined the lifeboats of the {ship} in {month} and listed {small} repairs.",
            "The coastguard of {place} answered {n} calls in {year}, {small} of them from fishing vessels.",
            "{name}, her captain since {year}, retires at the end of {month}.",
            "The wind off {town} blew at {small} knots on {day} and the harbour was shut.",
            "The court heard {small} witnesses about the repairs of the {ship}.",
        ),
        (
            "The council of {town} spent {dec} million marks on housing in {year}.",
            "Tenants in {place} pay {n} marks a month on average, {body} reported.",
            "The tramway to {town} opened in {year} with {small} stops and carried {n} people on its first {day}.",
            "The debt of the town {moved} by {pct} per cent, said its treasurer, {name}.",
            "A monthly pass costs {dec} marks and will be dearer from {month}.",
            "Parking brought in {n} marks a day in the {nth} quarter.",
        ),
        (
            "Farmers around {town} harvested {n} tonnes of barley in {year}.",
            "The hospital of {place} has {n} beds and treated {pct} per cent more patients than planned.",
            "Police in {town} recorded {n} burglaries, fewer than in any year since {year}.",
            "The museum of {body} was visited by {n} people in {month}.",
            "{name} won the vote with {pct} per cent in the {nth} round.",
            "Unemployment {moved} to {dec} per cent, according to {body}.",
        ),
    ),
    "de": (
        (
            "Im Jahr {year} verbrauchte ein Haushalt in {place} im Schnitt {n} Kilowattstunden Strom.",
            "Das Stauwerk bei {town} leistet {n} Megawatt, meldet {body}.",
            "{name} übernahm im {month} die Leitung der Stadtwerke.",
            "Windkraft deckte {pct} Prozent des Bedarfs.",
        ),
        (
            "An den Schulen von {place} unterrichteten {year} genau {n} Lehrkräfte.",
            "{body} befragte {n} Eltern; {pct} Prozent waren zufrieden.",
            "Die größte Klasse in {town} zählt {small} Kinder.",
            "{name} leitet den Ausschuss seit {year}.",
        ),
    ),
    "fr": (
        (
            "En {year}, {town} a consacré {dec} millions de francs au logement.",
            "Le tramway de {place} compte {small} stations et {n} abonnés, selon {body}.",
            "{name}, trésorière de la commune, a présenté les comptes en {month}.",
            "Les loyers ont varié de {pct} % en un an.",
        ),
        (
            "L'hôpital de {town} a accueilli {n} patients en {year}.",
            "{body} emploie {n} personnes à {place}.",
            "La récolte a perdu {pct} % à cause du gel.",
            "{name} a été élu avec {small} voix d'avance.",
        ),
    ),
    "sv": (
        (
            "Färjan {ship} går från {town} och tar {n} passagerare.",
            "{body} räknade {n} resor under {year}.",
            "{name} blev hamnchef i {place} {year}.",
            "Vinden nådde {small} meter per sekund utanför {town}.",
        ),
    ),
}
"""Sentences about matters, by language; words and figures of each document go into the gaps."""


def archive(number: int, *, seed: int = 1) -> Iterator[tuple[str, str]]:
    """File names and contents, with front matter; the same for the same numbers everywhere."""
    draw = random.Random(seed)
    for at in range(number):
        language = draw.choices(list(SENTENCES), weights=[6, 2, 2, 1])[0]
        matter = draw.choice(SENTENCES[language])
        own = _facts(draw)
        count = draw.randint(4, 7)
        sentences = [_filled(draw.choice(matter), own, draw) for _ in range(count)]
        title = _filled(draw.choice(matter), own, draw).rstrip(".")
        text = " ".join(sentences[: count // 2]) + "\n\n" + " ".join(sentences[count // 2 :])
        date = f"{own['year']}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        head = f"---\ntitle: {title!r}\npublisher: {own['body']}\npublished: {date}\nlanguage: {language}\n---\n"
        yield f"{at // 500:03}/{at:05}.md", f"{head}{text}\n"


def write_archive(folder: Path, number: int, *, seed: int = 1) -> None:
    """Write so many documents into a folder, 500 a subfolder."""
    for name, content in archive(number, seed=seed):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _word(draw: random.Random, parts: int = 2) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(parts)).capitalize()


def _facts(draw: random.Random) -> dict[str, str]:
    """What stays the same through a document: its places, people and bodies."""
    return {
        "place": _word(draw, 3),
        "town": _word(draw),
        "name": f"{_word(draw)} {_word(draw)}",
        "ship": f"{_word(draw)} {_word(draw, 1)}",
        "body": f"{_word(draw)} {draw.choice(['Institute', 'Agency', 'Union', 'Council', 'Times', 'Herald'])}",
        "year": str(draw.randint(1985, 2024)),
    }


def _filled(sentence: str, own: dict[str, str], draw: random.Random) -> str:
    now = {
        "n": f"{draw.randint(20, 9_999):,}",
        "small": str(draw.randint(2, 60)),
        "pct": f"{draw.randint(0, 60)}.{draw.randint(1, 9)}",
        "dec": f"{draw.randint(1, 60)}.{draw.randint(1, 9)}",
        "nth": draw.choice(["first", "second", "third", "last"]),
        "moved": draw.choice(["rose", "fell"]),
        "month": draw.choice(YEAR.split(" ")),
        "day": draw.choice(WEEK.split(" ")),
    }
    return sentence.format(**own, **now)
