"""Histories nobody would write by hand, played on the real client and the real handlers.

./dev test tests/sync/test_histories.py plays 200; --long plays 2,000. For a hundred thousand, in blocks with seeds
of their own and on several cores: .venv/bin/python -m tests.sync.play 100000; both with --db postgres, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from techkit.central import snapshots
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.sync import transport
from tests.sync import histories
from tests.sync.histories import FAULTS, KEY, Office, Wire

#: A failing history is made shorter only on request: that takes minutes.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("TECHKIT_SHRINK") else (Phase.generate,)

#: How long one history is at most.
STEPS = 15

who = st.integers(0, 4)
values = st.integers(0, 9)
faults = st.lists(st.sampled_from(FAULTS), max_size=4)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients speak to the handlers in this process."""
    monkeypatch.setattr(transport, "Transport", Wire)
    monkeypatch.setattr(transport, "fetch_certificate", histories.certificate)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one empty store, which devices copy."""
    folder = tmp_path_factory.mktemp("empty-store")
    Store.create(folder, KEY, prefix="T000", name="empty", technician="Somebody").close()
    return folder


class Machine(RuleBasedStateMachine):
    """Everything that happens, in any order."""

    service: ClassVar[Office]
    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self._open: Any = None
        self.world: Any = None

    @initialize(
        devices=st.integers(2, 3),
        piece=st.sampled_from([0, 1, 2, 1000]),
        has_budgets=st.sampled_from([False, False, True]),
    )
    def begin(self, devices: int, piece: int, has_budgets: bool) -> None:
        """Begin with some devices; customers come as snapshots in pieces of so many records, or as history (0)."""
        snapshots.WORTH, snapshots.PIECE_RECORDS = (0.0, piece) if piece else (1e9, 1000)
        self._open = histories.world(self.service, self.template, devices, has_budgets=has_budgets)
        self.world = self._open.__enter__()

    @rule(index=who, name=st.sampled_from(["skill", "role"]), value=st.integers(1, 4))
    def edit(self, index: int, name: str, value: int) -> None:
        """Change a shared field."""
        self.world.edit(index, name, value)

    @rule(index=who)
    def add_site(self, index: int) -> None:
        """Add a record."""
        self.world.add_site(index)

    @rule(index=who)
    def add_customer(self, index: int) -> None:
        """Add a scope."""
        self.world.add_customer(index)

    @rule(index=who, which=who, value=values)
    def edit_site(self, index: int, which: int, value: int) -> None:
        """Change a record that may be removed elsewhere."""
        self.world.edit_site(index, which, value)

    @rule(index=who, which=who)
    def remove_site(self, index: int, which: int) -> None:
        """Remove a record."""
        self.world.remove_site(index, which)

    @rule(index=who, which=who)
    def decide(self, index: int, which: int) -> None:
        """Settle a conflict on a device."""
        self.world.decide(index, which)

    @rule(index=who)
    def add_visit(self, index: int) -> None:
        """Submit a visit."""
        self.world.add_visit(index)

    @rule(index=who, is_on=st.booleans())
    def let_leave(self, index: int, is_on: bool) -> None:
        """Work from a stick, or from a laptop."""
        self.world.let_leave(index, is_on=is_on)

    @rule(index=who, which=who)
    def fetch_back(self, index: int, which: int) -> None:
        """Ask for a visit that left."""
        self.world.fetch_back(index, which)

    @rule(which=who)
    def staff_remark(self, which: int) -> None:
        """Staff write below a visit."""
        self.world.staff_remark(which)

    @rule(value=values)
    def staff_edit(self, value: int) -> None:
        """Staff change a shared field."""
        self.world.staff_edit(value)

    @rule()
    def staff_decide(self) -> None:
        """Staff settle a conflict."""
        self.world.staff_decide()

    @rule(index=who, given=faults)
    def sync(self, index: int, given: list[str]) -> None:
        """Sync through a network with faults."""
        self.world.sync(index, given)

    @rule(index=who)
    def sync_well(self, index: int) -> None:
        """Sync through a good network."""
        self.world.sync(index, [])

    @rule()
    def arrive_late(self) -> None:
        """Old requests arrive again."""
        self.world.arrive_late()

    @rule(index=who)
    def crash(self, index: int) -> None:
        """Lose power with the reply in hand."""
        self.world.crash(index)

    @rule(index=who, off_ms=st.sampled_from([0, 60_000, -3_600_000, 3 * 86_400_000, -10 * 365 * 86_400_000]))
    def set_clock(self, index: int, off_ms: int) -> None:
        """A clock jumps."""
        self.world.set_clock(index, off_ms)

    @rule(index=who)
    def clone(self, index: int) -> None:
        """A stick is copied."""
        self.world.clone(index)

    @rule(index=who)
    def back_up(self, index: int) -> None:
        """A device is backed up."""
        self.world.back_up(index)

    @rule(index=who)
    def restore(self, index: int) -> None:
        """A device is restored."""
        self.world.restore(index)

    @rule(index=who)
    def revoke(self, index: int) -> None:
        """A customer is taken away."""
        self.world.revoke(index)

    @rule(index=who)
    def regrant(self, index: int) -> None:
        """A customer is assigned."""
        self.world.regrant(index)

    @rule()
    def back_up_service(self) -> None:
        """The service is backed up."""
        self.world.back_up_service()

    @rule(has_command=st.booleans())
    def restore_service(self, has_command: bool) -> None:
        """The service is restored."""
        self.world.restore_service(has_command=has_command)

    @rule(index=who)
    def strange(self, index: int) -> None:
        """A newer program writes."""
        self.world.strange(index)

    @rule(index=who)
    def poison(self, index: int) -> None:
        """A faulty program writes."""
        self.world.poison(index)

    @rule(index=who, which=who)
    def bring_back_site(self, index: int, which: int) -> None:
        """Take a removal back."""
        self.world.bring_back_site(index, which)

    @rule(index=who)
    def merge_customers(self, index: int) -> None:
        """Find a customer entered twice."""
        self.world.merge_customers(index)

    @rule(index=who, which=who)
    def add_photo(self, index: int, which: int) -> None:
        """Take a photo."""
        self.world.add_photo(index, which)

    @rule(index=who, which=who)
    def fetch_photo(self, index: int, which: int) -> None:
        """Open somebody else's photo."""
        self.world.fetch_photo(index, which)

    @rule(index=who, which=who)
    def drop_photo(self, index: int, which: int) -> None:
        """Take a photo out of a visit."""
        self.world.drop_photo(index, which)

    @rule(index=who)
    def age_files(self, index: int) -> None:
        """Let two days go by for a device's files."""
        self.world.age_files(index)

    @rule(index=who, which=who, value=values)
    def propose(self, index: int, which: int, value: int) -> None:
        """Ask for a change of a budget."""
        self.world.propose(index, which, value)

    @rule(index=who, which=who)
    def take_proposal_back(self, index: int, which: int) -> None:
        """Take a proposal back."""
        self.world.take_proposal_back(index, which)

    @rule(index=who, value=values)
    def edit_budget(self, index: int, value: int) -> None:
        """Write into a budget that is the office's."""
        self.world.edit_budget(index, value)

    @rule(which=who, value=values)
    def staff_budget(self, which: int, value: int) -> None:
        """Staff approve, revise or transfer."""
        self.world.staff_budget(which, value)

    @rule(is_accepted=st.booleans())
    def staff_answer(self, is_accepted: bool) -> None:
        """Staff answer a proposal."""
        self.world.staff_answer(is_accepted=is_accepted)

    @rule(which=who)
    def staff_book(self, which: int) -> None:
        """Staff approve and book a visit."""
        self.world.staff_book(which)

    @rule()
    def staff_close_month(self) -> None:
        """Staff close a month, or open it."""
        self.world.staff_close_month()

    @rule()
    def erase(self) -> None:
        """Staff remove the shared customer for good."""
        self.world.erase()

    @rule(index=who)
    def make_package(self, index: int) -> None:
        """Put work on a stick."""
        self.world.make_package(index)

    @rule(which=who, is_kept=st.booleans())
    def bring_package(self, which: int, is_kept: bool) -> None:
        """Bring a stick to the office."""
        self.world.bring_package(which, is_kept=is_kept)

    @rule(index=who)
    def make_jobs(self, index: int) -> None:
        """Put a customer on a stick."""
        self.world.make_jobs(index)

    @rule(index=who, which=who, is_kept=st.booleans())
    def bring_answer(self, index: int, which: int, is_kept: bool) -> None:
        """Bring a stick from the office."""
        self.world.bring_answer(index, which, is_kept=is_kept)

    @rule(index=who)
    def rotate_key(self, index: int) -> None:
        """Take a new key."""
        self.world.rotate_key(index)

    @rule(index=who)
    def fall_silent(self, index: int) -> None:
        """Lie in a drawer."""
        self.world.fall_silent(index)

    @rule(index=who)
    def withdraw(self, index: int) -> None:
        """Stop a device."""
        self.world.withdraw(index)

    @rule(index=who)
    def keep_backup(self, index: int) -> None:
        """Keep the backup a device makes by itself."""
        self.world.keep_backup(index)

    @rule(index=who)
    def damage(self, index: int) -> None:
        """Damage a device's database."""
        self.world.damage(index)

    @rule(index=who, other=who)
    def grant_own(self, index: int, other: int) -> None:
        """Assign a customer of one device to another."""
        self.world.grant_own(index, other)

    def teardown(self) -> None:
        """Heal and check, whatever happened."""
        if self.world is not None:
            try:
                self.world.heal_and_check()
            finally:
                self._open.__exit__(None, None, None)


