"""The pages of a visit that were signed, each as it was, and in words what is different between two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from techkit.i18n import LANGUAGE_NAMES, _
from techkit.records.bundle import VisitBundle
from techkit.records.signing import WAIVER_REASONS, Signature, SignatureVoided, SignOffWaiver
from techkit.summary import sealed
from techkit.summary.blocks import Document

#: Longest text of a page that is told whole among the changes; the page itself has all of it.
_MOST_TOLD = 140

#: So many sentences say what is different between two pages; a real one needs a dozen.
_MOST_SENTENCES = 200

#: So much of signed pages is unpacked to compare those of one list: ten of six computers, a hundred of one.
MOST_COMPARED_BYTES = 2 * 1024 * 1024

#: A part of the page as (what it is known by, what it says) in reading order.
_Told = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One ending of a visit: its seal, the page it is on, and whether it still holds.

    is_kept: its page is there to be opened; not in an earlier techkit's visit, nor once the customer was removed.
    voided: what ended it, None for the one that holds and for a note why nobody signed.
    """

    seal: Signature | SignOffWaiver
    is_kept: bool
    voided: SignatureVoided | None
    holds: bool

    def page(self) -> Document | None:
        """Unpack its page, up to 8 MB; None where none was kept or it does not read."""
        return sealed.unpacked(self.seal.page, self.seal.content_hash) if self.is_kept else None

    @property
    def id(self) -> str:
        """Return the id of its signature, or of the note why nobody signed."""
        return self.seal.id

    @property
    def revision(self) -> int:
        """Return which revision of the visit it ended."""
        return self.seal.visit_revision

    @property
    def signature(self) -> Signature | None:
        """Return the signature, None where nobody signed."""
        return self.seal if isinstance(self.seal, Signature) else None

    @property
    def waiver(self) -> SignOffWaiver | None:
        """Return why nobody signed, None where somebody did."""
        return self.seal if isinstance(self.seal, SignOffWaiver) else None


def versions(bundle: VisitBundle) -> tuple[Version, ...]:
    """Return every signed page of a visit and every one nobody signed, oldest first; none of them is unpacked."""
    voided = {held.signature_id: held for held in bundle.voided}
    holding = {held.id for held in (bundle.valid_signature(), bundle.valid_waiver()) if held is not None}
    seals: list[Signature | SignOffWaiver] = [*bundle.signatures, *bundle.waivers]
    seals.sort(key=lambda held: (held.visit_revision, held.id))
    return tuple(
        Version(
            seal=held,
            is_kept=bool(held.page) and not bundle.is_customer_removed,
            voided=voided.get(held.id),
            holds=held.id in holding,
        )
        for held in seals
    )


def version(bundle: VisitBundle, seal_id: str) -> Version | None:
    """Return one of them by its id."""
    return next((held for held in versions(bundle) if held.id == seal_id), None)


def heading(held: Version, when: str) -> str:
    """Return what a version is called. when: the moment of signing as the reader's page words it, "" if unknown."""
    if held.waiver is not None:
        return _("Revision {n}, not signed", n=held.revision)
    if not when:
        return _("Revision {n}, as signed", n=held.revision)
    return _("As signed on {when}", when=when)


def standing(held: Version, signer: str) -> str:
    """Return who signed a version, or why nobody did, and how it stands. signer: as the reader may see the name."""
    if held.waiver is not None:
        reason = ". ".join(part for part in (_(WAIVER_REASONS[held.waiver.reason]), held.waiver.note) if part)
        if held.holds:
            return _("Revision {n}, holds. {reason}", n=held.revision, reason=reason)
        return _("Revision {n}, opened again since. {reason}", n=held.revision, reason=reason)
    if held.voided is not None:
        reason = held.voided.reason or _("changed after signing")
        return _("Revision {n}, {signer}. Void: {reason}", n=held.revision, signer=signer, reason=reason)
    if held.holds:
        return _("Revision {n}, {signer}. It holds.", n=held.revision, signer=signer)
    return _("Revision {n}, {signer}. A later one holds.", n=held.revision, signer=signer)


def compared(found: Sequence[Version], now: Document | None = None) -> list[tuple[str, ...] | None]:
    """Return for each version, and for the page in hand after them, what it says otherwise than the one before.

    The newest are compared first. None from where they come to more than `MOST_COMPARED_BYTES`: `change_of` tells
    it of a single one. now: the page in hand, where there is one.
    """
    left = MOST_COMPARED_BYTES
    told: list[tuple[str, ...] | None] = []
    pages: list[Document | None] = [] if now is None else [now]
    for held in reversed(found):
        text = sealed.plain(held.seal.page, left) if held.is_kept else b""
        if text is None:
            break
        left -= len(text)
        pages.append(sealed.read(text, held.seal.content_hash) if text else None)
        if len(pages) > 1:
            told.append(changes(pages[-1], pages.pop(0)))
    if not found:
        return []
    count = len(found) + (now is not None)
    return [(), *[None] * (count - 1 - len(told)), *reversed(told)]


def change_of(bundle: VisitBundle, held: Version, page: Document) -> tuple[str, ...]:
    """Return what one page says otherwise than the one before it; page: its own, unpacked."""
    found = versions(bundle)
    at = next((place for place, one in enumerate(found) if one.id == held.id), 0)
    return changes(found[at - 1].page(), page) if at else ()


