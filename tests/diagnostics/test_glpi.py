"""The GLPI inventory format: valid against its published schema, saying only what was read."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from techkit.diagnostics import export, glpi
from techkit.records.findings import CheckResult, Privacy, Reading
from techkit.records.schema import Audience


def reading(id: str, value: Any, subject: str = "", **more: Any) -> Reading:
    return Reading(id=id, value=value, subject=subject, **more)


@pytest.fixture
def result(tank) -> CheckResult:
    """Return an invented notebook with one of everything the format has a place for."""
    return CheckResult(
        plan="quick",
        started_at=tank.AT,
        ended_at=tank.AT,
        computer={"name": "Front Desk 1"},
        readings=(
            reading("system.maker", "Fictional Machines"),
            reading("system.model", "Note 3"),
            reading("system.serial", "FM-0000-1234", privacy=Privacy.IDENTIFIER),
            reading("firmware.date", "05/21/2024"),
            reading("security.secure_boot", True),
            reading("os.name", "Debian GNU/Linux"),
            reading("os.family", "linux"),
            reading("os.installed_at", "2024-06-01"),
            reading("memory.total_bytes", 8 * 1024**3),
            reading("processor.name", "Fictional CPU", "0"),
            reading("processor.cores", 4, "0"),
            reading("processor.threads", 8, "0"),
            reading("processor.architecture", "amd64"),
            reading("memory.module.size_bytes", 8 * 1024**3, "DIMM 0"),
            reading("memory.module.speed_mts", 3200, "DIMM 0"),
            reading("storage.disk.size_bytes", 240 * 10**9, "sda"),
            reading("storage.volume.total_bytes", 200 * 1024**2, "/"),
            reading("storage.volume.free_bytes", 50 * 1024**2, "/"),
            reading("security.disk_encrypted", False, "/"),
            reading("network.interface.is_up", True, "eth0"),
            reading("network.interface.ipv4", "192.0.2.7, 192.0.2.8", "eth0", privacy=Privacy.IDENTIFIER),
            reading("network.interface.mac", "02:fc:00:00:00:01", "eth0", privacy=Privacy.IDENTIFIER),
            reading("network.interface.operational_state", "odd", "eth0"),
            reading("power.battery.full_mwh", 40000, "BAT0"),
            reading("power.supply.maker", "Sample Power", "Bay 1"),
            reading("power.supply.watts", 700, "Bay 1"),
            reading("power.supply.is_plugged", True, "Bay 1"),
            reading("display.monitor.name", "Panel", "eDP-1"),
            reading("display.graphics.name", "Graphics", "card0"),
            reading("devices.printer.state", "idle", "Office"),
            reading("devices.usb.id", "1d6b:0002", "1-1"),
            reading("devices.pci.id", "8086:1237", "00:00.0"),
            reading("devices.sound.name", "Speaker", "0"),
            reading("security.antivirus", [{"name": "Guard", "is_active": True, "is_current": None}]),
            reading("security.firewall.active", True),
            reading("os.users.signed_in", ["odalys"], privacy=Privacy.PERSONAL),
            reading(
                "software.programs", [{"name": "Editor", "version": "2.0", "publisher": "", "source": "dpkg"}]
            ),
        ),
    )


def test_an_inventory_is_valid_against_the_published_schema(captures, result):
    """Whole and redacted, the inventory is valid against the format's own schema, formats included."""
    schema = json.loads((captures / "inventory_format" / "inventory.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    for audience in Audience:
        made = json.loads(export.text_of(result, "glpi", audience, version="1.0"))
        assert [error.message for error in validator.iter_errors(made)] == []


def test_every_section_says_what_was_read(result):
    """Each section holds the values of its readings in the format's own names and units."""
    made = glpi.document(result, version="1.0")
    content = made["content"]
    assert (made["itemtype"], made["deviceid"]) == ("Computer", "Front-Desk-1-2026-11-23-10-10-00")
    assert set(content) == set(glpi._SECTIONS) | {"versionclient"}
    assert content["bios"]["bdate"] == "2024-05-21"
    assert content["bios"]["secure_boot"] == "enabled"
    assert content["hardware"]["memory"] == 8192
    assert content["cpus"] == [
        {"name": "Fictional CPU", "core": 4, "corecount": 4, "thread": 2, "arch": "x86_64"}
    ]
    assert content["drives"] == [{"type": "/", "total": 200, "free": 50, "encrypt_status": "No"}]
    assert content["networks"][0]["ipaddress"] == "192.0.2.7"
    assert content["networks"][0]["status"] == "up"
    assert content["softwares"] == [{"name": "Editor", "version": "2.0", "from": "dpkg"}]
    assert content["usbdevices"] == [{"vendorid": "1d6b", "productid": "0002"}]
    assert content["powersupplies"] == [
        {"name": "Bay 1", "manufacturer": "Sample Power", "power_max": 700, "plugged": True}
    ]
    assert content["antivirus"] == [{"name": "Guard", "enabled": True}]


def test_what_was_not_read_is_left_out(tank):
    """Without readings there is no section, not an empty or guessed one."""
    empty = CheckResult(plan="quick", started_at=tank.AT, ended_at=tank.AT)
    assert glpi.document(empty, version="1.0")["content"] == {"versionclient": "techkit_v1.0"}


def test_a_redacted_inventory_names_nobody(result):
    """For staff, serials are shortened, addresses and people are gone."""
    text = export.text_of(result, "glpi", Audience.STAFF, version="1.0")
    assert not [private for private in ("FM-0000", "192.0.2.7", "02:fc", "odalys") if private in text]