def play(examples: int, steps: int = STEPS, phases: Any = None, seeded: int | None = None) -> None:
    """Play so many histories; the first that breaks an invariant fails, made as short as possible."""
    run_state_machine_as_test(
        Machine if seeded is None else seed(seeded)(Machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=phases or PHASES,
            database=None,
        ),
    )


@pytest.fixture
def machine(here: None, prepared: tuple[Path, str], empty_store: Path) -> Iterator[None]:
    """Point the machine at its templates."""
    Machine.service, Machine.template = Office.of(*prepared), empty_store
    before = snapshots.WORTH, snapshots.PIECE_RECORDS
    yield
    snapshots.WORTH, snapshots.PIECE_RECORDS = before


@pytest.mark.timeout(10_800)
def test_invariants_hold_in_every_history(machine: None, request: pytest.FixtureRequest) -> None:
    """Whatever happens, in whatever order: nothing lost, nothing doubled, everybody ends with the same."""
    play(2000 if request.config.getoption("--long") else 200)


def test_an_operation_got_back_at_its_place_in_another_order_is_noticed(machine: None) -> None:
    """Lost in a restore, given back by a device whose clock was set meanwhile: everybody ends with the new order."""
    made = histories.world(Machine.service, Machine.template, 2)
    snapshots.WORTH, snapshots.PIECE_RECORDS = 0.0, 2
    with made as world:
        world.strange(0)
        world.clone(0)
        world.back_up_service()
        world.set_clock(0, 3 * 86_400_000)
        world.strange(0)
        world.strange(1)
        world.restore_service(has_command=True)
        world.sync(3, [])
        world.clone(0)
        world.staff_edit(7)
        world.restore_service(has_command=False)
        world.sync(4, [])
        world.heal_and_check()


