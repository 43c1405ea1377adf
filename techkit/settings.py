"""Every setting, declared once: key, type, default, label, help and whose it is.

The store keeps the values; those needed before it is unlocked (language, look, how to unlock) are
repeated in `settings.json` beside it, which holds nothing personal. docs/settings.md is derived from
the declarations. Keys are for ever: retired ones are never used again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from techkit.errors import InputError
from techkit.i18n import LANGUAGE_NAMES, N_, _

#: The file beside the store with what is needed before unlocking.
FILE_NAME = "settings.json"

#: A settings file larger than this is not ours (bad input 95 of the specification).
MAX_FILE_BYTES = 64 * 1024


class Scope(StrEnum):
    """Whose a setting is."""

    DEVICE = "device"
    TECHNICIAN = "technician"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting.

    default decides the type: bool, int, str or a tuple of str. choices: value -> label, where only
    these may be chosen. minimum and maximum: limits of a number, both allowed. unit: of a number.
    is_money: a number of minor units of the currency for new customers, typed and shown as an amount.
    is_early: needed before the store is unlocked. portable_default: the default on a stick, None for
    the same. is_secret: kept derived (credentials/pin.py), never shown again.
    """

    key: str
    default: bool | int | str | tuple[str, ...]
    label: str
    help: str = ""
    scope: Scope = Scope.DEVICE
    choices: Mapping[str, str] = field(default_factory=dict)
    minimum: int = 0
    maximum: int = 2**31
    unit: str = ""
    is_money: bool = False
    is_early: bool = False
    is_secret: bool = False
    portable_default: bool | int | str | tuple[str, ...] | None = None

    @property
    def type_name(self) -> str:
        """Return the type as docs/settings.md names it."""
        if isinstance(self.default, bool):
            return "yes or no"
        if self.is_money:
            return "amount, kept in minor units"
        if isinstance(self.default, int):
            return f"number ({self.unit})" if self.unit else "number"
        return "list of texts" if isinstance(self.default, tuple) else "text"

    def check(self, value: Any) -> Any:
        """Return the value as it is kept. Raises: InputError when the setting cannot take it."""
        held = self._fitted(value)
        if held is None:
            raise InputError(
                _("“{label}” cannot be set to that.", label=_(self.label)),
                field=self.key,
                safe=_("The setting stays as it was."),
            )
        return held

    def accept(self, value: Any) -> Any:
        """Return a stored value, the default when it does not fit (an older or damaged one)."""
        held = self._fitted(value)
        return self.default if held is None else held

    def _fitted(self, value: Any) -> Any:
        if isinstance(self.default, tuple):
            is_list = isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
            return tuple(value) if is_list else None
        if isinstance(self.default, bool):
            return value if isinstance(value, bool) else None
        if isinstance(self.default, int):
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return value if is_number and self.minimum <= value <= self.maximum else None
        if not isinstance(value, str) or len(value) > 2000:
            return None
        return value if not self.choices or value in self.choices else None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        key="language",
        default="",
        label=N_("Language"),
        help=N_("Of the window; the paper follows the customer. Empty: as the computer."),
        choices={"": N_("As the computer"), **LANGUAGE_NAMES},
        is_early=True,
    ),
    Setting(
        key="theme",
        default="system",
        label=N_("Look"),
        choices={"system": N_("As the computer"), "light": N_("Light"), "dark": N_("Dark")},
        is_early=True,
    ),
    Setting(
        key="text.scale_percent",
        default=100,
        label=N_("Size of text"),
        minimum=80,
        maximum=200,
        unit="%",
        is_early=True,
    ),
    Setting(
        key="paper",
        default="A4",
        label=N_("Paper for new customers"),
        choices={"A4": N_("A4"), "Letter": N_("Letter")},
        scope=Scope.TECHNICIAN,
    ),
    Setting(
        key="currency",
        default="EUR",
        label=N_("Currency for new customers"),
        help=N_("ISO 4217 code."),
        scope=Scope.TECHNICIAN,
    ),
    Setting(
        key="lock.idle_min",
        default=15,
        label=N_("Lock after"),
        help=N_("Without a touch. On a stick at most 5 minutes."),
        minimum=1,
        maximum=120,
        unit="min",
    ),
    Setting(
        key="sign_off.hand_back",
        default="",
        label=N_("After the customer had the screen"),
        help=N_("What is asked before anything but this visit’s page is shown again."),
        choices={
            "": N_("Ask nothing"),
            "passphrase": N_("Ask for the passphrase"),
            "pin": N_("Ask for a short PIN"),
        },
        scope=Scope.TECHNICIAN,
    ),
    Setting(
        key="sign_off.pin",
        default="",
        label=N_("Short PIN"),
        help=N_(
            "At least four signs. Kept so that nobody can read it; three wrong ones ask for the passphrase."
        ),
        scope=Scope.TECHNICIAN,
        is_secret=True,
    ),
    Setting(
        key="network.reference_hosts",
        default=(),
        label=N_("Hosts for the network check"),
        help=N_(
            "Asked to find out how far the internet is. Empty: the host the operating system itself asks."
        ),
    ),
    Setting(
        key="diagnostics.plan",
        default="standard",
        label=N_("Check to start with"),
        choices={"quick": N_("Quick"), "standard": N_("Standard"), "deep": N_("Deep")},
        scope=Scope.TECHNICIAN,
    ),
    Setting(
        key="sync.is_paused",
        default=False,
        label=N_("Sync is paused"),
        help=N_("Nothing is sent or fetched until it is resumed."),
    ),
    Setting(
        key="sync.interval_s",
        default=300,
        label=N_("Sync every"),
        help=N_("While a network is there."),
        minimum=30,
        maximum=86_400,
        unit="s",
    ),
    Setting(
        key="sync.proxy",
        default="",
        label=N_("Proxy for sync"),
        help=N_("An address such as http://proxy:3128. Those of the computer’s environment are not used."),
    ),
    Setting(
        key="sync.journal_days",
        default=90,
        portable_default=7,
        label=N_("Keep sent changes for"),
        help=N_("So that a restored service can ask for them again. On a stick 7 days."),
        minimum=7,
        maximum=730,
        unit=N_("days"),
    ),
    Setting(
        key="sync.visits_leave",
        default=False,
        portable_default=True,
        label=N_("Visits the office has leave this device"),
        help=N_(
            "On a stick yes: what is not on it cannot be lost with it. They can be fetched again at any time."
        ),
    ),
    Setting(
        key="sync.visit_days",
        default=7,
        label=N_("They leave after"),
        help=N_(
            "Counted from the office’s receipt, or from the last change to the visit. 0: with the sync that follows."
        ),
        maximum=3650,
        unit=N_("days"),
    ),
    Setting(
        key="sync.key_days",
        default=90,
        label=N_("New key every"),
        help=N_("The key this device signs with is replaced so often, with the sync that follows."),
        minimum=1,
        maximum=730,
        unit=N_("days"),
    ),
    Setting(
        key="rates.hourly_minor",
        default=0,
        label=N_("An hour of work costs"),
        help=N_("Before tax; used until the office’s rates are here. 0: labour is not priced."),
        scope=Scope.TECHNICIAN,
        maximum=10**9,
        is_money=True,
    ),
    Setting(
        key="rates.minimum_min",
        default=0,
        label=N_("Work counts at least"),
        scope=Scope.TECHNICIAN,
        maximum=24 * 60,
        unit="min",
    ),
    Setting(
        key="rates.increment_min",
        default=15,
        label=N_("Work is rounded up to"),
        scope=Scope.TECHNICIAN,
        minimum=1,
        maximum=24 * 60,
        unit="min",
    ),
    Setting(
        key="rates.travel_flat_minor",
        default=0,
        label=N_("Travel costs, flat"),
        help=N_("Before tax; used until the office’s rates are here."),
        scope=Scope.TECHNICIAN,
        maximum=10**9,
        is_money=True,
    ),
    Setting(
        key="visit.running",
        default="",
        label=N_("Visit under way"),
        help=N_("Kept by techkit, so that a visit goes on after a restart: the visit’s id."),
    ),
    Setting(
        key="visit.clock",
        default=(),
        label=N_("Labour clock under way"),
        help=N_("Kept by techkit, so that no minute is lost in a restart: JSON."),
    ),
    Setting(
        key="visit.step",
        default=(),
        label=N_("Step of the visit under way"),
        help=N_("Kept by techkit, so that one unlock returns to the same place: visit and step."),
    ),
    Setting(
        key="visit.typed_new",
        default=(),
        label=N_("Typed into the form of a new visit"),
        help=N_("Kept by techkit, so that no typing is lost in a crash: name and text in turn."),
    ),
    Setting(
        key="typed.forms",
        default=(),
        label=N_("Typed into forms and not saved"),
        help=N_("Kept by techkit, so that no typing is lost in a crash: a form each, as JSON."),
    ),
    Setting(
        key="visit.typed",
        default=(),
        label=N_("Typed and not yet entered"),
        help=N_("Kept by techkit, so that no typing is lost in a crash: a visit each, as JSON."),
    ),
    Setting(
        key="drafts.not_our_work",
        default=(),
        label=N_("Changes that are not our work"),
        help=N_("Programs whose changes are no longer ticked, because somebody said so once."),
        scope=Scope.TECHNICIAN,
    ),
    Setting(
        key="drafts.set_aside",
        default=(),
        label=N_("Drafts put aside"),
        help=N_("Kept by techkit: drafts of the visit under way that are not offered again."),
    ),
    Setting(
        key="lists.views",
        default=(),
        label=N_("Views of lists"),
        help=N_("Kept by techkit: what narrows a list, its order and its columns, under a name."),
    ),
    Setting(
        key="backup.interval_min",
        default=30,
        label=N_("Back up every"),
        help=N_("While there are changes."),
        minimum=5,
        maximum=1440,
        unit="min",
    ),
)

