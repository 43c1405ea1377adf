"""Drafts from the difference of inventories and readings: what is proposed, how sure, never twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.records.activities import Install, Maintenance, MaintenanceAction, Proof, Upgrade, UpgradeKind
from techkit.records.assets import Asset, DiagnosticRun, InventorySnapshot, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.drafts import Draft, all_drafts, drafted, topic_of
from techkit.records.findings import Reading
from techkit.records.inventory_changes import ChangeKind, Confidence
from techkit.records.inventory_difference import inventory_difference
from techkit.records.visit import Visit

GB = 10**9


def program(name: str, version: str = "", source: str = "registry", publisher: str = "") -> dict[str, str]:
    return {"name": name, "version": version, "publisher": publisher, "source": source}


def content(*programs: dict[str, str], memory: int = 8, disk: int = 240, **more: Any) -> dict[str, Any]:
    hardware = {
        "memory": {"total_bytes": memory * 2**30, "modules": []},
        "disks": [{"name": "disk0", "model": f"Disk {disk}", "size_bytes": disk * GB, "kind": "ssd"}],
    }
    return {"shape": 1, "hardware": hardware, "software": list(programs), "settings": {}, "unread": []} | more


def snapshots(
    before: dict[str, Any], after: dict[str, Any], asset: str = "a"
) -> tuple[InventorySnapshot, ...]:
    return (
        InventorySnapshot(id=f"{asset}1", asset_id=asset, phase=Phase.BEFORE, content=before),
        InventorySnapshot(id=f"{asset}2", asset_id=asset, phase=Phase.AFTER, content=after),
    )


def bundle(*held: InventorySnapshot, **more: Any) -> VisitBundle:
    assets = tuple(Asset(id=i, name=i) for i in dict.fromkeys(s.asset_id for s in held)) or (
        Asset(id="a", name="a"),
    )
    return VisitBundle(
        visit=Visit(id="v", asset_ids=tuple(a.id for a in assets)), assets=assets, snapshots=held, **more
    )


def titles(drafts: tuple[Draft, ...]) -> list[str]:
    return [d.title.replace("\u00a0", " ") for d in drafts]


class TestInventory:
    def test_newer_version_is_one_upgrade(self):
        """9.9 → 9.10 is an upgrade, ticked, with both versions: programs of a trade wait for a hand."""
        (draft,) = drafted(
            bundle(*snapshots(content(program("DentaBook", "9.9")), content(program("DentaBook", "9.10"))))
        ).drafts
        assert isinstance(draft.record, Upgrade)
        assert (draft.record.from_version, draft.record.to_version) == ("9.9", "9.10")
        assert draft.is_ticked
        assert draft.title == "DentaBook upgraded from 9.9 to 9.10"

    def test_older_version_is_never_called_an_upgrade(self):
        """Going back a version is said plainly and asked."""
        (draft,) = drafted(
            bundle(*snapshots(content(program("DentaBook", "9.10")), content(program("DentaBook", "9.9"))))
        ).drafts
        assert not draft.is_ticked
        assert draft.title == "DentaBook set back from 9.10 to 9.9"

    def test_renamed_product_is_one_question(self):
        """A product under a new year's name is proposed as one upgrade and asked, not two certain drafts."""
        (draft,) = drafted(
            bundle(
                *snapshots(
                    content(program("PlainOffice 2025 (64-bit)", "25.4")),
                    content(program("PlainOffice 2026 (64-bit)", "26.1")),
                )
            )
        ).drafts
        assert isinstance(draft.record, Upgrade)
        assert (draft.confidence, draft.is_ticked) == (Confidence.ASKED, False)
        assert (draft.record.from_version, draft.record.to_version) == ("25.4", "26.1")
        assert "PlainOffice 2025" in draft.reason

    def test_version_inside_the_name_is_certain(self):
        """A name that only carries its version is the same product without a question."""
        (draft,) = drafted(
            bundle(
                *snapshots(
                    content(program("7-Zip 23.01 (x64)", "23.01")),
                    content(program("7-Zip 24.08 (x64)", "24.08")),
                )
            )
        ).drafts
        assert isinstance(draft.record, Upgrade)
        assert draft.confidence is Confidence.CERTAIN

    def test_same_family_of_another_maker_is_two_things(self):
        """Products of two makers with like names are a removal and an installation."""
        found = drafted(
            bundle(
                *snapshots(
                    content(program("Viewer 2", "2.0", publisher="Alpha Works")),
                    content(program("Viewer 3", "3.0", publisher="Beta Forge")),
                )
            )
        ).drafts
        assert {type(d.record) for d in found} == {Install, Maintenance}

    def test_browser_step_is_marked_as_its_own(self):
        """A browser's small step is not ticked and says that it came by itself."""
        (draft,) = drafted(
            bundle(
                *snapshots(content(program("Browsewell", "143.0")), content(program("Browsewell", "143.1")))
            )
        ).drafts
        assert (draft.confidence, draft.is_ticked) == (Confidence.SELF_UPDATE, False)

    def test_installed_and_removed(self):
        """What is new is an installation, what is gone a removal."""
        found = drafted(
            bundle(
                *snapshots(content(program("Toolbar Helper", "1.2")), content(program("ScanBridge", "2.0")))
            )
        ).drafts
        assert set(titles(found)) == {"ScanBridge 2.0 installed", "Toolbar Helper 1.2 removed"}
        removal = next(d.record for d in found if isinstance(d.record, Maintenance))
        assert removal.action is MaintenanceAction.REMOVED

    def test_memory_and_disk(self):
        """More memory and a larger disk are hardware upgrades from → to."""
        found = drafted(bundle(*snapshots(content(), content(memory=16, disk=500)))).drafts
        assert titles(found) == ["Memory upgraded from 8 GB to 16 GB", "Disk upgraded from 240 GB to 500 GB"]
        assert all(d.record.what is UpgradeKind.HARDWARE for d in found if isinstance(d.record, Upgrade))

    def test_memory_kept_by_firmware_is_no_change(self):
        """A total that differs by what the system keeps for itself is no new module."""
        less = content()
        less["hardware"]["memory"]["total_bytes"] -= 300 * 2**20
        assert inventory_difference(content(), less) == ()

    def test_unread_place_is_no_absence(self):
        """Programs that could not be listed after the work were not removed."""
        assert inventory_difference(content(program("A", "1")), content(unread=["software"])) == ()

    def test_listed_twice_is_one_program(self):
        """One program listed by two sources makes one draft."""
        after = content(program("ScanBridge", "2.0"), program("ScanBridge", "2.0", "registry_user"))
        assert len(drafted(bundle(*snapshots(content(), after))).drafts) == 1

    def test_two_versions_side_by_side(self):
        """A second version beside the first is an installation; the first is untouched."""
        (change,) = inventory_difference(
            content(program("Python", "3.11")), content(program("Python", "3.11"), program("Python", "3.12"))
        )
        assert (change.kind, change.after) == (ChangeKind.INSTALLED, "3.12")

    def test_what_came_along_is_no_draft_of_its_own(self):
        """A part of the system that the system's own list calls one goes with the packages, whatever its name."""
        before = content(program("mailer", "1.0", "dpkg_system"), program("gimp", "2.0", "dpkg"))
        after = content(program("mailer", "1.1", "dpkg_system"), program("gimp", "3.0", "dpkg"))
        places = {change.product: str(change.place) for change in inventory_difference(before, after)}
        assert places == {"mailer": "packages", "gimp": "software"}

    def test_packages_are_one_draft(self):
        """An update of a system's parts is one unticked draft, not a hundred."""
        names = [f"lib{n}" for n in range(30)]
        before = content(*(program(n, "1.0", "dpkg") for n in names))
        after = content(*(program(n, "1.1", "dpkg") for n in names), program("gimp", "3.0", "dpkg"))
        found = drafted(bundle(*snapshots(before, after))).drafts
        assert [d.is_ticked for d in found] == [True, False]
        assert titles(found) == ["gimp 3.0 installed", "30 parts of the system updated or added"]

    def test_start_up_and_settings(self):
        """Programs that no longer start, and settings that changed, are drafts with their names."""
        before = content(settings={"startup_programs": ["Chat", "Sync", "Tool"], "firewall": False})
        after = content(settings={"startup_programs": ["Sync"], "firewall": True})
        found = drafted(bundle(*snapshots(before, after))).drafts
        assert titles(found) == [
            "2 programs no longer start at sign-in: Chat, Tool",
            "Firewall changed from off to on",
        ]

    def test_no_difference_no_draft(self):
        """Equal inventories, even written differently, make nothing."""
        one = content(program("DentaBook", "9.9"), program("Chat", ""))
        other = content(program("dentabook ", "9.9.0"), program("Chat", "2"))
        assert inventory_difference(one, other) == ()
        assert inventory_difference(one, None) == ()


