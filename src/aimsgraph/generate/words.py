"""The words that names of synthetic units, people and suppliers are put together from."""

from __future__ import annotations

from typing import Final


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


FUNCTIONS: Final = _listed("""
    Treasury, Accounts Payable, Claims, Customer Service, Procurement, Pricing, Marketing,
    Recruiting, Payroll, Field Service, Warehousing, Fleet, Underwriting, Collections,
    Fraud Desk, Compliance, Legal Affairs, Tax, Sales, Online Shop, Returns, Quality,
    Maintenance, Production Planning, Laboratory, Product Design, Research, IT Operations,
    Service Desk, Security Operations, Learning, Facilities, Energy Desk, Customs,
    Export Control, Communications, Public Affairs, Real Estate, Investor Relations, Travel Desk
""")

REGIONS: Final = _listed("""
    Nordics, Baltics, Benelux, Iberia, Alps, Adriatic, Danube, Atlantic, Aegean, Carpathia
""")

FIRST_NAMES: Final = _listed("""
    Ada, Akua, Amir, Anneli, Astrid, Bao, Beatriz, Bogdan, Carla, Chidi, Dalia, Dmitri, Elif,
    Emeka, Esra, Fatima, Felix, Giulia, Goran, Hana, Henrik, Ines, Ivo, Jana, Jonas, Kaisa,
    Kofi, Lars, Leila, Luca, Maja, Marek, Mina, Nadia, Nils, Olga, Omar, Paulo, Petra, Rafael,
    Rosa, Samir, Sofia, Tomas, Uma, Viktor, Yara, Zoran
""")

LAST_NAMES: Final = _listed("""
    Abadi, Almeida, Andersen, Baker, Bauer, Berg, Bianchi, Castro, Cohen, Dahl, Diallo, Dubois,
    Eriksen, Farkas, Ferrari, Fischer, Garcia, Gruber, Haddad, Horvat, Ivanov, Jansen, Kaya,
    Keller, Kovacs, Larsen, Lindgren, Lopez, Maier, Mensah, Moreau, Nakamura, Ndiaye, Novak,
    Okafor, Olsen, Papadakis, Petrov, Popescu, Rahman, Rossi, Santos, Schmidt, Silva, Szabo,
    Tamm, Vogel, Weber, Yilmaz, Zhang
""")

TRADES: Final = ("Insurance", "Freight", "Retail", "Energy", "Foods", "Instruments", "Housing")

FIRM_NAMES: Final = _listed("""
    Meridian, Halden, Corvus, Lumen, Tessera, Aldgate, Brightwater, Norsund, Vantis, Quillon,
    Marble Arch, Ostrava, Fernhill, Kestrel, Palisade
""")

SERVICES: Final = ("Analytics", "Models", "Cloud", "Language", "Vision", "Decisions", "Software")


def organisation_name(turn: int) -> str:
    """Return the name of the organisation."""
    return f"{FIRM_NAMES[turn % len(FIRM_NAMES)]} {TRADES[turn % len(TRADES)]} Group"


def unit_name(index: int) -> str:
    """Return the name of a unit; no two are the same."""
    turn, function = divmod(index, len(FUNCTIONS))
    series, region = divmod(turn - 1, len(REGIONS))
    place = f" {REGIONS[region]}" if turn else ""
    return f"{FUNCTIONS[function]}{place}{f' {series + 1}' if series > 0 else ''}"


def person_name(index: int, turn: int) -> str:
    """Return the name of a person; after 2,400 of them a middle initial tells them apart."""
    firsts, lasts = len(FIRST_NAMES), len(LAST_NAMES)
    series, place = divmod(index, firsts * lasts)
    place = (place + turn) % (firsts * lasts)
    middle = f" {chr(ord('A') + (series - 1) % 26)}." if series else ""
    last = LAST_NAMES[(7 * place + place // firsts) % lasts]
    return f"{FIRST_NAMES[place % firsts]}{middle} {last}"


def supplier_name(index: int) -> str:
    """Return the name of a supplier; no two are the same."""
    turn, firm = divmod(index, len(FIRM_NAMES))
    series, shift = divmod(turn, len(SERVICES))
    service = SERVICES[(firm + shift) % len(SERVICES)]
    return f"{FIRM_NAMES[firm]} {service}{f' {series + 1}' if series else ''}"