_BY_KEY = {setting.key: setting for setting in SETTINGS}


def every() -> tuple[Setting, ...]:
    """Return every setting, in the order declared."""
    return SETTINGS


def declared(key: str) -> Setting:
    """Return the declaration of a setting. Raises: KeyError for a key nobody declared."""
    return _BY_KEY[key]


def default(key: str) -> Any:
    """Return a setting's default. Raises: KeyError."""
    return _BY_KEY[key].default


# --- before the store is unlocked ---------------------------------------------------------------------


def read_early(folder: Path) -> dict[str, Any]:
    """Return the settings needed before unlocking; defaults for what is missing or broken.

    A file that is not readable as settings is kept aside as settings.json.bad.
    """
    held = {setting.key: setting.default for setting in SETTINGS if setting.is_early}
    path = folder / FILE_NAME
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("too large for settings")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("not a list of settings")
    except FileNotFoundError:
        return dict(held)
    except (OSError, ValueError, RecursionError):
        _keep_aside(path)
        return dict(held)
    return {key: _BY_KEY[key].accept(found.get(key, fallback)) for key, fallback in held.items()}


def remember(folder: Path, key: str, value: Any) -> None:
    """Repeat a setting that is needed before unlocking in the file beside the store.

    A disk that cannot take it loses nothing: the store holds the value.
    """
    if not declared(key).is_early:
        return
    held = {**read_early(folder), key: value}
    fresh = folder / f"{FILE_NAME}.new"
    try:
        fresh.write_text(json.dumps(held, indent=1), encoding="utf-8")
        fresh.replace(folder / FILE_NAME)
    except OSError:
        fresh.unlink(missing_ok=True)


