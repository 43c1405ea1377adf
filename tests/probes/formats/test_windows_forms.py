"""What Windows left in lists and registry exports: exchanged bytes, pictures of remote sessions."""

from __future__ import annotations

import pytest

from techkit.diagnostics import reading_files
from techkit.probes.formats import registry, windows_classes, wmi_list


def test_a_disk_of_windows_7_tells_its_number_in_words_turned_round():
    """Hexadecimal of exchanged bytes is the number on the label; an NVMe drive behind the SCSI driver is one."""
    turned = "".join(
        f"{ord(b):02x}{ord(a):02x}" for a, b in zip(*[iter("     WD-WX91A1234567")] * 2, strict=True)
    )
    sheet = wmi_list.parse(
        f"CreationClassName=Win32_DiskDrive\r\nIndex=0\r\nModel=Sample A1\r\nSerialNumber={turned}\r\nInterfaceType=IDE\r\n\r\n"
        "CreationClassName=Win32_DiskDrive\r\nIndex=1\r\nModel=Sample NVMe B2\r\nSerialNumber=0025_38B1_2140_1F3A.\r\nInterfaceType=SCSI\r\n".encode()
    )
    assert sheet.value("storage.disk.serial", "0") == "WD-WX91A1234567"
    assert sheet.value("storage.disk.serial", "1") == "0025_38B1_2140_1F3A"
    assert sheet.value("storage.disk.kind", "1") == "nvme"


def test_the_picture_of_a_remote_session_is_no_graphics_card():
    """And the registry, which remembers cards that are gone, does not count them."""
    key = r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
    content = (
        "Windows Registry Editor Version 5.00\r\n\r\n"
        rf"{key}\0000]"
        "\r\n"
        '"DriverDesc"="Sample Gfx 6"\r\n"MatchingDeviceId"="PCI\\\\VEN_1002&DEV_73FF"\r\n\r\n'
        rf"{key}\0001]"
        "\r\n"
        '"DriverDesc"="Remote picture"\r\n"MatchingDeviceId"="RdpIdd_IndirectDisplay"\r\n'
    )
    sheet = registry.parse(content.encode("utf-16"))
    assert [(r.subject, r.value) for r in sheet if r.id == "display.graphics.name"] == [
        ("0000", "Sample Gfx 6")
    ]
    assert sheet.value("display.graphics_count") is None


@pytest.mark.parametrize("states", [5, [2, 5], "Predictive Failure", "{OK, Predictive Failure}"])
def test_a_disk_that_predicts_its_failure_is_more_than_a_warning(states):
    """Get-PhysicalDisk says Warning of such a disk; what it means stands in its operational state."""
    disk = {"FriendlyName": "Sample", "MediaType": 4, "HealthStatus": 1, "OperationalStatus": states}
    assert windows_classes.readings([disk]).value("storage.disk.status", "0") == "Pred Fail"
    well = windows_classes.readings([{**disk, "OperationalStatus": [2], "HealthStatus": 0}])
    assert well.value("storage.disk.status", "0") == "Healthy"


@pytest.mark.parametrize(
    ("instance", "model"),
    [
        ("SCSI\\Disk&Ven_SAMPLE&Prod_SX500\\4&39693902&0&000000_0", "SAMPLE SX500"),
        ("SCSI\\Disk&Ven_&Prod_ST2000DM001-1CH1\\4&2f&0&000000_0", "ST2000DM001-1CH1"),
        ("IDE\\DiskSample_SX500_________\\4&39693902&0&0.0.0_0", "Sample SX500"),
        ("", None),
    ],
)
@pytest.mark.parametrize(("predicts", "verdict"), [(True, "act"), (False, "ok")])
def test_what_the_driver_says_of_a_drives_prediction(tmp_path, instance, model, predicts, verdict):
    """Get-WmiObject -Namespace root/wmi MSStorageDriver_FailurePredictStatus, which names no number of a disk."""
    told = f"\r\nActive           : True\r\nInstanceName     : {instance}\r\nPredictFailure   : {predicts}\r\nReason           : 0\r\n\r\n"
    path = tmp_path / "list.txt"
    path.write_bytes(told.encode("utf-16"))
    found = reading_files.read("wmi-list", path)
    [finding] = [finding for finding in found.findings if finding.check == "disk_health"]
    assert finding.verdict == verdict
    assert [r.value for r in found.readings if r.id == "storage.disk.model"] == ([model] if model else [])


def test_memory_asked_for_by_hand():
    """`wmic os get FreePhysicalMemory,TotalVisibleMemorySize /value` names no class."""
    sheet = wmi_list.parse(b"\r\r\nFreePhysicalMemory=4194304\r\r\nTotalVisibleMemorySize=16600000\r\r\n")
    assert sheet.value("memory.total_bytes") == 16600000 * 1024
    assert sheet.value("memory.available_bytes") == 4194304 * 1024
