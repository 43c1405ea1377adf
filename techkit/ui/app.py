"""Builds the program: the only place where store, runner, presenters and widgets meet.

Before the first paint nothing but Qt, the look and the lock card is loaded; the rest is loaded in
the background while the passphrase is typed. Leaving the unlocked state, by the lock or the end of
the program, closes the store and drops every presenter and page.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from techkit import i18n, settings
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.unlock import UnlockState
from techkit.ui.tasks import QtLanes
from techkit.ui.widgets.buttons import IconButton
from techkit.ui.widgets.shell import HomeView, Shell
from techkit.ui.widgets.unlock import UnlockPage

if TYPE_CHECKING:
    from techkit.credentials import Limits
    from techkit.store.database import Store
    from techkit.ui.presenters.surroundings import Surroundings
    from techkit.ui.presenters.unlock import Unlock
    from techkit.ui.widgets.help import Help
    from techkit.ui.widgets.idle import IdleWatch
    from techkit.ui.widgets.print_sheet import PrintSheet
    from techkit.ui.widgets.quiet import QuietTime
    from techkit.ui.widgets.visit import VisitView

#: Loaded in the background after the first paint, so that unlocking waits for none of it. None of these
#: knows the toolkit: its classes come into being on the window's own thread only (decision 0043).
LATER = (
    "techkit.credentials",
    "techkit.store.database",
    "techkit.diagnostics.runner",
    "techkit.ui.presenters.today",
    "techkit.ui.presenters.visit",
    "techkit.ui.presenters.sync",
    "techkit.ui.presenters.search",
    "techkit.ui.presenters.settings",
    "techkit.ui.presenters.upkeep",
    "techkit.ui.presenters.computer",
    "techkit.ui.presenters.customer",
    "techkit.ui.presenters.budgets",
    "techkit.ui.presenters.templates",
    "techkit.ui.presenters.due",
    "techkit.ui.presenters.how_to",
)

#: Loaded after those, one in each turn of the window, so that typing the passphrase never waits.
LATER_HERE = (
    "techkit.ui.models",
    "techkit.ui.widgets.overlay",
    "techkit.ui.widgets.palette",
    "techkit.ui.widgets.quiet",
    "techkit.ui.widgets.today",
    "techkit.ui.widgets.disputes",
    "techkit.ui.widgets.sync",
    "techkit.ui.widgets.settings",
    "techkit.ui.widgets.drawer",
    "techkit.ui.widgets.visit",
    "techkit.ui.widgets.need",
    "techkit.ui.widgets.charts",
    "techkit.ui.widgets.exporting",
    "techkit.ui.widgets.verdicts",
    "techkit.ui.widgets.hands",
    "techkit.ui.widgets.rights",
    "techkit.ui.widgets.running",
    "techkit.ui.widgets.check",
    "PySide6.QtPrintSupport",
    "techkit.ui.widgets.print_sheet",
    "techkit.ui.widgets.attendance",
    "techkit.ui.widgets.drafts",
    "techkit.ui.widgets.files",
    "techkit.ui.widgets.planned",
    "techkit.ui.widgets.work",
    "techkit.ui.widgets.follow_ups",
    "techkit.ui.widgets.after",
    "techkit.ui.widgets.signature",
    "techkit.ui.widgets.sign_off",
    "techkit.ui.tables",
    "techkit.ui.places",
    "techkit.ui.widgets.lists",
    "techkit.ui.widgets.due",
    "techkit.ui.widgets.details",
    "techkit.ui.widgets.computer",
    "techkit.ui.widgets.budgets",
    "techkit.ui.widgets.customer",
    "techkit.ui.widgets.templates",
)

#: The longest a stick stays open without a touch. Source: the setting's help, techkit/settings.py.
STICK_IDLE_S = 300.0

#: Steps of the text size in percent (Ctrl + and Ctrl −).
_SCALE_STEP = 10


def main(folder: Path | None = None) -> int:
    """Open the window over a folder's store and run until it is closed; return the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101 - nobody makes another kind here
    program = Program(app, folder or settings.folder())
    program.start()
    try:
        return app.exec()
    finally:
        program.close()


