"""Twenty matters, each told in two languages without a shared word or name, with topics as extraction writes them."""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """A matter as an earlier article has it and as a new one has it."""

    earlier: str
    earlier_topic: str
    new: str
    new_topic: str


MATTERS = (
    Told("Die Fähre wird im Herbst teurer.", "ferry ticket prices",
         "Lauttaliput eivät kallistu tänä vuonna.", "price of ferry tickets"),
    Told("La piscina municipal reabrirá en mayo.", "reopening of municipal swimming pool",
         "Das Hallenbad bleibt bis zum nächsten Jahr zu.", "swimming pool closure"),
    Told("Sairaalan synnytysosasto suljetaan.", "closing hospital maternity ward",
         "Babies will go on being born at the clinic.", "future of the maternity ward"),
    Told("The council will not sell the forest.", "sale of the municipal forest",
         "Der Wald wird an einen Investor veräußert.", "selling the forest"),
    Told("Las vacunas llegaron a tiempo.", "delivery of vaccines",
         "Rokotteet myöhästyivät kolme viikkoa.", "late vaccine delivery"),
    Told("Der Tunnel kostet vierzig Millionen.", "cost of the road tunnel",
         "Boring under the hill will come to sixty-five.", "tunnel construction costs"),
    Told("Koulun katto on turvallinen.", "safety of the school roof",
         "The beams above the classrooms may come down.", "school roof condition"),
    Told("We drank from that well without any trouble.", "drinking water quality of the well",
         "El pozo estaba contaminado con arsénico.", "arsenic in well water"),
    Told("Die Lehrer streiken nicht.", "teachers' strike",
         "Los maestros dejarán las aulas el lunes.", "strike of teachers"),
    Told("El puente resistirá otro siglo.", "condition of the old bridge",
         "Siltaa ei saa enää ylittää kuorma-autolla.", "bridge load restrictions"),
    Told("Tuulivoimaa rakennetaan vain merelle.", "siting of wind power",
         "Turbines will stand on the ridge by winter.", "wind turbines on the ridge"),
    Told("Police had no warning of the march.", "police knowledge of the march",
         "La comisaría sabía de la manifestación desde el martes.", "police warning of demonstration"),
    Told("Der Bürgermeister tritt nicht noch einmal an.", "mayor's candidacy for re-election",
         "He will stand again in June.", "mayor running for re-election"),
    Told("La fábrica no despedirá a nadie.", "job cuts at the factory",
         "Neunzig Stellen fallen weg.", "factory layoffs"),
    Told("Kirjasto saa pitää kaikki työntekijänsä.", "library staffing",
         "Two of five librarians have to leave.", "library staff reductions"),
    Told("No fish died in the lake.", "fish deaths in the lake",
         "Im See trieben tausende tote Forellen.", "dead fish in lake"),
    Told("Die Miete darf höchstens um drei Prozent steigen.", "rent increase limit",
         "El tope para los alquileres será del siete.", "cap on rent increases"),
    Told("El aeropuerto cerrará de noche.", "night flights at the airport",
         "Koneet laskeutuvat myös aamuyöllä.", "airport night traffic"),
    Told("Jätteenpolttamo ei haise.", "smell from the waste incinerator",
         "Neighbours shut their windows because of the stench.", "odour of waste incineration plant"),
    Told("The archive burned by accident.", "cause of the archive fire",
         "Alguien prendió fuego a los legajos.", "arson at the archive"),
)  # fmt: skip
