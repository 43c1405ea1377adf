"""The settings page: every setting a person sets has its place; a PIN is kept so that nobody reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit import i18n, settings
from techkit.credentials import pin
from techkit.credentials.slots import Cost
from techkit.store.database import Store
from techkit.ui.presenters.hand_back import HandBack
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.settings import SettingRow, Settings
from tests.stores import empty_store

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
LANES = InlineLanes()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "d").mkdir()
    made = empty_store(tmp_path / "d", prefix="TK07", technician="Ines Okafor")
    yield made
    made.close()


def opened(store: Store) -> Settings:
    made = Settings(store, LANES, pin_cost=CHEAP)
    made.refresh()
    return made


def row(page: Settings, key: str) -> SettingRow:
    (found,) = (r for _heading, rows in page.state.groups for r in rows if r.key == key)
    return found


def refused(passphrase: str) -> None:
    raise AssertionError(f"nobody asked for a passphrase, {passphrase!r} was given")


def test_every_setting_of_a_person_has_its_place(store: Store) -> None:
    """What is no memory of techkit's own ("visit.", "drafts.", "typed."), nor kept where it is used, can be set in the window."""
    shown = {r.key for _heading, rows in opened(store).state.groups for r in rows}
    elsewhere = {"sync.is_paused", "lists.views"}  # the sync panel, the menu of views at each list
    own = {s.key for s in settings.every() if s.key.startswith(("visit.", "drafts.", "typed."))} | elsewhere
    assert {s.key for s in settings.every()} - own - shown == set()


def test_a_pin_is_kept_derived_and_never_shown(store: Store) -> None:
    """The store holds nothing the PIN could be read from; the page says only that there is one."""
    page = opened(store)
    assert not row(page, "sign_off.pin").is_set
    page.change("sign_off.pin", "2580")
    kept = store.setting("sign_off.pin")
    assert "2580" not in kept
    assert pin.fits(kept, "2580")
    assert not pin.fits(kept, "2581")
    assert (row(page, "sign_off.pin").text, row(page, "sign_off.pin").is_set) == ("", True)
    page.change("sign_off.pin", "2580")
    assert store.setting("sign_off.pin") != kept


def test_a_pin_of_an_earlier_techkit_works_on_and_is_no_longer_readable(store: Store) -> None:
    """What was kept as typed is derived when the settings are read; nobody is asked for anything."""
    store.set_setting("sign_off.pin", "4711")
    page = opened(store)
    assert "4711" not in store.setting("sign_off.pin")
    page.change("sign_off.hand_back", "pin")
    hand_back, went_on = HandBack(LANES, page.value, refused), []
    hand_back.ask(lambda: went_on.append(True))
    assert hand_back.state.by == "pin"
    hand_back.give("4711")
    assert went_on == [True]


def test_a_pin_that_never_counted_is_forgotten(store: Store) -> None:
    """Two digits were no PIN before and are none now."""
    store.set_setting("sign_off.pin", "12")
    assert not row(opened(store), "sign_off.pin").is_set
    assert store.setting("sign_off.pin") == ""


def test_a_short_pin_is_refused_where_it_is_typed(store: Store) -> None:
    """The one before stays in force."""
    page = opened(store)
    page.change("sign_off.pin", "2580")
    page.change("sign_off.pin", "25")
    assert "at least 4 signs" in row(page, "sign_off.pin").error
    assert pin.fits(store.setting("sign_off.pin"), "2580")


def test_prices_are_typed_as_amounts_of_the_currency_chosen(store: Store) -> None:
    """An hour costs what stands on the price list, not its cents; what is no amount changes nothing."""
    page = opened(store)
    page.change("rates.hourly_minor", "68.5")
    assert store.setting("rates.hourly_minor") == 6850
    assert (row(page, "rates.hourly_minor").text, row(page, "rates.hourly_minor").unit) == ("68.50", "EUR")
    page.change("rates.hourly_minor", "sixty")
    assert store.setting("rates.hourly_minor") == 6850
    assert "sixty" in row(page, "rates.hourly_minor").error
    page.change("rates.hourly_minor", "0.125")
    assert "finer" in row(page, "rates.hourly_minor").error
    page.change("currency", "JPY")
    page.change("rates.hourly_minor", "9000")
    assert (store.setting("rates.hourly_minor"), row(page, "rates.hourly_minor").unit) == (9000, "JPY")
    page.change("rates.hourly_minor", "")
    assert store.setting("rates.hourly_minor") == 0


def test_a_price_is_typed_as_the_language_writes_it(store: Store) -> None:
    """In German a comma parts the cents."""
    page = opened(store)
    with i18n.language("de"):
        page.change("rates.travel_flat_minor", "1.018,00")
        assert row(page, "rates.travel_flat_minor").text == "1.018,00"
    assert store.setting("rates.travel_flat_minor") == 101_800


def test_only_a_currency_is_taken_as_one(store: Store) -> None:
    """A letter too many is not kept: every price would carry it."""
    page = opened(store)
    assert {"EUR", "CHF", "KWD"} <= {choice.value for choice in row(page, "currency").choices}
    page.change("currency", "EURO")
    assert store.setting("currency") == "EUR"
    assert "EURO" in row(page, "currency").error