class Program(QObject):
    """The running program: its window, its lanes, and what is open.

    machine: gives the machine a check reads; this computer unless a test says otherwise. papers: where
    pages are kept as files. vault_limits: credentials' own unless a test says otherwise.
    """

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        *,
        machine: Callable[[], Any] | None = None,
        clock: Any = None,
        is_portable: bool | None = None,
        papers: Path | None = None,
        vault_limits: Limits | None = None,
    ) -> None:
        super().__init__()
        self._papers = papers
        self._vault_limits = vault_limits
        self._app = app
        self._folder = folder
        self._machine = machine
        self._own_machine: Any = None
        self._clock = clock
        self._is_portable = settings.is_portable() if is_portable is None else is_portable
        self._early = settings.read_early(folder)
        self._session: Session | None = None
        self._unlock: Unlock | None = None
        self._unlock_page: UnlockPage | None = None
        self._trouble: Any = None
        self._hooked = False
        self._return_to: tuple[str, str] | None = None
        if self._early["language"]:
            i18n.set_language(self._early["language"])
        self.apply_look()
        self.shell = Shell()
        self.lanes = QtLanes(self.show_fault)

    # --- start and end ---------------------------------------------------------------------------

    def start(self) -> None:
        """Show the lock card; everything else follows the first paint."""
        self._hook_faults()
        self._show_lock_card()
        shell = self.shell
        shell.lock_asked.connect(self.lock)
        shell.text_size_asked.connect(self.change_text_size)
        shell.closing.connect(self._app.quit)
        self._app.styleHints().colorSchemeChanged.connect(self._follow_scheme)
        shell.show()
        QTimer.singleShot(0, self, self._load_later)

    def close(self) -> None:
        """End what is under way, write what waits, close the store and the window."""
        self._close_session()
        self.lanes.close()
        if self._own_machine is not None:
            self._own_machine.close()
            self._own_machine = None
        self._unhook_faults()
        self.shell.hide()
        self.shell.deleteLater()

    def _load_later(self) -> None:
        self.lanes.free(
            lambda _ticket: [importlib.import_module(name) for name in LATER],
            lambda _modules: self._load_here(iter(LATER_HERE)),
        )

    def _load_here(self, names: Iterator[str]) -> None:
        name = next(names, None)
        if name is None:
            self._loaded()
            return
        importlib.import_module(name)
        self.lanes.soon(lambda: self._load_here(names))

    def _loaded(self) -> None:
        theme.load_more_fonts()
        self._make_unlock()

    # --- the lock card -----------------------------------------------------------------------------

    def _show_lock_card(self) -> None:
        # As credentials.has_vault, which would load too much before the first paint.
        has_vault = any((self._folder / name).exists() for name in ("vault.json", "vault.json.bak"))
        page = UnlockPage(UnlockState(mode="unlock" if has_vault else "first_start"))
        dark = IconButton("moon", _("Light or dark"), self.switch_look)
        page.add_corner(dark)
        page.add_corner(
            IconButton("text-aa", _("Larger text"), lambda: self.change_text_size(1), shortcut="Ctrl++")
        )
        self._unlock_page = page
        self.shell.show_view(page)
        page.focus_first()

    def _make_unlock(self) -> None:
        from techkit.ui.presenters.unlock import Unlock

        if self._unlock_page is None:
            return
        self._unlock = Unlock(
            self.lanes,
            self._folder,
            on_opened=self._opened,
            is_portable=self._is_portable,
            limits=self._vault_limits,
        )
        self._unlock_page.attach(self._unlock)

    def lock(self) -> None:
        """Close everything that is open and show the lock card; the same visit opens again."""
        if self._session is None:
            return
        self._return_to = self._session.place()
        self._close_session()
        self._show_lock_card()
        self._make_unlock()

    def _opened(self, store: Store) -> None:
        page, self._unlock_page, self._unlock = self._unlock_page, None, None
        self._session = Session(self, store, self._return_to)
        self._session.start()
        if page is not None:
            self.shell.drop_view(page)

    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    @property
    def unlock(self) -> Unlock | None:
        """The lock card's presenter; None until it is loaded, and once open."""
        return self._unlock

    @property
    def session(self) -> Session | None:
        """What is open, None while locked."""
        return self._session

    # --- what a session needs ----------------------------------------------------------------------

    def surroundings(self, store: Store) -> Surroundings:
        """Return the world around the presenters of an open store."""
        from techkit.ui.presenters.surroundings import Surroundings

        device = store.device
        extra: dict[str, Any] = {} if self._clock is None else {"clock": self._clock}
        return Surroundings(
            store=store,
            lanes=self.lanes,
            machine=self._machine or self.machine,
            technician=device.technician,
            reach=device.provider_reach,
            provider=device.provider,
            is_own_computer=not self._is_portable,
            **extra,
        )

    def check_passphrase(self, passphrase: str) -> None:
        """Refuse a passphrase that is not this device's; takes about a second, not on the UI thread.

        Raises: WrongPassphraseError, CredentialError.
        """
        from techkit import credentials

        credentials.unlock(self._folder, passphrase, limits=self._vault_limits or credentials.LIMITS)

    def papers_folder(self) -> Path | None:
        """Return where pages are kept as files: on a stick beside its store, else where the user keeps papers."""
        return self._papers or (self._folder.parent if self._is_portable else None)

    def machine(self) -> Any:
        """Return this computer, read by worker processes that stay warm."""
        if self._own_machine is None:
            from techkit.diagnostics.runner import MachineProbes

            hosts = settings.default("network.reference_hosts")
            self._own_machine = MachineProbes({"network.reference_hosts": hosts})
        return self._own_machine

    def ask_presence(self, told: Callable[[float | None], None]) -> None:
        """Ask the system for how long nobody touched this computer; None where it does not tell."""
        from techkit.diagnostics import presence

        self.lanes.free(lambda _ticket: presence.seconds_since_touch(), told)

    # --- the look -------------------------------------------------------------------------------------

    def apply_look(self) -> None:
        """Put the look of the settings in force."""
        scale = self._early["text.scale_percent"] / 100
        theme.apply(self._app, theme.follow_system(self._app, self._early["theme"], scale))

    def set_early(self, key: str, value: Any) -> None:
        """Follow a setting that changes the look or the language."""
        if self._early.get(key) == value:
            return
        self._early[key] = value
        if key == "language":
            i18n.set_language(value or "en")
        elif key in ("theme", "text.scale_percent"):
            self.apply_look()

    @property
    def is_portable(self) -> bool:
        """Whether techkit runs from a stick."""
        return self._is_portable

    @property
    def early(self) -> dict[str, Any]:
        """The settings that hold before unlocking, key -> value."""
        return dict(self._early)

    def switch_look(self) -> None:
        """Change between light and dark."""
        self._keep("theme", "light" if theme.look().name == "dark" else "dark")

    def change_text_size(self, step: int) -> None:
        """Make the text larger (1), smaller (-1) or as usual (0)."""
        declared = settings.declared("text.scale_percent")
        now = self._early["text.scale_percent"]
        wanted = 100 if step == 0 else now + step * _SCALE_STEP
        self._keep("text.scale_percent", max(declared.minimum, min(declared.maximum, wanted)))

    def _keep(self, key: str, value: Any) -> None:
        self.set_early(key, value)
        if self._session is not None:
            self._session.keep_setting(key, value)
        else:
            self.lanes.store(functools.partial(settings.remember, self._folder, key, value))

    def _follow_scheme(self) -> None:
        if self._early["theme"] == "system":
            self.apply_look()

    # --- trouble ----------------------------------------------------------------------------------------

    def show_fault(self, error: BaseException) -> None:
        """Show trouble nobody was asked about: the world's in its own words, ours as a fault."""
        from techkit.ui.widgets.trouble import Trouble

        if self._trouble is None:
            self._trouble = Trouble()
            self.shell.add_layer(self._trouble)
        if isinstance(error, TechkitError):
            advice = " ".join(part for part in (error.safe, error.advice) if part)
            self._trouble.show_trouble(error.title, advice, error.code)
            return
        import logging
        import traceback

        lines = "".join(traceback.format_exception(error))
        logging.getLogger(__name__).error("a fault of techkit", exc_info=error)
        self._trouble.show_trouble(
            _("techkit made a mistake"),
            _("What was saved is safe. Please go on; if it happens again, send the details to the office."),
            f"{type(error).__name__}: {str(error)[:200]}",
            lines,
        )

    def _hook_faults(self) -> None:
        self._hooked = True
        sys.excepthook = self._uncaught

    def _unhook_faults(self) -> None:
        if self._hooked:
            sys.excepthook = sys.__excepthook__
            self._hooked = False

    def _uncaught(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._app.quit()
            return
        self.show_fault(error.with_traceback(where))


class Session:
    """What is open between unlocking and locking: the store, presenters, pages."""

    def __init__(self, program: Program, store: Store, return_to: tuple[str, str] | None) -> None:
        from techkit.ui.places import Places
        from techkit.ui.presenters.search import Search
        from techkit.ui.presenters.settings import Settings
        from techkit.ui.presenters.sync import Sync
        from techkit.ui.presenters.today import Today
        from techkit.ui.presenters.upkeep import Upkeep

        self._program = program
        self._shell = program.shell
        self._store = store
        self._return_to = return_to
        self.surroundings = program.surroundings(store)
        self.today = Today(
            self.surroundings,
            on_open=self.open_visit,
            on_new=self.new_visit,
            on_computer=self.open_computer,
            check_passphrase=program.check_passphrase,
        )
        self.sync = Sync(self.surroundings, on_changed=self._arrived)
        self.places = Places(self)
        self.search = Search(self.surroundings, on_open=self.open_visit, on_page=self.places.open_page)
        self.settings = Settings(store, program.lanes, self._about())
        self.visit: Any = None
        self._visit_view: VisitView | None = None
        self._ends: list[Callable[[], object]] = []
        self._ends_of_visit: list[Callable[[], object]] = []
        self._idle: IdleWatch | None = None
        self.upkeep = Upkeep(self.surroundings, program.show_fault)
        self._quiet: QuietTime | None = None
        self._help: Help | None = None
        self._print_sheet: PrintSheet | None = None
        self._is_printing = False
        self._connections: list[Any] = []

    def start(self) -> None:
        """Build the places and show Today, or the visit that was open when the window was locked."""
        from techkit.ui.widgets.network import NetworkWatch
        from techkit.ui.widgets.palette import Palette
        from techkit.ui.widgets.quiet import QuietTime
        from techkit.ui.widgets.settings import SettingsPage
        from techkit.ui.widgets.sync import SyncPage
        from techkit.ui.widgets.today import TodayPage

        self._palette = Palette(self.search, self._choose)
        self._shell.add_layer(self._palette)
        ask = self._palette.open_palette
        home = HomeView(lock=self._program.lock, open_sync=lambda: self.show_place("sync"))
        self.home = home
        self.today_page = TodayPage(self.today, ask, lambda: self.show_place("sync"))
        home.add_place("today", "house", _("Today"), self.today_page)
        self.places.add_to(home, ask)
        home.add_place(
            "sync", "arrows-clockwise", _("Sync"), SyncPage(self.sync, ask), shortcut="Ctrl+Shift+S"
        )
        home.add_place(
            "settings",
            "gear",
            _("Settings"),
            SettingsPage(self.settings, ask),
            shortcut="Ctrl+,",
            is_lower=True,
        )
        home.chosen.connect(self.show_place)
        home.show_technician(self._store.device.technician)
        self._ends.append(self.settings.changed.subscribe(self._watch_idleness))
        self._ends.append(self.sync.changed.subscribe(self._show_sync))
        self._ends.append(self.today.changed.subscribe(self._count_waiting))
        self._ends.append(self.settings.changed.subscribe(self._follow_settings))
        for signal, answer in (
            (self._shell.search_asked, self._search_by_key),
            (self._shell.new_visit_asked, self._new_visit_by_key),
            (self._shell.check_asked, self._check_by_key),
            (self._shell.settings_asked, self._settings_by_key),
            (self._shell.sync_asked, self.sync.now),
            (self._shell.print_asked, self._print_by_key),
            (self._shell.help_asked, self._show_help),
        ):
            self._connections.append((signal, signal.connect(answer)))
        self.settings.adopt(self._program.early)
        self._show_sync()
        self.show_place("today")
        self.today.refresh()
        self.sync.start_by_itself()
        self._quiet = QuietTime(self._shell, self._untouched_s, (self._make_ahead, self._tend))
        self._quiet.start()
        self._network = NetworkWatch(self._shell, self.sync.network_appeared)
        if self._return_to is not None:
            self.open_visit(self._return_to[0])
            step = self._return_to[1]
            self._once_loaded(lambda: self.visit.go(step))
        else:
            self._program.lanes.store(self._visit_under_way, self._go_on_with)

    def _visit_under_way(self) -> str:
        """Return the id of the visit that was under way when the program ended, "" for none; store lane."""
        from techkit.records.visit import Visit, WorkState

        kept = str(self._store.setting("visit.running"))
        found = self._store.find(Visit, id=kept) if kept else []
        is_under_way = bool(found) and found[0].work_state in (WorkState.ON_SITE, WorkState.PAUSED)
        return kept if is_under_way else ""

    def _go_on_with(self, visit_id: str) -> None:
        """Return to the visit that was under way, unless the technician is somewhere else by now."""
        if visit_id and self.visit is None and self._is_on_today():
            self.open_visit(visit_id)

    def _is_on_today(self) -> bool:
        return self._shell.view is self.home and self.home.stack.currentWidget() is self.today_page

    def _once_loaded(self, call: Callable[[], None]) -> None:
        """Call once the visit is read and has chosen the step to go on with."""
        visit = self.visit

        def look() -> None:
            if visit.state.steps:
                leave()
                self._program.lanes.soon(lambda: call() if self.visit is visit else None)

        leave = visit.changed.subscribe(look)
        look()

    def _propose_computer(self) -> None:
        """Say which known computer this one may be; one that is recognised is taken in hand."""
        from techkit.ui.presenters import this_computer

        this, held = self.today.computer, self.visit.held
        self.search.customer_id = held.visit.customer_id
        self.places.follow()
        if self.surroundings.is_own_computer or not this.identifiers:
            return
        certain = [m.id for m in this_computer.matches(this, held.known.assets) if m.certainty == "certain"]
        if certain and certain[0] in held.visit.asset_ids:
            self.visit.choose_computer(certain[0])
        else:
            self.visit.need.propose(this_computer.proposals(this, held.known.assets))

    def close(self) -> None:
        """Drop pages and presenters and close the store, after the work that waits for it."""
        for signal, connection in self._connections:
            signal.disconnect(connection)
        for end in self._ends:
            end()
        if self._idle is not None:
            self._idle.stop()
            self._idle.deleteLater()
        if self._quiet is not None:
            self._quiet.stop()
            self._quiet.deleteLater()
        self.upkeep.close()
        self._network.stop()
        self._network.deleteLater()
        self._drop_visit()
        for presenter in (self.today, self.sync, self.search, self.places):
            ending = getattr(presenter, "close", None)
            if ending is not None:
                ending()
        self._palette.release()
        self._palette.hide()
        self._palette.setParent(None)
        self._palette.deleteLater()
        self._shell.remove_layer(self._palette)
        for layer in (self._print_sheet, self._help):
            if layer is not None:
                layer.hide()
                layer.setParent(None)
                self._shell.remove_layer(layer)
                layer.deleteLater()
        self.home.release()
        self._shell.drop_view(self.home)
        self._program.lanes.store(self.upkeep.close_store)

    def place(self) -> tuple[str, str] | None:
        """Return (visit id, step) of the visit shown, to return to after unlocking."""
        if self.visit is None:
            return None
        return (self.visit.state.visit_id, self.visit.state.current)

    def papers_folder(self) -> Path | None:
        """Return where pages are kept as files."""
        return self._program.papers_folder()

    def back_to_visit(self) -> None:
        """Show the visit that is open again."""
        if self.visit is not None:
            self.open_visit(self.visit.state.visit_id)

    def keep_setting(self, key: str, value: Any) -> None:
        """Keep a setting that was changed outside the settings page."""
        self.settings.change(key, str(value))

    def open_palette(self) -> None:
        """Show the palette."""
        self._palette.open_palette()

    def close_palette(self) -> None:
        """Hide the palette."""
        self._palette.leave()

    # --- going about --------------------------------------------------------------------------------

    def show_place(self, key: str) -> None:
        """Show a place outside the visit; the visit goes on."""
        self._shell.show_view(self.home)
        self.home.show_place(key)
        if key == "today":
            self.today.refresh()
        focus_first = getattr(self.home.page(key), "focus_first", None)
        if focus_first is not None:
            focus_first()

    def open_computer(self, asset_id: str) -> None:
        """Show a computer's page."""
        self.places.open_computer(asset_id)

    def show_home(self) -> None:
        """Show the places, with the page that stands there."""
        self._shell.show_view(self.home)

    @property
    def is_visit_shown(self) -> bool:
        """Whether the visit fills the window."""
        return self._visit_view is not None and self._shell.view is self._visit_view

    def open_visit(self, visit_id: str) -> None:
        """Show a visit; the one already open keeps its pages."""
        from techkit.ui.presenters.visit import Visit
        from techkit.ui.widgets.visit import VisitView

        if self.visit is None or self.visit.state.visit_id != visit_id:
            self._drop_visit()
            self.visit = Visit(self.surroundings, visit_id, on_left=self.leave_visit)
            self._visit_view = VisitView(
                self.visit,
                self._step_pages(self.visit),
                open_sync=lambda: self.show_place("sync"),
                leave=self.leave_visit,
                about=lambda: self.places.open_customer(self.visit.held.visit.customer_id),
            )
            self._ends_of_visit = [self.visit.sign_off.changed.subscribe(self._print_if_asked)]
            self._show_sync()
            self.visit.work.papers = str(self.papers_folder() or "")
            self._once_loaded(self._propose_computer)
        if self._visit_view is not None:
            self._shell.show_view(self._visit_view)

    def _step_pages(self, visit: Any) -> dict[str, Callable[[], Any]]:
        from techkit.ui.widgets import after, check, follow_ups, need, sign_off, work

        ask = self._palette.open_palette
        return {
            "need": lambda: need.NeedPage(visit.need, ask),
            "check": lambda: check.CheckPage(
                visit.check, ask, self.places.open_how_to, self._program.papers_folder()
            ),
            "work": lambda: work.WorkPage(
                visit.work, visit.files, ask, self.places.open_how_to, self.places.make_template
            ),
            "follow_ups": lambda: follow_ups.FollowUpsPage(visit.follow_ups, ask),
            "after": lambda: after.AfterPage(visit.after, ask, visit.try_by_hand),
            "sign_off": lambda: sign_off.SignOffPage(visit.sign_off, ask),
        }

    def leave_visit(self) -> None:
        """Go back to Today; the visit's clock goes on."""
        self.show_place("today")

    def _drop_visit(self) -> None:
        view, self._visit_view = self._visit_view, None
        if view is not None:
            view.close_pages()
            self._shell.drop_view(view)
        for end in self._ends_of_visit:
            end()
        self._ends_of_visit = []
        ending = getattr(self.visit, "close", None)
        if ending is not None:
            ending()
        self.visit = None

    # --- the page on paper ------------------------------------------------------------------------

    def _print_if_asked(self) -> None:
        state = self.visit.sign_off.state
        if not state.wants_printing or state.pdf is None or self._is_printing:
            return
        self._is_printing = True
        if self._print_sheet is None:
            from techkit.ui.widgets.print_sheet import PrintSheet

            self._print_sheet = PrintSheet()
            self._print_sheet.chosen.connect(self._print)
            self._print_sheet.closed.connect(self._print_ended)
            self._shell.add_layer(self._print_sheet)
        number = self.visit.state.number or "techkit"
        self._print_sheet.open_sheet(f"{number}.pdf", self._program.papers_folder())

    def _print(self, printer: str, path: str) -> None:
        from techkit.errors import SummaryError
        from techkit.ui.widgets import print_sheet

        sign_off, bundle = self.visit.sign_off, self.visit.held.bundle
        pdf, photos = sign_off.state.pdf, sign_off.photos

        def to_file() -> None:
            try:
                Path(path).write_bytes(pdf)
            except OSError as error:
                raise SummaryError(
                    _("The file could not be written."),
                    safe=_("The signed page is kept here."),
                    advice=_("Look whether there is room and whether the place is write-protected."),
                ) from error

        def to_printer() -> None:
            from techkit.summary import pdf as paper
            from techkit.ui.presenters.sign_off import page

            document, seal = page(bundle)
            pictures = paper.pictures(document, seal, dpi=paper.PRINT_DPI, photos=photos)
            sheet = str(bundle.customer.paper) if bundle.customer else "A4"
            if not print_sheet.print_pages(pictures, printer, sheet, bundle.visit.number):
                raise SummaryError(
                    _("The printer did not take the page."),
                    safe=_("The signed page is kept here."),
                    advice=_("Look at the printer, choose another one, or keep the page as a file."),
                )

        def done(_none: None) -> None:
            if self._print_sheet is not None:
                self._print_sheet.hide()
                self._print_sheet.leave()
            sign_off.confirm_print()

        def failed(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            if self._print_sheet is not None:
                self._print_sheet.show_error(error.sentences())

        self._program.lanes.free(
            lambda _ticket: to_file() if printer == print_sheet.TO_FILE else to_printer(), done, failed
        )

    def _print_ended(self) -> None:
        self._is_printing = False
        sign_off = self.visit.sign_off if self.visit is not None else None
        if sign_off is not None and sign_off.state.wants_printing:
            sign_off.end_printing()

    def new_visit(self, template: str = "") -> None:
        """Show the form of a new visit, with a template's plan when one is named."""
        from techkit.ui.presenters.new_visit import NewVisit
        from techkit.ui.widgets.new_visit import NewVisitPage

        presenter = NewVisit(
            self.surroundings,
            on_open=self._opened_new,
            this=self.today.computer,
            may_see_all=self.today.sees_all,
            template=template,
        )

        def leave() -> None:
            presenter.forget()
            self.show_place("today")

        page = NewVisitPage(presenter, self._palette.open_palette, leave, self.places.open_templates)
        self.home.show_page(page, "today")
        self._shell.show_view(self.home)
        page.focus_first()

    def begin_visit_for(self, customer_id: str) -> None:
        """Begin a visit for a known customer and show it."""
        from techkit.ui.presenters.new_visit import NewVisit

        NewVisit(
            self.surroundings,
            on_open=self._opened_new,
            this=self.today.computer,
            may_see_all=self.today.sees_all,
        ).choose_customer(customer_id)

    def _opened_new(self, visit_id: str) -> None:
        self.home.show_place("today")
        self.open_visit(visit_id)

    def _new_visit_by_key(self) -> None:
        if not self._is_customer_looking():
            self.today.start_visit()

    def _search_by_key(self) -> None:
        # The palette and the places would show what is not for the customer's eyes.
        if not self._is_customer_looking():
            self._palette.open_palette()

    def _settings_by_key(self) -> None:
        if not self._is_customer_looking():
            self.show_place("settings")

    def _check_by_key(self) -> None:
        if self._is_customer_looking():
            return
        if self.visit is not None and self._shell.view is self._visit_view:
            self.visit.go("check")
            self.visit.check.start()
        else:
            self.today.start_check()

    def _show_help(self) -> None:
        if self._help is None:
            from techkit.ui.widgets.help import Help

            self._help = Help()
            self._shell.add_layer(self._help)
        if not self._is_customer_looking():
            self._help.open_help(self._store.device.provider_reach)

    def _print_by_key(self) -> None:
        is_shown = self.visit is not None and self._shell.view is self._visit_view
        if is_shown and self.visit.sign_off.state.phase in ("signed", "waived", "submitted"):
            self.visit.sign_off.print_()

    def _is_customer_looking(self) -> bool:
        return (
            self.visit is not None
            and self._shell.view is self._visit_view
            and self.visit.state.is_customer_view
        )

    def _choose(self, kind: str, record_id: str) -> None:
        """Open what the palette found."""
        if kind == "action":
            self._act(record_id)
        elif kind == "how_to":
            self.places.open_how_to(record_id)
        else:
            self.search.choose(kind, record_id)

    def _act(self, action: str) -> None:
        actions: dict[str, Callable[[], object]] = {
            "new_visit": self.today.start_visit,
            "sync": self.sync.now,
            "check": self._check_by_key,
            "lock": self._program.lock,
            "settings": lambda: self.show_place("settings"),
            "today": lambda: self.show_place("today"),
            **self.places.actions(),
        }
        if action in actions:
            actions[action]()

    # --- quiet moments ----------------------------------------------------------------------------------

    def _untouched_s(self) -> float:
        return self._idle.untouched_s if self._idle is not None else 0.0

    def _make_ahead(self) -> bool:
        # Not beside a check or a sync: whoever watches it run would see the window stand still.
        if not self._program.lanes.is_idle:
            return False
        view = self._visit_view if self._shell.view is self._visit_view else self.home
        return view is not None and view.make_ahead()

    def _tend(self) -> bool:
        # Not beside a check: it would measure the backup.
        return self._program.lanes.is_idle and self.upkeep.tend()

    # --- what follows the presenters ------------------------------------------------------------------

    def _show_sync(self) -> None:
        state = self.sync.state
        feet = [self.home.sync_foot]
        if self._visit_view is not None:
            feet.append(self._visit_view.sync_foot)
        for foot in feet:
            foot.show_sync(state.status, state.sidebar_title, state.sidebar_line)
        self.home.set_count("sync", state.count)

    def _arrived(self) -> None:
        """Show at once what the office sent: on Today, and in the visit that is open."""
        self.today.refresh()
        if self.visit is not None:
            self.visit.reload()

    def _count_waiting(self) -> None:
        self.search.sees_all = self.today.sees_all
        self.places.follow()
        # One count everywhere: Today counts again after each change, the sidebar follows.
        if self.today.state.waiting.count != self.sync.state.count:
            self.sync.refresh()

    def _watch_idleness(self) -> None:
        from techkit.ui.widgets.idle import IdleWatch

        if not self.settings.is_read:
            return
        limit_s = self.settings.value("lock.idle_min") * 60.0
        if self._program.is_portable:
            limit_s = min(limit_s, STICK_IDLE_S)
        if self._idle is None:
            self._idle = IdleWatch(self._shell, self._program.lock, ask=self._program.ask_presence)
        if limit_s != self._idle.limit_s:
            self._idle.start(limit_s)

    def _follow_settings(self) -> None:
        if not self.settings.is_read:
            return
        for key in ("language", "theme", "text.scale_percent"):
            self._program.set_early(key, self.settings.value(key))

    def _about(self) -> tuple[tuple[str, str], ...]:
        from techkit.version import VERSION

        device = self._store.device
        return (
            (_("Device"), device.prefix),
            (_("Technician"), device.technician),
            (_("Kept in"), str(self._store.folder)),
            (_("techkit"), VERSION),
            (_("Process"), str(os.getpid())),
        )
