"""Step Sign-off: what the office will see, the page itself, the customer's answer and signature."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import N_, _
from techkit.records.company_names import is_stand_in
from techkit.records.entering import clean_text
from techkit.records.identity import new_id
from techkit.records.parties import PAPERS, Paper
from techkit.records.schema import Record
from techkit.records.signing import WAIVER_REASONS, Signature, SignatureVoided, SignOffWaiver, WaiverReason
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.records.work_states import Facts, step
from techkit.summary import pdf as paper
from techkit.ui.presenters import cases, office_view, signing, visit_page
from techkit.ui.presenters.after import missing_after, proposed_outcome
from techkit.ui.presenters.agreed_rates import priced_by_now, with_hours_left
from techkit.ui.presenters.choices import NO_MONEY, Choice, MoneyState, Notice, trouble
from techkit.ui.presenters.hand_back import HandBack
from techkit.ui.presenters.money import money_state
from techkit.ui.presenters.office_view import FlagRow
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_page import PageInMaking, PagePaper
from techkit.ui.presenters.visit_part import VisitPart

#: Answers to “Did we solve what you needed?”, as ratings of Satisfaction.
ANSWERS = (
    ("5", N_("Yes"), "smiley"),
    ("3", N_("Partly"), "smiley-meh"),
    ("1", N_("Not really"), "smiley-sad"),
)

#: At most so many points of a signature are kept; a pen gives about 200 a second. Source: BAD-INPUTS E62.
MOST_POINTS = 20_000

#: Fewer points than this are a slip of the pen, not a signature.
FEWEST_POINTS = 4

_SIGNED = (WorkState.SIGNED, WorkState.SIGNOFF_WAIVED)


@dataclass(frozen=True, kw_only=True)
class SignOffState:
    """All that step Sign-off shows.

    phase: "prepare" (technician), "customer" (everything else hidden), "signed", "waived" or
    "submitted". pages: PNG pictures of the page, page_lines: the same as text. is_unsigned: it ended without a
    signature; signed_line says why.
    """

    phase: str = "prepare"
    is_with_customer: bool = False
    flags: tuple[FlagRow, ...] = ()
    flags_line: str = ""
    languages: tuple[Choice, ...] = ()
    is_large_print: bool = False
    papers: tuple[Choice, ...] = ()
    pages: tuple[bytes, ...] = ()
    page_lines: tuple[str, ...] = ()
    signature_place: paper.Place | None = None
    is_rendering: bool = False
    question: str = ""
    answers: tuple[Choice, ...] = ()
    methods: tuple[Choice, ...] = ()
    signer: str = ""
    statement: str = ""
    strokes: tuple[tuple[int, ...], ...] = ()
    has_strokes: bool = False
    may_agree: bool = False
    agree_label: str = ""
    waiver_reasons: tuple[Choice, ...] = ()
    waiver_note: str = ""
    waiver_photos: tuple[Choice, ...] = ()
    again_question: str = ""
    again_answers: tuple[Choice, ...] = ()
    money: MoneyState = NO_MONEY
    content_hash_line: str = ""
    signed_line: str = ""
    is_unsigned: bool = False
    revision_line: str = ""
    warning: Notice | None = None
    pdf: bytes | None = None
    wants_printing: bool = False
    is_printed: bool = False
    may_finish: bool = False
    finish_label: str = ""


#: Where the words beside a waiver are kept while they are typed.
_WAIVER = "sign_off:waiver"

#: Where the name of the person who signs is kept.
_SIGNER = "sign_off:signer"


class SignOff(VisitPart[SignOffState]):
    """The page is fixed before it is handed over; what is signed is bound to the page's hash."""

    def __init__(self, held: OpenVisit, on_finished: Callable[[], None]) -> None:
        super().__init__(held, SignOffState())
        self._on_finished = on_finished
        self._is_handed_over = False
        self._is_kept_back = False
        #: Asks before the technician's view comes back; None asks nothing.
        self.guard: HandBack | None = None
        self._answer = ""
        self._again = ""
        self._method = "drawn"
        self._signer = ""
        self._strokes: tuple[tuple[int, ...], ...] = ()
        #: The page the lines were drawn on, by its hash; "" while none was shown.
        self._drawn_on = ""
        self.page = PageInMaking(held, self._cannot)
        self.page.changed.subscribe(self._page_changed)
        self._is_asking = False
        self._wants_printing = False
        self._is_printed = False
        self._warning: Notice | None = None
        self._is_shown = False
        self._is_finishing = False

    # --- before handing over ----------------------------------------------------------------------

    def enter(self) -> None:
        """Prepare the page when the step is opened."""
        self._is_shown = True
        if self.held.visit.work_state not in (*_SIGNED, WorkState.SUBMITTED):
            priced = priced_by_now(self.held)
            if priced != self.held.visit:
                self.held.save(priced)  # tells this step, too
                return
        self.refresh()

    def leave(self) -> None:
        """Stop making the page again at each change while another step is open."""
        self._is_shown = False

    def choose_language(self, value: str) -> None:
        """Choose the language of the page; a signature on another one is void."""
        self._fix(paper_language=value)

    def set_large_print(self, is_large: bool) -> None:
        """Choose large print."""
        self._fix(is_large_print=is_large)

    def choose_paper(self, value: str) -> None:
        """Choose the sheet for this customer."""
        customer = self.held.bundle.customer
        if customer is not None:
            self.held.save(dataclasses.replace(customer, paper=Paper(value)), word=_("the paper"))

    def _fix(self, **changes: object) -> None:
        visit = dataclasses.replace(self.held.visit, **changes)  # type: ignore[arg-type]  # declared fields
        self.held.save(visit, word=_("how the page looks"))

    def hand_over(self) -> None:
        """End the work and turn the page to the customer: everything else is hidden."""
        try:
            self._end_work()
        except InputError as error:
            self._warning = Notice(kind="watch", title=error.title, text=error.advice)
            self.refresh()
            return
        cases.settle(self.held)
        self._warning = None
        self._is_handed_over = True
        self.refresh()

    def _end_work(self) -> None:
        """Bring the visit to "work done": clock stopped, result set, the check after the work there."""
        held = self.held
        if held.visit.work_state in _SIGNED:
            return
        visit = priced_by_now(held)
        if visit.work_state is WorkState.WORK_DONE:
            if visit != held.visit:
                held.save(visit)
            return
        if visit.outcome is None:
            visit = dataclasses.replace(visit, outcome=proposed_outcome(held))
        missing = missing_after(held)
        facts = Facts(has_after_run=not missing)
        if visit.work_state is WorkState.PAUSED:
            visit = step(visit, WorkState.ON_SITE, Facts())
        done = step(visit, WorkState.WORK_DONE, facts)
        left_at = held.labour.now()
        held.labour.stop(dataclasses.replace(done, left_at=left_at))

    def take_back(self) -> None:
        """Turn the screen back to the technician, once it is known to be them."""
        self._to_technician(lambda: None)

    def _to_technician(self, go_on: Callable[[], object]) -> None:
        def back() -> None:
            self._is_handed_over = self._is_kept_back = False
            self.refresh()
            go_on()

        if self.guard is not None and self.guard.is_needed and self.is_customer_view:
            self.guard.ask(back)
        else:
            back()

    # --- the customer -------------------------------------------------------------------------------

    def answer(self, value: str) -> None:
        """Take the customer's answer to “Did we solve what you needed?”."""
        self._answer = value
        self.refresh()

    def say_again(self, value: str) -> None:
        """Take the customer's answer to “Would you call us again?”, "yes" or "no"; the same again takes it back."""
        self._again = "" if value == self._again else value
        self.refresh()

    def choose_method(self, value: str) -> None:
        """Choose how to sign: "drawn", "typed" or "paper"."""
        self._method = value
        self.refresh()

    def set_signer(self, text: str) -> None:
        """Take the name of the person who signs."""
        self.type_signer(text)
        self.refresh()

    def type_signer(self, text: str) -> None:
        """Keep the name of the person who signs as it is being typed."""
        self._signer = clean_text(text)[:200]
        self.held.typing.keep(_SIGNER, "name", text)

    def draw(self, strokes: tuple[tuple[int, ...], ...]) -> None:
        """Take the drawn lines: each x0, y0, x1, y1 … in thousandths of the pad's width."""
        kept, left = [], MOST_POINTS * 2
        for stroke in strokes:
            points = tuple(int(p) for p in stroke[: min(len(stroke) // 2 * 2, left)])
            left -= len(points)
            if points:
                kept.append(points)
        self._strokes = tuple(kept)
        self._drawn_on = self.page.made.document.content_hash if self.page.made else ""
        self.refresh()

    def clear(self) -> None:
        """Wipe the pad."""
        self._strokes = ()
        self.refresh()

    def agree(self) -> None:
        """Sign: the signature is bound to the hash of the page that was shown."""
        if not self._can_agree() or self.page.made is None:
            return
        held, document, signer = self.held, self.page.made.document, self._signer_name()
        records: list[Record] = [
            signing.signature(held, document, signer, self._method, self._strokes),
            step(held.visit, WorkState.SIGNED, Facts(is_signature_complete=True)),
            *signing.satisfaction(
                held, self._answer, signer, was_given_alone=self._is_handed_over, again=self._again
            ),
        ]
        held.typing.forget(_SIGNER)
        held.back.forget()
        self._is_handed_over = False
        self._is_kept_back = self.guard is not None and self.guard.is_needed
        self._warning = None
        held.save(*records)
        self.refresh()

    def type_waiver(self, note: str) -> None:
        """Keep why nobody signs as it is being typed."""
        self.held.typing.keep(_WAIVER, "note", note)
        self.refresh()

    def restore_typing(self) -> bool:
        """Take over the signer's name; return whether it, or why nobody signs, was being typed as the program ended."""
        typed = self.held.typing.typed_in(_SIGNER).get(_SIGNER, {})
        if typed:
            self.set_signer(typed.get("name", ""))
        return bool(typed or self.held.typing.typed_in(_WAIVER))

    def waive(self, reason: str, note: str = "", photo_id: str = "") -> None:
        """End without a signature: the reason is chosen and shown to reviewers, with the visit's photo of it."""
        held = self.held
        try:
            if reason not in WAIVER_REASONS:
                raise InputError(_("Please choose why nobody signs."), safe=_("Nothing was changed."))
            self._end_work()
        except InputError as error:
            self._warning = Notice(kind="watch", title=error.title, text=error.advice)
            self.refresh()
            return
        if held.visit.work_state is not WorkState.WORK_DONE:
            return  # signed or waived already
        cases.settle(held)
        waived = step(held.visit, WorkState.SIGNOFF_WAIVED, Facts(has_waiver=True))
        document, _seal = visit_page.page(dataclasses.replace(held.bundle, visit=waived))
        waiver = signing.waiver(held, document, WaiverReason(reason), note, photo_id)
        self._is_handed_over, self._warning = False, None
        held.typing.forget(_WAIVER)
        held.typing.forget(_SIGNER)
        held.back.forget()
        held.save(waiver, waived)
        self.refresh()

    # --- after signing ------------------------------------------------------------------------------

    def void(self, reason: str = "") -> None:
        """Void the signature and make the change that waits: a new revision begins, the old one stays.

        A visit that was sent opens again only when the office asked something about it.
        """
        held = self.held
        is_asked = any(q.state == "open" for q in held.bundle.queries)
        if held.visit.work_state not in _SIGNED and not (
            held.visit.work_state is WorkState.SUBMITTED and is_asked
        ):
            return
        signature = held.bundle.valid_signature()
        opened = with_hours_left(held, held.visit)
        records: list[Record] = [step(opened, WorkState.WORK_DONE, Facts(is_query_open=is_asked))]
        if signature is not None:
            records.append(
                SignatureVoided(
                    id=new_id(),
                    visit_id=held.visit_id,
                    signature_id=signature.id,
                    reason=clean_text(reason) or _("The page was changed after signing."),
                    voided_at=held.labour.now(),
                )
            )
        self._strokes, self._is_printed = (), False
        self.page.drop_file()
        self._warning = None
        held.save(*records)
        held.go_on()
        self.refresh()

    def print_(self) -> None:
        """Ask for the page on paper: the window shows the print dialog with the state's pdf."""
        self._wants_printing = True
        if self._pdf is None:
            self.page.make()
        self.refresh()

    def end_printing(self) -> None:
        """Give up printing for now."""
        self._wants_printing = False
        self.refresh()

    def confirm_print(self) -> None:
        """Note that the page was printed or given as a file."""
        self._wants_printing = False
        self._is_printed = True
        self.refresh()

    def wanted_paper(self) -> PagePaper | None:
        """Return the page to be printed or kept as a file, None while nothing is asked for or it is being made."""
        bundle, photos, pdf = self.held.bundle, self.page.photos, self._pdf
        if not self._wants_printing or pdf is None:
            return None
        return PagePaper(
            name=bundle.visit.number or "techkit",
            title=bundle.visit.number,
            sheet=str(bundle.customer.paper) if bundle.customer else "A4",
            pdf=pdf,
            pictures=lambda: paper.pictures(*visit_page.page(bundle), dpi=paper.PRINT_DPI, photos=photos),
        )

    def finish(self) -> None:
        """Submit the visit: the revision is frozen and waits to be sent, the signed page with it."""
        held = self.held
        if held.visit.work_state not in _SIGNED or self._pdf is None or self._is_finishing:
            return
        if self._is_kept_back:
            self._to_technician(self.finish)
            return
        self._is_finishing = True
        pdf, store = self._pdf, held.around.store

        def attach() -> str:
            return store.attach(pdf, "application/pdf")

        def attached(sha256: str) -> None:
            visit = held.visit
            summary_file = Attachment(
                id=new_id(),
                visit_id=visit.id,
                sha256=sha256,
                byte_count=len(pdf),
                media_type="application/pdf",
                caption=_("Summary {number}, revision {n}", number=visit.number, n=visit.revision),
                taken_at=held.around.clock.now(),
                purpose="summary",
                is_shown_to_customer=True,
            )
            submitted = step(visit, WorkState.SUBMITTED, Facts())
            held.back.forget()
            self._is_finishing = False
            held.save(summary_file, submitted, done=self._finished)

        held.around.lanes.store(attach, attached, self._cannot)

    def _finished(self) -> None:
        store = self.held.around.store

        def forget() -> None:
            if store.setting("visit.running") == self.held.visit_id:
                store.set_setting("visit.running", "")

        self.held.around.lanes.store(forget)
        self._on_finished()

    def _cannot(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._is_finishing = False
        self._warning = trouble(error, kind="bad")
        self.refresh()

    # --- what is shown ----------------------------------------------------------------------------------

    @property
    def is_customer_view(self) -> bool:
        """Return whether the customer has the screen; after signing until the technician took it back."""
        return self._is_handed_over or self._is_kept_back

    @property
    def _pdf(self) -> bytes | None:
        return self.page.made.pdf if self.page.made else None

    def _photos(self) -> tuple[Choice, ...]:
        """Return the visit's photos, the newest first, to choose the one that shows why nobody signs."""
        photos = [a for a in self.held.bundle.attachments if a.media_type.startswith("image/")]
        if not photos:
            return ()
        named = (
            Choice(
                value=a.id,
                label=" · ".join(
                    part
                    for part in (
                        (a.caption or a.name)[:60],
                        i18n.clock(a.taken_at, self.held.zone) if a.taken_at else "",
                    )
                    if part
                ),
            )
            for a in reversed(photos)
        )
        return (Choice(value="", label=_("No photo of it")), *named)

    def _signer_name(self) -> str:
        contact, customer = self.held.bundle.contact, self.held.bundle.customer
        if self._signer or (contact is not None and is_stand_in(contact, customer)):
            return self._signer  # a company's name signs nothing: somebody's is asked for
        return contact.name if contact else (customer.display_name if customer else "")

    def _has_strokes(self) -> bool:
        return sum(len(s) // 2 for s in self._strokes) >= FEWEST_POINTS

    def _can_agree(self) -> bool:
        is_drawn = self._has_strokes() if self._method == "drawn" else True
        is_shown = self.page.made is not None and not self.page.is_making
        return (
            self.held.visit.work_state is WorkState.WORK_DONE
            and self._is_handed_over
            and is_shown
            and is_drawn
            and bool(self._signer_name())
        )

    def _page_changed(self) -> None:
        if not self._is_asking:  # who asks for the page works the state out next
            self.refresh()

    def refresh(self) -> None:
        """Work the state out again and tell; a page that no longer fits the records is made again."""
        if self.held.is_loaded and self._is_shown and not self.page.fits():
            self._is_asking = True
            try:
                self.page.make()
            finally:
                self._is_asking = False
        made = self.page.made
        if self._strokes and self._drawn_on and made and made.document.content_hash != self._drawn_on:
            self._strokes = ()  # drawn on another page than the one that is shown now
        super().refresh()

    def _state(self) -> SignOffState:
        visit, bundle = self.held.visit, self.held.bundle
        found = office_view.flags_of(self.held)
        signature = bundle.valid_signature()
        made = self.page.made
        document = made.document if made else None
        tag = document.language if document else visit.paper_language or "en"
        customer = bundle.customer
        return SignOffState(
            phase=self._phase(visit),
            is_with_customer=self.is_customer_view,
            flags=office_view.rows(found),
            flags_line=office_view.line(found),
            languages=tuple(
                Choice(value=v, label=_(label), is_chosen=v == tag)
                for v, label in i18n.LANGUAGE_NAMES.items()
            ),
            is_large_print=visit.is_large_print or bool(customer and customer.has_large_print),
            papers=tuple(
                Choice(value=p, label=_(label), is_chosen=customer is not None and p is customer.paper)
                for p, label in PAPERS.items()
            ),
            pages=made.pictures if made else (),
            page_lines=visit_page.lines(document) if document else (),
            signature_place=made.place if made else None,
            is_rendering=self.page.is_making,
            question=self._in_page_language(N_("Did we solve what you needed?"), tag),
            answers=tuple(
                Choice(
                    value=v, label=self._in_page_language(label, tag), icon=icon, is_chosen=v == self._answer
                )
                for v, label, icon in ANSWERS
            ),
            again_question=self._in_page_language(N_("Would you call us again?"), tag),
            again_answers=tuple(
                Choice(value=v, label=self._in_page_language(label, tag), is_chosen=v == self._again)
                for v, label in (("yes", N_("Yes")), ("no", N_("No")))
            ),
            methods=tuple(
                Choice(value=v, label=self._in_page_language(label, tag), is_chosen=v == self._method)
                for v, label in (("drawn", N_("Draw")), ("typed", N_("Type name")), ("paper", N_("On paper")))
            ),
            signer=self._signer_name(),
            statement=document.statement if document else "",
            strokes=self._strokes,
            has_strokes=self._has_strokes(),
            may_agree=self._can_agree(),
            agree_label=self._in_page_language(N_("I agree and sign"), tag),
            waiver_note=self.held.typing.typed_in(_WAIVER).get(_WAIVER, {}).get("note", ""),
            waiver_reasons=tuple(Choice(value=r, label=_(label)) for r, label in WAIVER_REASONS.items()),
            waiver_photos=self._photos(),
            money=money_state(self.held.labour.by_now, self.held.known.unbooked.amounts),
            content_hash_line=_("Page {hash}", hash=paper.short_hash(document)) if document else "",
            signed_line=self._signed_line(signature),
            is_unsigned=self._waiver(signature) is not None,
            revision_line=_("Revision {n}", n=visit.revision) if visit.revision > 1 else "",
            warning=self._warning,
            pdf=self._pdf,
            wants_printing=self._wants_printing and self._pdf is not None,
            is_printed=self._is_printed,
            may_finish=visit.work_state in _SIGNED and self._pdf is not None,
            finish_label=_("Finish visit"),
        )

    def _in_page_language(self, words: str, tag: str) -> str:
        """Return words in the language of the page: the customer reads them."""
        with i18n.language(tag):
            return _(words)

    def _phase(self, visit: Visit) -> str:
        if visit.work_state is WorkState.SUBMITTED:
            return "submitted"
        if visit.work_state is WorkState.SIGNED:
            return "signed"
        if visit.work_state is WorkState.SIGNOFF_WAIVED:
            return "waived"
        return "customer" if self._is_handed_over else "prepare"

    def _waiver(self, signature: Signature | None) -> SignOffWaiver | None:
        """Return why the visit ended without a signature, None while it has not ended so."""
        has_ended = self._phase(self.held.visit) in ("waived", "submitted")
        return self.held.bundle.valid_waiver() if has_ended and signature is None else None

    def _signed_line(self, signature: Signature | None) -> str:
        waiver = self._waiver(signature)
        if waiver is not None:
            return _("Without signature: {reason}", reason=_(WAIVER_REASONS[waiver.reason]))
        if signature is None or signature.signed_at is None:
            return ""
        zone = self.held.zone
        return _(
            "Signed by {name} at {time}", name=signature.signer, time=i18n.clock(signature.signed_at, zone)
        )


def sealed_notice(held: OpenVisit) -> Notice | None:
    """Return the warning over changes that would void a signature, naming each; None while none waits."""
    if not held.waiting:
        return None
    words = _("Waiting: {words}.", words=", ".join(dict.fromkeys(kept.word for kept in held.waiting)))
    keep = {"action_label": _("Leave it"), "action": "keep"}
    if held.visit.work_state is WorkState.SUBMITTED:
        if not any(q.state == "open" for q in held.bundle.queries):
            opens = _("It opens again when the office asks something about it.")
            return Notice(
                kind="watch",
                title=_("This visit was submitted and is closed."),
                text=f"{opens} {words}",
                **keep,
            )
        title = _("This visit was submitted. A change begins a new revision.")
        text = _("The revision that was sent is kept; the page is signed again.")
    else:
        title = _("This page is signed. A change makes the signature void.")
        text = _("The signed version is kept; the customer signs the new one.")
    return Notice(
        kind="watch",
        title=title,
        text=f"{text} {words}",
        action_label=_("Change and sign again"),
        action="void",
        other_label=keep["action_label"],
        other_action=keep["action"],
    )