def changes(before: Document | None, after: Document | None) -> tuple[str, ...]:
    """Return in words what the later page says otherwise, in reading order; () where one of the two is not there.

    Two pages in different languages differ in every sentence: that they do is said, and what they come to.
    """
    if before is None or after is None:
        return ()
    told = tuple(_changes(before, after)) or (_("What the customer reads is the same."),)
    more = len(told) - _MOST_SENTENCES
    return told if more <= 0 else (*told[:_MOST_SENTENCES], _("and {n} more", n=more))


def _changes(before: Document, after: Document) -> Iterator[str]:
    if before.language != after.language:
        yield _(
            "Language: {before}, now {after}. Sentences in two languages are not compared.",
            before=_(LANGUAGE_NAMES.get(before.language, before.language)),
            after=_(LANGUAGE_NAMES.get(after.language, after.language)),
        )
    if before.is_large != after.is_large:
        yield _("It is in large print now.") if after.is_large else _("It is not in large print any more.")
    if before.paper != after.paper:
        yield _("The sheet is {paper} now, it was {old}.", paper=after.paper, old=before.paper)
    if before.language == after.language:
        yield from _sentences(before, after)
    elif before.total != after.total:
        yield from _difference(_("Total before tax"), [("", before.total)], [("", after.total)])
    gone = {one.sha256 for one in before.photos} - {one.sha256 for one in after.photos}
    more = {one.sha256 for one in after.photos} - {one.sha256 for one in before.photos}
    if gone or more:
        yield _("Photos: {more} added, {gone} taken off.", more=len(more), gone=len(gone))


def _sentences(before: Document, after: Document) -> Iterator[str]:
    yield from _difference(_("Result"), [("", before.result)], [("", after.result)])
    yield from _difference(_("In short"), _plain(before.short), _plain(after.short))
    parts = ((_("What we did"), _done), (_("How your computer is"), _states), (_("Before and after"), _rows))
    for title, told in parts:
        yield from _difference(title, told(before), told(after))
    for title, steps, later_steps in (
        (_("We do"), before.ours, after.ours),
        (_("You do"), before.yours, after.yours),
        (_("Our advice"), before.advice, after.advice),
    ):
        old = [(step.text, _joined(step.by, step.who)) for step in steps]
        yield from _difference(title, old, [(step.text, _joined(step.by, step.who)) for step in later_steps])
    yield from _difference(
        _("Cost of this visit"),
        [(cost.label, cost.amount) for cost in before.costs],
        [(cost.label, cost.amount) for cost in after.costs],
    )
    yield from _difference(after.total_label, [("", before.total)], [("", after.total)])
    yield from _difference(_("Cost of this visit"), _plain(before.cost_notes), _plain(after.cost_notes))
    yield from _difference(_("What you bought"), _plain(before.bought), _plain(after.bought))
    old_facts = [(fact.label, ", ".join(fact.lines)) for fact in before.facts]
    new_facts = [(fact.label, ", ".join(fact.lines)) for fact in after.facts]
    yield from _difference(_("Head of the page"), old_facts, new_facts)
    yield from _difference(_("Details of our work"), _details(before), _details(after))
    if before.readings != after.readings:
        yield _("The readings on the technical page are others.")
    if before.statement != after.statement:
        yield _("The words beside the signature are others.")


def _done(page: Document) -> _Told:
    return [(line.title, _joined(line.text, line.right)) for line in page.done]


def _states(page: Document) -> _Told:
    return [
        (_joined(block.name, state.title), _joined(state.word, state.text))
        for block in page.computers
        for state in block.states
    ]


def _rows(page: Document) -> _Told:
    return [
        (_joined(block.name, found.check), _joined(f"{found.before} → {found.after}", found.meaning))
        for block in page.computers
        for found in block.comparisons
    ]


def _details(page: Document) -> _Told:
    return [(_joined(detail.title, label), text) for detail in page.details for label, text in detail.pairs]


def _plain(sentences: Iterable[str]) -> _Told:
    return [(sentence, "") for sentence in sentences]


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _difference(part: str, before: _Told, after: _Told) -> Iterator[str]:
    """Tell what of a part went, came and reads otherwise; the same name twice is told one by one."""
    old, new = _by_name(before), _by_name(after)
    for name, text in new.items():
        if name not in old:
            yield _("{part}: new: “{text}”", part=part, text=_short(_joined(name[0], text)))
        elif old[name] != text:
            was, now = _short(old[name]) or _("nothing"), _short(text) or _("nothing")
            if name[0]:
                name_words = _short(name[0])
                yield _(
                    "{part}, {name}: “{before}”, now “{after}”",
                    part=part,
                    name=name_words,
                    before=was,
                    after=now,
                )
            else:
                yield _("{part}: “{before}”, now “{after}”", part=part, before=was, after=now)
    for name, text in old.items():
        if name not in new:
            yield _("{part}: taken off: “{text}”", part=part, text=_short(_joined(name[0], text)))


def _by_name(told: _Told) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    numbers: Counter[str] = Counter()
    for name, text in told:
        found[name, numbers[name]] = text
        numbers[name] += 1
    return found


def _short(text: str) -> str:
    line = " ".join(text.splitlines())
    return line if len(line) <= _MOST_TOLD else f"{line[: _MOST_TOLD - 1].rstrip()}…"
