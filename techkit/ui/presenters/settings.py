"""Settings as they are declared, in groups; a change applies at once and is kept in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from techkit import i18n, settings
from techkit.errors import InputError, StoreError
from techkit.i18n import N_, _
from techkit.records.entering import amount_of
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.lanes import Lanes, Observable

if TYPE_CHECKING:
    from techkit.credentials.slots import Cost

#: Settings that have their own place elsewhere, or cannot be changed from an open store.
_ELSEWHERE = ("sync.is_paused",)

#: First part of a key -> heading. Source of the keys: techkit/settings.py.
_GROUPS = (
    (N_("Appearance and language"), ("language", "theme", "text")),
    (N_("Customers"), ("paper", "currency")),
    (N_("Prices before the office sends its own"), ("rates",)),
    (N_("Locking"), ("lock", "sign_off")),
    (N_("Diagnostics"), ("network", "diagnostics")),
    (N_("Sync and backup"), ("sync", "backup")),
)
_ICONS = {
    "language": "translate",
    "theme": "palette",
    "text": "text-aa",
    "paper": "printer",
    "currency": "coins",
    "rates": "coins",
    "lock": "lock-simple",
    "sign_off": "lock-simple",
    "network": "globe",
    "diagnostics": "heartbeat",
    "sync": "arrows-clockwise",
    "backup": "archive",
}


class SettingsStore(Protocol):
    """What keeps settings: techkit.store.database.Store."""

    def setting(self, key: str) -> Any:
        """Return a setting's value."""

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a setting. Raises: InputError, StoreError."""


@dataclass(frozen=True, kw_only=True)
class SettingRow:
    """One setting. control: "choice", "truth", "number", "money", "line", "texts" (separated by commas) or "secret".

    An amount's unit is the currency for new customers. What a secret is stands nowhere: its text is empty, is_set tells whether there is one.
    """

    key: str
    label: str
    help: str
    control: str
    text: str
    icon: str
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    error: str = ""
    is_set: bool = False


@dataclass(frozen=True, kw_only=True)
class SettingsState:
    """Groups of (heading, rows), in order; facts about this device and program below them."""

    groups: tuple[tuple[str, tuple[SettingRow, ...]], ...] = ()
    about: tuple[tuple[str, str], ...] = ()


class Settings:
    """The settings page. Values are read and kept in the store's lane.

    about: (label, text) pairs about this device and program. pin_cost: of a secret's derivation, where a test says so.
    """

    def __init__(
        self,
        store: SettingsStore,
        lanes: Lanes,
        about: tuple[tuple[str, str], ...] = (),
        *,
        pin_cost: Cost | None = None,
    ) -> None:
        self._pin_cost = pin_cost
        self._store = store
        self._lanes = lanes
        self._values: dict[str, Any] = {}
        self._errors: dict[str, str] = {}
        self._about = about
        self.changed = Observable()
        self.state = SettingsState(about=about)

    def refresh(self) -> None:
        """Read all values anew."""
        keys = [declared.key for declared in settings.every()]
        self._lanes.store(lambda: {key: self._store.setting(key) for key in keys}, self._take)

    @property
    def is_read(self) -> bool:
        """Return whether the values were read from the store."""
        return bool(self._values)

    def adopt(self, values: Mapping[str, Any]) -> None:
        """Keep what was chosen before unlocking, then read all values anew."""

        def keep() -> None:
            for key, value in values.items():
                if self._store.setting(key) != value:
                    self._store.set_setting(key, value)

        self._lanes.store(keep)
        self.refresh()

    def value(self, key: str) -> Any:
        """Return a setting's value, its default until it was read. Raises: KeyError."""
        return self._values.get(key, settings.default(key))

    def change(self, key: str, text: str) -> None:
        """Set a setting from what stands in its control."""
        declared = settings.declared(key)
        if declared.is_secret and text.strip():
            self._derive(key, text)
            return
        try:
            value = declared.check(self._typed(declared, text))
        except (InputError, ValueError) as error:
            self._errors[key] = error.sentences() if isinstance(error, InputError) else _("Write a number.")
            self._show()
            return
        self._keep(key, value)

    def _typed(self, declared: settings.Setting, text: str) -> Any:
        """Return the value a control's text stands for. Raises: ValueError for what is no number, InputError."""
        if declared.is_money:
            return amount_of(text.strip() or "0", self.value("currency"), declared.key)
        if declared.key == "currency" and text not in self._currencies():
            raise InputError(
                _("“{typed}” is not a currency.", typed=text[:40]),
                field=declared.key,
                safe=_("The setting stays as it was."),
            )
        return _value(declared, text)

    def _currencies(self) -> tuple[str, ...]:
        """Return the codes to choose from, with one an earlier techkit took among them."""
        return tuple(dict.fromkeys((*i18n.currencies(), self.value("currency"))))

    def _keep(self, key: str, value: Any) -> None:
        self._errors.pop(key, None)
        self._values[key] = value
        self._show()
        self._lanes.store(
            lambda: self._store.set_setting(key, value), failed=lambda error: self._failed(key, error)
        )

    def _derive(self, key: str, text: str) -> None:
        """Keep a secret so that nobody can read it; it takes too long for the window's thread."""
        from techkit.credentials import pin  # loaded late: not before the first paint

        cost = self._pin_cost or pin.COST
        self._lanes.free(
            lambda _ticket: pin.derived(text, cost=cost),
            lambda derived: self._keep(key, derived),
            lambda error: self._failed(key, error),
        )

    def _take(self, values: dict[str, Any]) -> None:
        self._values = values
        self._show()
        for declared in settings.every():
            held = values[declared.key]
            if declared.is_secret and held and not _is_derived(held):
                self._make_unreadable(declared.key, held)

    def _make_unreadable(self, key: str, held: str) -> None:
        """Keep a secret an earlier techkit wrote as it was typed; one that was too short never counted."""
        from techkit.credentials import pin  # loaded late: not before the first paint

        self._values[key] = ""
        if len(held.strip()) < pin.FEWEST_SIGNS:
            self._keep(key, "")
        else:
            self._derive(key, held)

    def _failed(self, key: str, error: Exception) -> None:
        if not isinstance(error, (StoreError, InputError)):
            raise error
        self._errors[key] = error.sentences()
        self._show()

    def _show(self) -> None:
        rows = [self._row(declared) for declared in settings.every() if declared.key not in _ELSEWHERE]
        groups = []
        for heading, parts in _GROUPS:
            members = tuple(row for row in rows if row.key.partition(".")[0] in parts)
            if members:
                groups.append((_(heading), members))
        self.state = SettingsState(groups=tuple(groups), about=self._about)
        self.changed()

    def _row(self, declared: settings.Setting) -> SettingRow:
        value = self.value(declared.key)
        choices = declared.choices
        if declared.key == "currency":
            choices = {code: code for code in self._currencies()}
        if declared.is_secret:
            control, text = "secret", ""
        elif declared.is_money:
            control, text = "money", i18n.amount(value, self.value("currency"))
        elif choices:
            control, text = "choice", str(value)
        elif isinstance(declared.default, bool):
            control, text = "truth", "yes" if value else ""
        elif isinstance(declared.default, int):
            control, text = "number", str(value)
        elif isinstance(declared.default, tuple):
            control, text = "texts", ", ".join(value)
        else:
            control, text = "line", str(value)
        return SettingRow(
            key=declared.key,
            label=_(declared.label),
            help=_(declared.help) if declared.help else "",
            control=control,
            text=text,
            icon=_ICONS.get(declared.key.partition(".")[0], "gear"),
            unit=self._unit(declared),
            choices=tuple(
                Choice(value=key, label=_(label), is_chosen=key == value) for key, label in choices.items()
            ),
            error=self._errors.get(declared.key, ""),
            is_set=declared.is_secret and bool(value),
        )

    def _unit(self, declared: settings.Setting) -> str:
        if declared.is_money:
            return str(self.value("currency"))
        return _(declared.unit) if declared.unit else ""


def _is_derived(held: str) -> bool:
    from techkit.credentials import pin  # loaded late: not before the first paint

    return pin.is_derived(held)


def _value(declared: settings.Setting, text: str) -> Any:
    """Return the value a control's text stands for. Raises: ValueError for what is no number."""
    if isinstance(declared.default, bool):
        return bool(text)
    if isinstance(declared.default, int):
        return int(text.strip())
    if isinstance(declared.default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text.strip()
