"""A visit that ends before it begins: nobody at the door, or called off; each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from techkit.i18n import _
from techkit.records.entering import clean_text
from techkit.records.visit import WorkState
from techkit.records.work_states import may_step
from techkit.ui.presenters.choices import FormField, FormState
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.times import MOST_MINUTES
from techkit.ui.presenters.visit_part import VisitPart


@dataclass(frozen=True, kw_only=True)
class EndingState:
    """Which ends are offered now, and the form of the one that was chosen ("nobody" or "off")."""

    may_say_nobody: bool = False
    may_call_off: bool = False
    form: FormState | None = None
    kind: str = ""


#: Where what is typed about an end is kept, before its kind.
_PLACE = "ending:"


class Ending(VisitPart[EndingState]):
    """nobody_there: ends the visit with minutes and words. call_off: ends it with its reason."""

    is_quiet = True

    def __init__(
        self,
        held: OpenVisit,
        nobody_there: Callable[[int, str], object],
        call_off: Callable[[str], object],
    ) -> None:
        super().__init__(held, EndingState())
        self._nobody_there, self._call_off = nobody_there, call_off
        self._kind = ""
        self._typed: dict[str, str] = {}
        self._errors: dict[str, str] = {}

    def open(self, kind: str) -> None:
        """Ask for what belongs to an end: "nobody" or "off"."""
        self._kind, self._typed, self._errors = kind, {}, {}
        if kind:
            self._typed |= self.held.typing.typed_in(_PLACE + kind).get(_PLACE + kind, {})
        self.refresh()

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed."""
        self.type_ahead(name, text)
        self._errors.pop(name, None)
        self.refresh()

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet."""
        if self._kind:
            self._typed[name] = text
            self.held.typing.keep(_PLACE + self._kind, name, text)

    def restore_typing(self) -> bool:
        """Open the form again that was being filled in when the program ended; return whether there was one."""
        for place in self.held.typing.typed_in(_PLACE):
            self.open(place.removeprefix(_PLACE))
            return True
        return False

    def cancel(self) -> None:
        """Leave the visit as it is."""
        self._close()

    def _close(self) -> None:
        self.held.typing.forget(_PLACE + self._kind)
        self.open("")

    def confirm(self) -> None:
        """End the visit like this."""
        words = clean_text(self._typed.get("words", ""))
        if self._kind == "nobody":
            typed = clean_text(self._typed.get("minutes", ""))
            if typed and (not typed.isdecimal() or len(typed) > 9 or int(typed) > MOST_MINUTES):
                self._errors["minutes"] = _(
                    "Please give the minutes as a number from 1 to {most}.", most=MOST_MINUTES
                )
                self.refresh()
                return
            self._close()
            self._nobody_there(int(typed or 0), words)
        elif self._kind == "off":
            if not words:
                self._errors["words"] = _("Please say why.")
                self.refresh()
                return
            self._close()
            self._call_off(words)

    def _state(self) -> EndingState:
        visit = self.held.visit
        before = visit.work_state in (WorkState.DRAFT, WorkState.SCHEDULED, WorkState.TRAVELLING)
        may_say_nobody = before and (bool(visit.site_id) or may_step(visit, WorkState.NO_ACCESS))
        may_call_off = may_step(visit, WorkState.CANCELLED)
        return EndingState(
            may_say_nobody=may_say_nobody,
            may_call_off=may_call_off,
            form=self._form() if self._kind else None,
            kind=self._kind,
        )

    def _form(self) -> FormState:
        words = FormField(
            name="words",
            label=_("What was seen, or who was called") if self._kind == "nobody" else _("Why"),
            control="text",
            text=self._typed.get("words", ""),
            error=self._errors.get("words", ""),
            is_required=self._kind == "off",
        )
        minutes = FormField(
            name="minutes",
            label=_("Minutes waited"),
            text=self._typed.get("minutes", ""),
            error=self._errors.get("minutes", ""),
            max_length=4,
        )
        return FormState(
            kind=f"ending_{self._kind}",
            title=_("Nobody there") if self._kind == "nobody" else _("Call the visit off"),
            today=self.held.today,
            fields=(minutes, words) if self._kind == "nobody" else (words,),
            add_label=_("End the visit like this"),
        )