class TestReadings:
    def runs(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[DiagnosticRun, ...]:
        return tuple(
            DiagnosticRun(
                id=phase.value,
                asset_id="a",
                phase=phase,
                readings=tuple(
                    Reading(id=k, value=v, subject="C:" if "volume" in k else "") for k, v in held.items()
                ),
            )
            for phase, held in ((Phase.BEFORE, before), (Phase.AFTER, after))
        )

    def test_space_freed_updates_and_start_ups(self):
        """Readings that moved make drafts with their amounts, ticked."""
        space = {"storage.volume.total_bytes": 238 * GB}
        found = drafted(
            bundle(
                runs=self.runs(
                    space
                    | {"storage.volume.free_bytes": 2_100_000_000, "os.startup.count": 23}
                    | {"software.updates.pending": 11},
                    space
                    | {"storage.volume.free_bytes": 61_400_000_000, "os.startup.count": 9}
                    | {"software.updates.pending": 0},
                )
            )
        ).drafts
        assert titles(found) == [
            "59.3 GB of space freed",
            "11 updates installed",
            "14 programs no longer start at sign-in",
        ]
        assert all(d.is_ticked and d.proof.source == "reading" for d in found)

    def phases(self, *held: tuple[Reading, ...]) -> tuple[DiagnosticRun, ...]:
        return tuple(
            DiagnosticRun(id=phase.value, asset_id="a", phase=phase, readings=readings)
            for phase, readings in zip((Phase.BEFORE, Phase.AFTER), held, strict=True)
        )

    def battery(self, cycles: int, health: float) -> tuple[Reading, ...]:
        return (
            Reading(id="power.battery.cycles", value=cycles, subject="BAT0"),
            Reading(id="power.battery.health_percent", value=health, subject="BAT0"),
        )

    @pytest.mark.parametrize(
        ("before", "after", "is_new"),
        [((612, 58.0), (3, 100.0), True), ((612, 58.0), (613, 57.9), False), ((40, 90.0), (38, 91.0), False), ((612, 90.0), (100, 60.0), False)],
    )  # fmt: skip
    def test_a_new_battery_of_the_same_model(self, before, after, is_new):
        """A counter of charges never goes back: where it does, the battery is another one."""
        found = drafted(bundle(runs=self.phases(self.battery(*before), self.battery(*after)))).drafts
        assert [d.title for d in found] == (
            ["Battery replaced: charged 612 times before, 3 times now"] if is_new else []
        )
        assert all(isinstance(d.record, Upgrade) and d.is_ticked for d in found)

    def a_disk(self, hours: int, serial: str = "", model: str = "Flash 500") -> tuple[Reading, ...]:
        return (
            Reading(id="storage.smart.power_on_hours", value=hours, subject="sda"),
            Reading(id="storage.disk.model", value=model, subject="sda"),
            *([Reading(id="storage.disk.serial", value=serial, subject="sda")] if serial else []),
        )

    @pytest.mark.parametrize(
        ("before", "after", "is_asked"),
        [
            ((21000,), (12,), True),
            ((21000, "S-1"), (12,), True),
            ((21000,), (21001,), False),
            ((21000, "S-1"), (12, "S-1"), False),
            ((21000, "", "A"), (12, "", "B"), False),
        ],
    )
    def test_a_disk_with_fewer_hours_is_asked_about(self, before, after, is_asked):
        """Where no serial number tells, hours that went back ask; a number that stayed is the same disk."""
        found = drafted(bundle(runs=self.phases(self.a_disk(*before), self.a_disk(*after)))).drafts
        assert [d.title for d in found] == (
            ["Disk replaced? On for 21000 hours before, 12 now"] if is_asked else []
        )
        assert not any(d.is_ticked for d in found)

    def test_a_new_battery_of_another_model_is_told_once(self):
        """What the inventory names is not drafted from the readings again."""
        old, new = ({"batteries": [{"name": "BAT0", "model": model}]} for model in ("C1", "C2"))
        held = snapshots(content(hardware=old), content(hardware=new))
        runs = self.phases(self.battery(612, 58.0), self.battery(3, 100.0))
        (draft,) = drafted(bundle(*held, runs=runs)).drafts
        assert (draft.record.from_version, draft.record.to_version) == ("C1", "C2")

    def test_space_of_one_pool_and_of_a_stick(self):
        """Two volumes of one pool are one draft; what happens on a removable disk is none."""

        def volumes(free: int) -> tuple[Reading, ...]:
            found = []
            for place, is_removable in (
                ("/", False),
                ("/System/Volumes/Data", False),
                ("/Volumes/STICK", True),
            ):
                total = 32 * GB if is_removable else 494 * GB
                for name, value in (("free", free // (20 if is_removable else 1)), ("total", total)):
                    found.append(Reading(id=f"storage.volume.{name}_bytes", value=value, subject=place))
                found.append(Reading(id="storage.volume.is_removable", value=is_removable, subject=place))
            return tuple(found)

        found = drafted(bundle(runs=self.phases(volumes(40 * GB), volumes(90 * GB)))).drafts
        assert titles(found) == ["50.0 GB of space freed on /"]

    @pytest.mark.parametrize("freed", [-5 * GB, 0, GB - 1])
    def test_little_or_no_space_is_no_draft(self, freed):
        """What a system frees by itself, or fills, is nobody's work."""
        space = {"storage.volume.total_bytes": 238 * GB}
        runs = self.runs(
            space | {"storage.volume.free_bytes": 10 * GB},
            space | {"storage.volume.free_bytes": 10 * GB + freed},
        )
        assert drafted(bundle(runs=runs)).drafts == ()

    def test_a_larger_disk_freed_no_space(self):
        """More room on another disk is not space freed."""
        runs = self.runs(
            {"storage.volume.total_bytes": 238 * GB, "storage.volume.free_bytes": GB},
            {"storage.volume.total_bytes": 500 * GB, "storage.volume.free_bytes": 90 * GB},
        )
        assert drafted(bundle(runs=runs)).drafts == ()


class TestDraftsAndEntries:
    before, after = content(program("DentaBook", "9.9")), content(program("DentaBook", "9.10"))

    def test_entry_by_hand_gets_its_proof(self):
        """A draft that says what an entry says becomes the entry's proof, never a second entry."""
        entry = Upgrade(
            id="e", visit_id="v", asset_id="a", title="DentaBook", product="DentaBook", to_version="9.10"
        )
        found = drafted(bundle(*snapshots(self.before, self.after), activities=(entry,)))
        assert found.drafts == ()
        ((entry_id, proof),) = found.proofs
        assert (entry_id, proof.before, proof.after) == ("e", "9.9", "9.10")

    def test_entry_with_another_version_is_not_matched(self):
        """An entry that claims another version is not proven by this draft."""
        entry = Upgrade(id="e", visit_id="v", asset_id="a", title="x", product="DentaBook", to_version="9.11")
        found = drafted(bundle(*snapshots(self.before, self.after), activities=(entry,)))
        assert found.proofs == ()
        assert len(found.drafts) == 1

    def test_entry_on_another_computer_is_not_matched(self):
        """An entry about another computer proves nothing here."""
        entry = Upgrade(id="e", visit_id="v", asset_id="b", title="x", product="DentaBook")
        assert drafted(bundle(*snapshots(self.before, self.after), activities=(entry,))).proofs == ()

    def test_confirmed_draft_is_not_offered_again(self):
        """A draft's key survives reruns, also when the version moved on meanwhile."""
        (draft,) = all_drafts(bundle(*snapshots(self.before, self.after)))
        entry = Upgrade(
            id="e", title="x", evidence=(Proof(source="inventory", subject="", draft_key=draft.key),)
        )
        later = content(program("DentaBook", "9.11"))
        found = drafted(bundle(*snapshots(self.before, later), activities=(entry,)))
        assert (found.drafts, found.proofs) == ((), ())

    def test_not_our_work_is_remembered(self):
        """What somebody once called not our work is offered without a tick and says why."""
        (draft,) = all_drafts(bundle(*snapshots(self.before, self.after)))
        (again,) = drafted(bundle(*snapshots(self.before, self.after)), not_ours={topic_of(draft.key)}).drafts
        assert not again.is_ticked
        assert "not our work" in again.reason

    def test_set_aside_is_gone_for_this_visit(self):
        """A draft put away during this visit is not shown again."""
        (draft,) = all_drafts(bundle(*snapshots(self.before, self.after)))
        assert drafted(bundle(*snapshots(self.before, self.after)), set_aside={draft.key}).drafts == ()

    def test_each_computer_has_its_own_draft(self):
        """The same upgrade on two computers is two drafts with two keys."""
        held = bundle(*snapshots(self.before, self.after, "a"), *snapshots(self.before, self.after, "b"))
        assert len({d.key for d in all_drafts(held)}) == 2


NAMES = st.sampled_from(["Alpha", "Bravo", "Kilo Tools", "Lima Suite", "Oscar", "Papa Mail", "Quebec"])
VERSIONS = st.tuples(st.integers(1, 30), st.integers(0, 30)).map(lambda v: f"{v[0]}.{v[1]}")


@given(st.dictionaries(NAMES, VERSIONS), st.dictionaries(NAMES, VERSIONS))
def test_every_difference_is_told_once(old, new):
    """Each program that came, went or moved makes exactly one change; the others make none."""
    changes = inventory_difference(
        content(*(program(n, v) for n, v in old.items())), content(*(program(n, v) for n, v in new.items()))
    )
    expected = {n for n in {*old, *new} if old.get(n) != new.get(n)}
    assert sorted(c.product for c in changes) == sorted(expected)


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda c: (
            st.lists(c)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "software",
                        "hardware",
                        "name",
                        "version",
                        "memory",
                        "disks",
                        "settings",
                        "unread",
                        "size_bytes",
                    ]
                ),
                c,
            )
        ),
        max_leaves=20,
    )
)
def test_hostile_content_never_fails(held):
    """Whatever stands in a snapshot, comparing it never raises."""
    some = held if isinstance(held, dict) else {"software": held}
    inventory_difference(some, content(program("A", "1")))
    inventory_difference(content(program("A", "1")), some)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (("13.4.1", "22F82"), ("13.4.1 (a)", "22F770820b"), "upgraded"),
        (("13.4.1 (a)", "22F770820b"), ("13.4.1 (c)", "22F770820d"), "upgraded"),
        (("13.4.1 (c)", "22F770820d"), ("13.4.1", "22F82"), "set_back"),
        (("13.4.1 (c)", "22F770820d"), ("13.5", "22G74"), "upgraded"),
    ],
)
def test_a_macs_quick_fix_is_newer(before, after, kind):
    """Apple puts a letter behind the version of a quick fix: “13.4.1 (a)” follows 13.4.1, and is no first draft of it."""
    sides = (
        {"os": {"name": "macOS", "version": version, "edition": "", "build": build}}
        for version, build in (before, after)
    )
    (found,) = inventory_difference(*sides)
    assert (found.kind.value, found.topic) == (kind, "system")
