"""What is open between unlocking and locking: the store, its presenters, its pages."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit.i18n import _
from techkit.ui import sweeping
from techkit.ui.printing import Printing
from techkit.ui.widgets.shell import HomeView

if TYPE_CHECKING:
    from techkit.records.findings import CheckResult
    from techkit.store.database import Store
    from techkit.ui.app import Program
    from techkit.ui.presenters.kept_typing import Draft
    from techkit.ui.widgets.hand_back import HandBackSheet
    from techkit.ui.widgets.help import Help
    from techkit.ui.widgets.idle import IdleWatch
    from techkit.ui.widgets.quiet import QuietTime
    from techkit.ui.widgets.visit import VisitView

#: The longest a stick stays open without a touch. Source: the setting's help, techkit/settings.py.
STICK_IDLE_S = 300.0


class Session:
    """What is open between unlocking and locking: the store, presenters, pages."""

    def __init__(self, program: Program, store: Store, return_to: tuple[str, str] | None) -> None:
        from techkit.ui.places import Places
        from techkit.ui.presenters.hand_back import HandBack
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
            on_keep=self.keep_check,
            on_typed=self.go_on_typing,
        )
        self.sync = Sync(self.surroundings, on_changed=self._arrived)
        self.places = Places(self)
        self.search = Search(self.surroundings, on_open=self.open_visit, on_page=self.places.open_page)
        self.search.offers_parts = self._is_visit_on_screen
        self.settings = Settings(store, program.lanes, self._about())
        self.hand_back = HandBack(program.lanes, self.settings.value, program.check_passphrase)
        self._hand_back_sheet: HandBackSheet | None = None
        self.keys = program.key_cards(store)
        self.visit: Any = None
        self._visit_view: VisitView | None = None
        self._ends: list[Callable[[], object]] = []
        self._ends_of_visit: list[Callable[[], object]] = []
        self._idle: IdleWatch | None = None
        self.upkeep = Upkeep(self.surroundings, program.show_fault)
        self._quiet: QuietTime | None = None
        self._help: Help | None = None
        self._printing = Printing(program.shell, program.lanes, program.papers_folder())
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
        self.today_page = TodayPage(
            self.today, ask, lambda: self.show_place("sync"), lambda: self.show_place("customers")
        )
        home.add_place("today", "house", _("Today"), self.today_page)
        self.places.add_to(home, ask)
        home.add_place(
            "sync", "arrows-clockwise", _("Sync"), SyncPage(self.sync, ask), shortcut="Ctrl+Shift+S"
        )
        home.add_place(
            "settings",
            "gear",
            _("Settings"),
            SettingsPage(self.settings, ask, self.keys.recovery, self.keys.passphrase),
            shortcut="Ctrl+,",
            is_lower=True,
        )
        home.chosen.connect(self.show_place)
        home.show_technician(self._store.device.technician)
        self._ends.append(self.settings.changed.subscribe(self._watch_idleness))
        self._ends.append(self.sync.changed.subscribe(self._show_sync))
        self._ends.append(self.keys.close)
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
        self._quiet = QuietTime(self._shell, self._untouched_s, (self._make_ahead, self._tend, self._sweep))
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
            self.visit.held.computers.propose(this_computer.proposals(this, held.known.assets))

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
        for presenter in (self.today, self.sync, self.search, self.places, self.surroundings.typing):
            ending = getattr(presenter, "close", None)
            if ending is not None:
                ending()
        self._palette.release()
        self._palette.hide()
        self._palette.setParent(None)
        self._palette.deleteLater()
        self._shell.remove_layer(self._palette)
        self._printing.close()
        if self._hand_back_sheet is not None:
            self._hand_back_sheet.release()
        for layer in (self._help, self._hand_back_sheet):
            if layer is not None:
                layer.hide()
                layer.setParent(None)
                self._shell.remove_layer(layer)
                layer.deleteLater()
        self.home.release()
        self._shell.drop_view(self.home)
        self._program.lanes.end_session()
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
        else:
            self.home.focus_here()

    def open_computer(self, asset_id: str) -> None:
        """Show a computer's page."""
        self.places.open_computer(asset_id)

    def go_on_typing(self, draft: Draft) -> None:
        """Open the form again that somebody typed in and did not save."""
        self.places.go_on_typing(draft)

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
            self._ends_of_visit = [
                self._printing.follow(self.visit),
                self.visit.sign_off.changed.subscribe(self._follow_the_customer),
            ]
            self.visit.sign_off.guard = self.hand_back
            self._show_sync()
            self.visit.work.papers = str(self.papers_folder() or "")
            self._once_loaded(self._propose_computer)
        else:
            self.visit.reload()  # other pages may have kept something for it
        if self._visit_view is not None:
            self._shell.show_view(self._visit_view)

    def _step_pages(self, visit: Any) -> dict[str, Callable[[], Any]]:
        from techkit.ui.widgets import after, check, follow_ups, need, sign_off, work

        ask = self._palette.open_palette
        return {
            "need": lambda: need.NeedPage(visit.need, ask, visit.ending, visit.cases),
            "check": lambda: check.CheckPage(
                visit.check, ask, self.places.open_how_to, self._program.papers_folder()
            ),
            "work": lambda: work.WorkPage(
                visit.work, visit.files, ask, self.places.open_how_to, self.places.make_template, visit.times
            ),
            "follow_ups": lambda: follow_ups.FollowUpsPage(visit.follow_ups, ask),
            "after": lambda: after.AfterPage(visit.after, ask, visit.try_by_hand),
            "sign_off": lambda: sign_off.SignOffPage(visit.sign_off, ask, visit.signed_pages, visit.cases),
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

    # --- new visits ---------------------------------------------------------------------------------

    def keep_check(self, result: CheckResult, customer_id: str) -> None:
        """Begin a visit with a quick check made before: for the computer's customer, else by the form."""
        if customer_id:
            self.begin_visit_for(customer_id, result)
        else:
            self.new_visit(checked=result)

    def new_visit(self, template: str = "", checked: CheckResult | None = None) -> None:
        """Show the form of a new visit, with a template's plan when one is named, and a check made before."""
        from techkit.ui.presenters.new_visit import NewVisit
        from techkit.ui.widgets.new_visit import NewVisitPage

        presenter = NewVisit(
            self.surroundings,
            on_open=self._opened_new,
            this=self.today.computer,
            may_see_all=self.today.sees_all,
            template=template,
            checked=checked,
        )

        def leave() -> None:
            presenter.forget()
            self.show_place("today")

        page = NewVisitPage(presenter, self._palette.open_palette, leave, self.places.open_templates)
        self.home.show_page(page, "today")
        self._shell.show_view(self.home)
        page.focus_first()

    def begin_visit_for(self, customer_id: str, checked: CheckResult | None = None) -> None:
        """Begin a visit for a known customer and show it."""
        from techkit.ui.presenters.new_visit import NewVisit

        NewVisit(
            self.surroundings,
            on_open=self._opened_new,
            this=self.today.computer,
            may_see_all=self.today.sees_all,
            checked=checked,
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

    def _check_only(self, area: str) -> None:
        """Look at one part of the computer of the visit on screen."""
        if self.visit is not None and self._is_visit_on_screen():
            self.visit.go("check")
            self.visit.check.part_look.start(area)

    def _is_visit_on_screen(self) -> bool:
        return (
            self.visit is not None
            and self._shell.view is self._visit_view
            and not self._is_customer_looking()
        )

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

    def _follow_the_customer(self) -> None:
        """Forget that all customers may be seen once a customer had the screen; the sheet is there when asked for."""
        if not self.visit.sign_off.is_customer_view:
            return
        self.today.hide_others()
        if self._hand_back_sheet is None:
            from techkit.ui.widgets.hand_back import HandBackSheet

            self._hand_back_sheet = HandBackSheet(self.hand_back)
            self._shell.add_layer(self._hand_back_sheet)

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
        elif action.startswith(only := self.search.ONLY):
            self._check_only(action.removeprefix(only))

    # --- quiet moments ----------------------------------------------------------------------------------

    def _untouched_s(self) -> float:
        return self._idle.untouched_s if self._idle is not None else 0.0

    def _make_ahead(self) -> bool:
        # Not beside a check or a sync: whoever watches it run would see the window stand still.
        if not self._program.lanes.is_idle:
            return False
        in_visit = self._shell.view is self._visit_view
        views = (self._visit_view, self.home) if in_visit else (self.home, self._visit_view)
        return any(view is not None and view.make_ahead() for view in views)

    def _sweep(self) -> bool:
        """Look for garbage; not beside other work, whose thousands of operations would be walked as well."""
        if not sweeping.is_due() or not self._program.lanes.is_idle:
            return False
        gc.collect()
        return True

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
