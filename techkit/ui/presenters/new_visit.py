"""A visit for somebody new, or for a known customer without an appointment: one short form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import N_, _
from techkit.records.assets import Asset, Phase
from techkit.records.company_names import likely_kind
from techkit.records.entering import check, clean_text
from techkit.records.findings import CheckResult, Complaint
from techkit.records.identity import new_id
from techkit.records.parties import CUSTOMER_KINDS, Contact, Customer, CustomerKind, Paper, Payer, Site
from techkit.records.schema import MAX_LINE, Record, spec_of
from techkit.records.templates import VisitTemplate, planned
from techkit.records.visit import Visit
from techkit.ui.presenters import this_computer
from techkit.ui.presenters.choices import Choice, FormField, FormState
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.looking import records_of_look
from techkit.ui.presenters.need import complaint_in
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.templates import TemplateRow, all_templates, line_of
from techkit.ui.presenters.this_computer import ThisComputer

#: Customers that may be meant, shown beside the form.
MOST_MATCHES = 5

#: name, label, control, is it asked at once.
_FIELDS = (
    ("customer", N_("Customer"), "line", True),
    ("purpose", N_("The need, in the customer’s own words"), "text", True),
    ("street", N_("Street and number"), "line", True),
    ("town", N_("Postal code and town"), "line", True),
    ("person", N_("Person at the computer"), "line", False),
    ("phone", N_("Telephone"), "line", False),
    ("kind", N_("Kind of customer"), "choice", False),
    ("language", N_("Language of the summary"), "choice", False),
    ("payer", N_("Who pays, if somebody else"), "line", False),
    ("payer_address", N_("Their address"), "text", False),
    ("large_print", N_("Large print"), "truth", False),
)
_REQUIRED = ("customer", "purpose", "street", "town")


@dataclass(frozen=True, kw_only=True)
class NewVisitState:
    """The form (four required fields), customers that may be meant, and what is still missing.

    templates: plans to begin with; template: the chosen one's id, "" for none.
    """

    form: FormState
    matches: tuple[Choice, ...] = ()
    templates: tuple[TemplateRow, ...] = ()
    template: str = ""
    computer_line: str = ""
    may_start: bool = False
    error: str = ""


class NewVisit:
    """The form of a new visit. on_open: called with the visit's id once it is kept.

    this: the computer techkit runs on; it is proposed for the visit on a customer's computer. template: the id
    of the plan to begin with. checked: a quick check made before, kept as the visit's first one.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        on_open: Callable[[str], object],
        this: ThisComputer | None = None,
        *,
        may_see_all: bool | None = None,
        template: str = "",
        checked: CheckResult | None = None,
    ) -> None:
        self._checked = checked
        self._templates: tuple[VisitTemplate, ...] = ()
        self._template: VisitTemplate | None = None
        self._wanted = template
        self._world = surroundings
        self._on_open = on_open
        self._this = this or ThisComputer()
        self._may_see_all = surroundings.is_own_computer if may_see_all is None else may_see_all
        self._typed: dict[str, str] = {"kind": str(CustomerKind.INDIVIDUAL), "language": _language()}
        self._touched: set[str] = set()
        self._errors: dict[str, str] = {}
        self._matches: tuple[Choice, ...] = ()
        self._error = ""
        self._is_starting = False
        is_customers = not surroundings.is_own_computer or checked is not None
        self._takes_computer = bool(self._this.name) and is_customers
        self._ticket: Ticket | None = None
        self.changed = Observable()
        self.state = self._state()
        surroundings.lanes.store(lambda: surroundings.store.setting("visit.typed_new"), self._restore)
        surroundings.lanes.store(lambda: all_templates(surroundings.store), self._take_templates)

    def _take_templates(self, found: tuple[VisitTemplate, ...]) -> None:
        self._templates = found
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self.choose_template(wanted)
        self._show()

    def _restore(self, kept: tuple[str, ...]) -> None:
        """Take over what was typed into this form when the program ended."""
        if not kept or kept[0] != self._this.name:
            return  # typed at another customer's computer: nothing of it is shown here
        known = {name for name, *_rest in _FIELDS}
        for name, text in zip(kept[1::2], kept[2::2], strict=False):
            if name in known and name not in self._touched:
                self.fill(name, text)

    def type_ahead(self, name: str, text: str) -> None:
        """Keep a field as it is being typed, so that a crash loses none of it."""
        self._typed[name] = text
        self._touched.add(name)
        self._keep_typed()

    def _keep_typed(self) -> None:
        kept = (self._this.name, *(part for pair in self._typed.items() for part in pair))
        store = self._world.store
        self._world.lanes.store(lambda: store.set_setting("visit.typed_new", kept), None, self._not_kept)

    def forget(self) -> None:
        """Forget what was typed: the visit has begun, or the form was left on purpose."""
        store = self._world.store
        self._world.lanes.store(lambda: store.set_setting("visit.typed_new", ()), None, self._not_kept)

    def _not_kept(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._error = error.sentences()
        self._show()

    # --- what the technician does

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed; the name of a customer is looked for among the known ones."""
        self._typed[name] = text
        self._touched.add(name)
        self._keep_typed()
        self._errors.pop(name, None)
        try:
            _checked(name, text)
        except InputError as error:
            self._errors[name] = error.sentences()
        if name == "customer":
            self._look_for(text)
            if "kind" not in self._touched:
                self._typed["kind"] = str(likely_kind(text))
        self._show()

    def choose_customer(self, customer_id: str) -> None:
        """Begin a visit for a known customer, with what is known of person, place and payer."""
        if not self._is_starting:
            self._start(lambda: self._for_known(customer_id))

    def choose_template(self, id: str) -> None:
        """Begin with a plan; the same again takes it back. What the customer said already stays."""
        before = self._template
        same = before is not None and before.id == id
        self._template = None if same else next((t for t in self._templates if t.id == id), None)
        words = self._typed.get("purpose", "")
        if not words.strip() or (before is not None and words == before.purpose):
            self.fill("purpose", self._template.purpose if self._template is not None else "")
        self._show()

    def choose_computer(self) -> None:
        """Take this computer into the visit, or leave it out again."""
        self._takes_computer = bool(self._this.name) and not self._takes_computer
        self._show()

    def start(self) -> None:
        """Begin the visit; what is missing is said at its field."""
        if self._is_starting:
            return
        for name in _REQUIRED:
            if not clean_text(self._typed.get(name, "")):
                self._errors.setdefault(name, _("Please fill it in."))
        if self._errors:
            self._show()
            return
        self._start(self._for_new)

    # --- what follows

    def _start(self, make: Callable[[], tuple[Record, ...]]) -> None:
        self._is_starting, self._error = True, ""
        self._show()
        store, actor = self._world.store, self._world.technician

        def write() -> str:
            records = self._with_check(make())
            for record in records:
                check(record)
            store.save(*records, actor=actor)
            return next(record.id for record in records if isinstance(record, Visit))

        def done(visit_id: str) -> None:
            self._is_starting = False
            self.forget()
            self._on_open(visit_id)

        def failed(error: Exception) -> None:
            self._is_starting = False
            if not isinstance(error, TechkitError):
                raise error
            self._error = error.sentences()
            self._show()

        self._world.lanes.store(write, done, failed)

    def _with_check(self, records: tuple[Record, ...]) -> tuple[Record, ...]:
        """Return the records of a new visit with the check that was made before it, where its computer is taken."""
        visit = next(record for record in records if isinstance(record, Visit))
        if self._checked is None or not visit.asset_ids:
            return records
        found = records_of_look(visit.id, visit.asset_ids[0], Phase.BEFORE, self._checked)
        return (*records, found.run, found.snapshot)

    def _for_new(self) -> tuple[Record, ...]:
        text = {name: clean_text(typed) for name, typed in self._typed.items()}
        store = self._world.store
        customer_id, site_id, contact_id = new_id(), new_id(), new_id()
        payer = Payer(
            id=new_id(),
            customer_id=customer_id,
            name=text.get("payer", ""),
            billing_address=clean_text(self._typed.get("payer_address", ""), multiline=True),
        )
        has_payer = bool(payer.name)
        customer = Customer(
            id=customer_id,
            kind=CustomerKind(text["kind"]),
            display_name=text["customer"],
            preferred_language=text.get("language") or _language(),
            paper=Paper(store.setting("paper")),
            has_large_print=self._typed.get("large_print") == "yes",
            payer_id=payer.id if has_payer else None,
        )
        given, _space, family = (text.get("person") or text["customer"]).rpartition(" ")
        contact = Contact(
            id=contact_id,
            customer_id=customer_id,
            given_name=given,
            family_name=family,
            phones=(text["phone"],) if text.get("phone") else (),
        )
        code, _space, town = text["town"].partition(" ")
        is_code = any(letter.isdecimal() for letter in code)
        site = Site(
            id=site_id,
            customer_id=customer_id,
            name=text["street"],
            street=text["street"],
            postal_code=code if is_code else "",
            town=town if is_code and town else text["town"],
        )
        assets = self._this_asset(customer_id, site_id, contact_id)
        visit = self._visit(customer, site_id, contact_id, tuple(a.id for a in assets))
        return (customer, *((payer,) if has_payer else ()), site, contact, *assets, visit)

    def _for_known(self, customer_id: str) -> tuple[Record, ...]:
        store = self._world.store
        customer = store.get(Customer, customer_id)
        if customer is None:
            raise InputError(_("This customer is not on this device any more."))
        sites = store.find(Site, customer_id=customer_id)
        contacts = [c for c in store.find(Contact, customer_id=customer_id) if c.is_there]
        assets = store.find(Asset, customer_id=customer_id)
        site_id = sites[0].id if sites else None
        contact_id = contacts[0].id if contacts else None
        spoken = contacts[0].preferred_language if contacts else ""
        here: tuple[Asset, ...] = ()
        if self._takes_computer:
            same = [m.id for m in this_computer.matches(self._this, assets) if m.certainty.value == "certain"]
            known = [this_computer.fill(asset, self._this) for asset in assets if asset.id in same[:1]]
            here = tuple(known) or self._this_asset(customer_id, site_id, contact_id)
        asset_ids = tuple(asset.id for asset in here)
        return (*here, self._visit(customer, site_id, contact_id, asset_ids, spoken=spoken))

    def _visit(
        self,
        customer: Customer,
        site_id: str | None,
        contact_id: str | None,
        asset_ids: tuple[str, ...],
        *,
        spoken: str = "",
    ) -> Visit:
        """Return the visit to begin. spoken: the language of whoever is visited, which the page is in."""
        store = self._world.store
        purpose = clean_text(self._typed.get("purpose", ""), multiline=True)
        year = self._world.today.year
        visit = Visit(
            id=new_id(),
            number=store.next_number(year),
            customer_id=customer.id,
            site_id=site_id,
            contact_id=contact_id,
            payer_id=customer.payer_id,
            asset_ids=asset_ids,
            purpose=purpose,
            complaint=complaint_in(purpose) or Complaint.OTHER,
            technician=self._world.technician,
            currency=store.setting("currency"),
            paper_language=spoken or customer.preferred_language or _language(),
            is_large_print=customer.has_large_print,
        )
        return planned(visit, self._template) if self._template is not None else visit

    def _this_asset(self, customer_id: str, site_id: str | None, contact_id: str | None) -> tuple[Asset, ...]:
        if not self._takes_computer:
            return ()
        fresh = Asset(id=new_id(), customer_id=customer_id, site_id=site_id, owner_contact=contact_id)
        return (this_computer.fill(fresh, self._this),)

    def _look_for(self, text: str) -> None:
        if self._ticket is not None:
            self._ticket.cancel()
        words = clean_text(text)
        if len(words) < 2 or not self._may_see_all:
            self._matches = ()
            return
        store = self._world.store
        self._ticket = self._world.lanes.store(
            lambda: store.search(words, [Customer], limit=MOST_MATCHES), self._matched
        )

    def _matched(self, found: list[Record]) -> None:
        self._matches = tuple(
            Choice(value=customer.id, label=customer.display_name, icon="buildings")
            for customer in found
            if isinstance(customer, Customer) and customer.merged_into is None
        )
        self._show()

    # --- what is shown

    def _show(self) -> None:
        state = self._state()
        if state != self.state:
            self.state = state
            self.changed()

    def _state(self) -> NewVisitState:
        fields = [self._field(name, label, control) for name, label, control, _at_once in _FIELDS]
        at_once = {name for name, _label, _control, is_asked in _FIELDS if is_asked}
        line = ""
        if self._this.name and (self._checked is not None or not self._world.is_own_computer):
            line = (
                _("This computer, {name}, is taken into the visit.", name=self._this.name)
                if self._takes_computer
                else _("This computer, {name}, is not part of the visit.", name=self._this.name)
            )
        return NewVisitState(
            form=FormState(
                kind="new_visit",
                title="",
                today=self._world.today,
                fields=tuple(field for field in fields if field.name in at_once),
                more=tuple(field for field in fields if field.name not in at_once),
                add_label=_("Start the visit"),
            ),
            matches=self._matches,
            templates=tuple(TemplateRow(id=t.id, title=t.title, line=line_of(t)) for t in self._templates),
            template=self._template.id if self._template is not None else "",
            computer_line=line,
            may_start=not self._is_starting,
            error=self._error,
        )

    def _field(self, name: str, label: str, control: str) -> FormField:
        text = self._typed.get(name, "")
        choices: tuple[Choice, ...] = ()
        if name == "kind":
            choices = tuple(
                Choice(value=str(kind), label=_(words), is_chosen=str(kind) == text)
                for kind, words in CUSTOMER_KINDS.items()
            )
        elif name == "language":
            choices = tuple(
                Choice(value=tag, label=_(words), is_chosen=tag == text)
                for tag, words in i18n.LANGUAGE_NAMES.items()
            )
        return FormField(
            name=name,
            label=_(label),
            control=control,
            text=text,
            choices=choices,
            is_required=name in _REQUIRED,
            max_length=_limit(name),
            error=self._errors.get(name, ""),
        )


def _limit(name: str) -> int:
    if name == "customer":
        return spec_of(Customer).field("display_name").max_length
    if name == "purpose":
        return spec_of(Visit).field("purpose").max_length
    return MAX_LINE


def _checked(name: str, text: str) -> None:
    """Refuse what is longer than its field takes. Raises: InputError."""
    limit = _limit(name)
    if len(text) > limit:
        raise InputError(
            _(
                "That is too long: {count} of at most {limit} characters.",
                count=i18n.number(len(text)),
                limit=i18n.number(limit),
            ),
            field=name,
            safe=_("What you typed is kept."),
            advice=_("Shorten it; the long text can be added as a file once the visit is open."),
        )


def _language() -> str:
    tag = i18n.current().split("-")[0]
    return tag if tag in i18n.LANGUAGES else "en"