def _keep_aside(path: Path) -> None:
    try:
        path.replace(path.with_name(f"{path.name}.bad"))
    except OSError:
        return


# --- where an installed device keeps its store ----------------------------------------------------------

#: A stick's mark: this file beside the program makes it portable.
PORTABLE_MARK = "portable.txt"


def folder() -> Path:
    """Return where this techkit keeps its store: TECHKIT_FOLDER, the stick's folder, or the user's own.

    A stick holds `portable.txt` beside the program; then everything stays in `data` beside it.
    """
    if given := os.environ.get("TECHKIT_FOLDER"):
        return Path(given)
    if is_portable():
        return _program_folder() / "data"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "techkit"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "techkit"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "techkit"


def is_portable() -> bool:
    """Return whether this techkit runs from a stick and leaves nothing on the computer."""
    return (_program_folder() / PORTABLE_MARK).exists()


def _program_folder() -> Path:
    if getattr(sys, "frozen", False):
        return Path(sys.executable).resolve().parent
    return Path(__file__).resolve().parent.parent


# --- documentation --------------------------------------------------------------------------------------


def describe() -> str:
    """Return docs/settings.md, derived from the declarations."""
    lines = [
        "# Settings",
        "",
        "Derived from the declarations in techkit/settings.py by `./dev docs`; do not edit by hand.",
        "",
        "| key | label | type | default | whose | what it is |",
        "|---|---|---|---|---|---|",
    ]
    for setting in SETTINGS:
        shown = ", ".join(setting.default) if isinstance(setting.default, tuple) else str(setting.default)
        if setting.choices:
            kinds = ", ".join(f"`{value}`" for value in setting.choices if value)
            kind = f"one of {kinds}"
        else:
            kind = setting.type_name
        lines.append(
            f"| `{setting.key}` | {setting.label} | {kind} | {shown or '–'} | {setting.scope} | {setting.help} |"
        )
    return "\n".join(lines) + "\n"
