"""Cameras: which there are, and what keeps programs from them."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from techkit.children.external import Output
from techkit.probes import access_macos, cameras, windows_request
from techkit.probes.formats import registry, windows_classes
from techkit.probes.probe import Platform, RecordedAccess

#: The readings of a sound camera on Linux.
WEBCAM = {
    "sys/class/video4linux/video0/name": "Sample Webcam: Sample",
    "sys/class/video4linux/video0/dev": "81:0",
    "sys/class/video4linux/video0/index": "0",
    "sys/class/video4linux/video1/name": "Sample Webcam: Sample",
    "sys/class/video4linux/video1/dev": "81:1",
    "sys/class/video4linux/video1/index": "1",
    "dev/video0": "",
    "dev/video1": "",
}
CONSENT = (
    r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"
)
POLICIES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft"


def files(root: Path, contents: dict[str, str]) -> Path:
    """Write files below a folder, and return it."""
    for path, content in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    return root


def found(access: RecordedAccess) -> dict[tuple[str, str], object]:
    """Return the readings without their beginning."""
    return {(r.id.removeprefix("devices.camera"), r.subject): r.value for r in cameras.read_cameras(access)}


def test_a_camera_of_two_nodes_is_one(tmp_path):
    """Pictures come from one of them; the other tells of them."""
    told = found(RecordedAccess(files(tmp_path, WEBCAM)))
    assert told == {
        ("_count", ""): 1,
        (".name", "video0"): "Sample Webcam: Sample",
        (".blocked_by", ""): [],
    }


def test_a_decoder_of_films_is_no_camera(tmp_path):
    """The system asked each node what it can."""
    udev = {"run/udev/data/c81:0": "E:ID_V4L_CAPABILITIES=:\n", "run/udev/data/c81:1": "E:ID_V4L_CAPABILITIES=:capture:\n"}  # fmt: skip
    told = found(RecordedAccess(files(tmp_path, {**WEBCAM, **udev})))
    assert [subject for id, subject in told if id == ".name"] == ["video1"]


def test_a_usb_camera_nothing_drives_has_no_driver(tmp_path):
    """Its interface says that it is one; without a driver there is no node."""
    told = found(
        RecordedAccess(
            files(
                tmp_path,
                {
                    "sys/bus/usb/devices/1-5/product": "Sample HD Camera",
                    "sys/bus/usb/devices/1-5:1.0/bInterfaceClass": "0e",
                    "sys/bus/usb/devices/1-5:1.0/bInterfaceSubClass": "01",
                    "sys/bus/usb/devices/1-5:1.1/bInterfaceClass": "0e",
                    "sys/bus/usb/devices/1-5:1.1/bInterfaceSubClass": "02",
                },
            )
        )
    )
    assert told[".problem", "1-5"] == "no driver"
    assert (told["_count", ""], told[".name", "1-5"]) == (1, "Sample HD Camera")


def test_a_camera_nobody_may_open_and_one_the_desktop_keeps_back(tmp_path, monkeypatch):
    """Permission is asked of the system, the privacy setting of the desktop."""
    monkeypatch.setattr("techkit.probes.cameras.os.access", lambda *_asked: False)
    outputs = {" ".join(cameras.PRIVACY.argv): Output(argv=cameras.PRIVACY.argv, code=0, stdout=b"true\n")}
    told = found(RecordedAccess(files(tmp_path, WEBCAM), outputs=outputs))
    assert told[".blocked_by", ""] == ["permission", "privacy setting"]


@pytest.mark.parametrize(("camera", "expected"), [({}, ["switch"]), (WEBCAM, [])])
def test_a_key_that_cuts_the_camera_off_counts_where_none_is_seen(tmp_path, camera, expected):
    """Some firmware says off for ever."""
    switch = {"sys/bus/platform/devices/VPC2004:00/camera_power": "0\n"}
    assert found(RecordedAccess(files(tmp_path, {**switch, **camera})))[".blocked_by", ""] == expected


def test_windows_tells_cameras_from_scanners_and_programs():
    """The class Image also holds scanners; a program's part of a camera is none."""
    told = [
        {"PNPDeviceID": "USB\\VID_1&PID_1&MI_00\\1", "Name": "Integrated Camera", "PNPClass": "Camera", "Service": "usbvideo", "ConfigManagerErrorCode": 22},
        {"PNPDeviceID": "USB\\VID_2&PID_2\\1", "Name": "Old Webcam", "PNPClass": "Image", "Service": "usbvideo", "ConfigManagerErrorCode": 0},
        {"PNPDeviceID": "USB\\VID_3&PID_3\\1", "Name": "Scanner", "PNPClass": "Image", "Service": "usbscan", "ConfigManagerErrorCode": 0},
        {"PNPDeviceID": "SWC\\X\\1", "Name": "Studio Effects", "PNPClass": "Camera", "Service": "", "ConfigManagerErrorCode": 0},
        {"PNPDeviceID": "USB\\VID_4&PID_4&MI_00\\1", "Name": "Camera", "PNPClass": "Camera", "Service": "", "ConfigManagerErrorCode": 43},
    ]  # fmt: skip
    sheet = windows_classes.readings([{**row, "CreationClassName": "Win32_PnPEntity"} for row in told])
    assert sheet.value("devices.camera_count") == 3
    assert sheet.value("devices.camera.problem", "USB\\VID_1&PID_1&MI_00\\1") == "switched off"
    assert sheet.value("devices.camera.problem", "USB\\VID_4&PID_4&MI_00\\1") == "stopped after problems"
    assert sheet.value("devices.camera.problem", "USB\\VID_2&PID_2\\1") is None


