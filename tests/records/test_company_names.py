"""What a customer's name tells: a company's, an office's or a person's."""

from __future__ import annotations

import pytest

from techkit.records.company_names import likely_kind
from techkit.records.parties import CustomerKind


@pytest.mark.parametrize(
    "name",
    [
        "Muster GmbH", "muster gmbh & co. kg", "Brandt AG", "Turnverein Beispielstadt e.V.", "Zahnarztpraxis Dr. Ohm",
        "Steuerkanzlei Adler", "Grundschule am Teich", "Löwen-Apotheke", "Gasthaus zum Anker", "Meyer & Söhne",
        "Harbour Books Ltd", "Mill Lane Dental Practice", "St Anne's School", "Okafor and Sons", "Fictional Inc.",
        "Dupont SARL", "Cabinet Médical du Parc", "Mairie de Exempleville", "Boulangerie Martin", "Durand & Fils",
        "Rossi S.r.l.", "Esempio S.p.A.", "Voorbeeld B.V.", "Ejemplo S.L.", "Przykład Sp. z o.o.", "Esimerkki Oy",
    ],
)  # fmt: skip
def test_a_company_or_an_office_is_told(name: str) -> None:
    """Its legal form or what it calls itself tells, however it is written."""
    assert likely_kind(name) is CustomerKind.ORGANISATION


@pytest.mark.parametrize(
    "name",
    [
        "", "Mara Beispiel", "Jo Sa", "Ag Nielsen", "Inga Kirchner", "Schulze, Anna", "Peter Praxenthaler", "Ingrid Ltdorf",
        "Jean Hotelier", "Clara Clubbe", "Dr. Eva Stadler", "J. A. Smith", "B. V. Kumar", "Kees van Nv", "\u202e<b>" * 99,
    ],
)  # fmt: skip
def test_a_person_stays_one(name: str) -> None:
    """A family name that looks like a form or a trade is no company."""
    assert likely_kind(name) is CustomerKind.INDIVIDUAL