def test_what_left_a_stick_is_nowhere_in_halves(machine: None) -> None:
    """Gone from the stick, written about at the office, lost in a restore, fetched back: whole or away, everywhere."""
    made = histories.world(Machine.service, Machine.template, 2)
    snapshots.WORTH, snapshots.PIECE_RECORDS = 0.0, 1
    with made as world:
        world.let_leave(0, is_on=True)
        world.add_visit(0)
        world.sync(0, ["reply_lost"])
        world.sync(0, [])
        assert len(world.devices[0].store.away.gone()) == 1
        world.sync(1, [])
        assert len(world.devices[1].store.find(Visit)) == 1
        world.back_up_service()
        world.staff_remark(0)
        world.sync(0, [])
        world.fetch_back(0, 0)
        world.restore_service(has_command=True)
        world.clone(0)
        world.sync(0, [])
        world.heal_and_check()
        assert len(world.devices[0].store.away.gone()) == 1


def test_a_customer_made_here_comes_back_after_a_restore_that_forgot_it(machine: None) -> None:
    """The restored service does not know the grant; what was dropped for that is shown again once it is given back."""
    made = histories.world(Machine.service, Machine.template, 3)
    with made as world:
        world.add_customer(1)
        world.set_clock(1, 3 * 86_400_000)
        world.back_up_service()
        world.sync(1, [])
        world.restore_service(has_command=False)
        world.heal_and_check()


def test_what_was_lost_with_a_withdrawn_customer_is_shown_again(machine: None) -> None:
    """Handed over after the customer was taken back, forgotten by a restore that also forgot the taking back: shown again."""
    made = histories.world(Machine.service, Machine.template, 2)
    snapshots.WORTH, snapshots.PIECE_RECORDS = 0.0, 1
    with made as world:
        world.add_visit(0)
        world.back_up_service()
        world.revoke(0)
        world.sync(0, [])
        world.restore_service(has_command=False)
        world.heal_and_check()
        assert len(world.devices[0].store.find(Visit)) == 1


def test_a_copy_that_becomes_a_new_device_hears_of_a_restore(machine: None) -> None:
    """The copy's refused work was forgotten by a restore, and the other copy synced first: the office gets it back all the same."""
    made = histories.world(Machine.service, Machine.template, 2)
    with made as world:
        world.clone(0)
        world.back_up_service()
        world.poison(2)
        world.sync(2, [])
        world.restore_service(has_command=True)
        world.sync(0, [])
        world.heal_and_check()


def test_a_removed_customer_stays_removed_through_everything(machine: None) -> None:
    """Unsent work, a copy, a device and a service set back to before it, an old request: no word comes back anywhere."""
    made = histories.world(Machine.service, Machine.template, 3)
    with made as world:
        world.add_visit(0)
        world.edit(1, "role", 2)
        world.back_up(2)
        world.clone(1)
        world.sync(0, ["late_double"])
        world.back_up_service()
        world.add_visit(1)
        world.edit(2, "role", 3)
        world.erase()
        world.sync(1, ["reply_lost"])
        world.edit(0, "role", 4)
        world.poison(0)
        world.arrive_late()
        world.restore_service(has_command=False)
        world.restore(2)
        world.heal_and_check()


def test_a_restore_that_lost_only_refused_work_is_noticed(machine: None) -> None:
    """Nothing else was lost, so that every place still fits: the service gets the refused operation back all the same."""
    made = histories.world(Machine.service, Machine.template, 2)
    with made as world:
        world.back_up_service()
        world.poison(0)
        world.sync(0, [])
        world.restore_service(has_command=False)
        world.heal_and_check()