def test_a_list_of_windows_without_classes_counts_no_cameras():
    """An older list; nobody was asked, so none is missing."""
    row = {"PNPDeviceID": "USB\\VID_1&PID_1\\1", "Name": "Stick", "CreationClassName": "Win32_PnPEntity"}
    assert windows_classes.readings([row]).value("devices.camera_count") is None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({CONSENT: {"Value": "Allow"}}, []),
        ({CONSENT: {"Value": "Deny"}}, ["privacy setting"]),
        ({CONSENT: {"Value": "Allow"}, f"{CONSENT}\\SomeApp_1": {"Value": "Deny"}}, []),
        ({f"{CONSENT}\\NonPackaged": {"Value": "Deny"}}, ["privacy setting for desktop programs"]),
        ({f"{POLICIES}\\Windows\\AppPrivacy": {"LetAppsAccessCamera": 2}}, ["policy"]),
        ({f"{POLICIES}\\Windows\\AppPrivacy": {"LetAppsAccessCamera": 1}}, []),
        ({f"{POLICIES}\\Camera": {"AllowCamera": 0}}, ["policy"]),
        ({f"{POLICIES}\\Camera": {"AllowCamera": 1}}, []),
        ({f"{POLICIES}\\Windows\\AppPrivacy": {"LetAppsAccessMicrophone": 2}}, None),
    ],
)
def test_windows_says_what_keeps_programs_from_the_camera(keys, expected):
    """Settings of the person and of the computer, and policies; what one app may not is its own matter."""
    assert registry.readings(keys).value("devices.camera.blocked_by") == expected


def test_windows_gives_cameras_and_settings_together():
    """Devices from its one answer, settings from its registry."""
    folder = Path(__file__).parents[1] / "captures" / "windows-notebook"
    outputs = {" ".join(windows_request.FACTS.argv): (folder / "facts.json").read_bytes()}
    told = found(RecordedAccess(folder, platform=Platform.WINDOWS, outputs=outputs))
    assert told["_count", ""] == 1
    assert told[".blocked_by", ""] == []
    assert [value for (id, _subject), value in told.items() if id == ".name"] == ["Sample Camera"]


@pytest.mark.parametrize(("rule", "expected"), [({}, []), ({"allowCamera": False}, ["policy"])])
def test_a_profile_forbids_the_camera_of_a_mac(tmp_path, rule, expected):
    """For everybody or for one person."""
    place = tmp_path / "Library/Managed Preferences/ina/com.apple.applicationaccess.plist"
    place.parent.mkdir(parents=True)
    place.write_bytes(plistlib.dumps(rule))
    answer = (
        b'{"SPCameraDataType": [{"_name": "FaceTime HD Camera", "spcamera_model-id": "FaceTime HD Camera"}]}'
    )
    outputs = {" ".join(access_macos.HARDWARE.argv): answer}
    told = found(RecordedAccess(tmp_path, platform=Platform.MACOS, outputs=outputs))
    assert told == {("_count", ""): 1, (".name", "0"): "FaceTime HD Camera", (".blocked_by", ""): expected}
