"""What a customer's name tells: whether it is a company's, an office's or a person's. Pure.

A guess for the form, shown there before anything is kept; whoever fills it in has the last word.
"""

from __future__ import annotations

import re

from techkit.records.parties import Contact, Customer, CustomerKind

#: Legal forms of the languages offered and their neighbours. Source: the forms' own laws, as companies write them.
_FORMS = (
    r"g?gmbh|mbh|ges\.? ?m\.? ?b\.? ?h\.?|ohg|gbr|kgaa|partg|mbb|e\.? ?v\.|e\.v|e\. ?k\.|e\.k|ltd|limited|llc|llp|inc|incorporated|corp|corporation|plc|"
    r"pty|sàrl|sarl|s\. ?à ?r\. ?l\.|sasu|sas|eurl|snc|sci|scp|s\. ?r\. ?l\.|srl|s\. ?p\. ?a\.|spa|vof|aps|a/s|oyj|"
    r"sp\. ?z ?o\. ?o\.|s\. ?r\. ?o\.|kft|d\. ?o\. ?o\."
)

#: Two letters with points are a form at the end of a name, and initials before it.
_AT_END = re.compile(r"(?<!\w)([sa]\. ?[as]|s\. ?l|[bn]\. ?v)\.\s*$", re.IGNORECASE)

#: Two letters are a form only as it is written: "Sá" and "Ag" are names of people.
_SHORT_FORMS = r"AG|KG|UG|SE|SA|BV|NV|AB|AS|Oy|OY|eG|eV|eK|EI"

#: What offices, practices, schools and shops call themselves; German ones end a longer word.
_PLACES = (
    r"\w*(praxis|kanzlei|apotheke|schule|gymnasium|kindergarten|verein|stiftung|gemeinde|stadtwerke|museum|gasthaus|bäckerei|metzgerei|autohaus|"
    r"werkstatt|büro|klinik|krankenhaus|universität|verlag|werke)|kita|hotel|hôtel|"
    r"practice|clinic|school|college|university|church|library|council|trust|foundation|association|society|club|company|bakery|pharmacy|nursery|"
    r"cabinet|école|lycée|collège|université|mairie|fondation|musée|pharmacie|boulangerie|clinique|société|établissements|ets|commune|"
    r"(&|und|and|et) (co|cie|sons|söhne|fils|partner|partners|associates|associés)"
)

_ORGANISED = re.compile(rf"(?<!\w)(({_FORMS}|{_PLACES})(?!\w))", re.IGNORECASE)
_ORGANISED_SHORT = re.compile(rf"(?<![\w.])({_SHORT_FORMS})(?![\w.])")

#: A name is short; what is longer was not typed as one.
_MOST_CHARACTERS = 200


def likely_kind(name: str) -> CustomerKind:
    """Return whether a customer's name is more likely an organisation's; an individual's where nothing tells."""
    text = name[:_MOST_CHARACTERS]
    is_organised = any(form.search(text) for form in (_ORGANISED, _ORGANISED_SHORT, _AT_END))
    return CustomerKind.ORGANISATION if is_organised else CustomerKind.INDIVIDUAL


def is_stand_in(contact: Contact, customer: Customer | None) -> bool:
    """Return whether a contact is only an organisation's own name: nobody was named when it was entered."""
    return (
        customer is not None
        and customer.kind is CustomerKind.ORGANISATION
        and contact.name == customer.display_name
    )
