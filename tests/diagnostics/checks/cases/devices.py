"""Readings of the devices checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, WATCH, Cases

CASES: Cases = {
    "bluetooth": [
        (OK, {"devices.bluetooth.state@hci0": "on"}),
        (WATCH, {"devices.bluetooth.state@hci0": "blocked"}),
    ],
    "camera": [
        (
            OK,
            {
                "devices.camera_count": 1,
                "devices.camera.name@video0": "Webcam",
                "devices.camera.blocked_by": [],
            },
        ),
        (OK, {"devices.camera_count": 2}),
        (
            WATCH,
            {
                "devices.camera_count": 1,
                "devices.camera.name@a": "Webcam",
                "devices.camera.problem@a": "no driver",
            },
        ),
        (
            WATCH,
            {
                "devices.camera_count": 1,
                "devices.camera.blocked_by": ["privacy setting for desktop programs"],
            },
        ),
        (WATCH, {"devices.camera_count": 1, "devices.camera.blocked_by": ["policy", "privacy setting"]}),
        (WATCH, {"devices.camera_count": 0, "system.kind": "notebook"}),
        (
            WATCH,
            {"devices.camera_count": 0, "devices.camera.blocked_by": ["switch"], "system.kind": "desktop"},
        ),
        (NA, {"devices.camera_count": 0, "devices.camera.blocked_by": [], "system.kind": "desktop"}),
        (NA, {"devices.camera_count": 0, "system.kind": "virtual"}),
    ],
    "camera_test": [
        (
            OK,
            {
                "hands.camera.judgement": "works",
                "hands.camera.picture_count": 30,
                "hands.camera.size": "640 × 480",
            },
        ),
        (ACT, {"hands.camera.judgement": "faulty", "hands.camera.note": "upside down"}),
    ],
    "keyboard_test": [
        (
            OK,
            {
                "hands.keyboard.judgement": "works",
                "hands.keyboard.seen_count": 78,
                "hands.keyboard.key_count": 80,
            },
        ),
        (ACT, {"hands.keyboard.judgement": "faulty", "hands.keyboard.silent": ["E", "Enter"]}),
    ],
    "microphone_test": [
        (OK, {"hands.microphone.judgement": "works", "hands.microphone.peak_percent": 41.5}),
        (ACT, {"hands.microphone.judgement": "faulty"}),
    ],
    "usb_devices": [
        (OK, {"devices.usb_faults": []}),
        (
            WATCH,
            {"devices.usb_faults": [{"name": "USB 1-port3", "id": "1-port3", "problem": "too much current"}]},
        ),
    ],
    "missing_drivers": [
        (OK, {"devices.missing_drivers": []}),
        (
            WATCH,
            {
                "devices.missing_drivers": [
                    {"name": "Network card", "id": "10ec:8168", "problem": "no driver"}
                ]
            },
        ),
    ],
    "pointer_test": [
        (OK, {"hands.pointer.judgement": "works", "hands.pointer.seen": ["move", "left_button"]}),
        (ACT, {"hands.pointer.judgement": "faulty", "hands.pointer.note": "the left button sticks"}),
    ],
    "printers": [
        (WATCH, {"devices.print_service": "stopped"}),
        (OK, {"devices.printer.state@Office": "idle", "devices.printer.jobs@Office": 4}),
        (WATCH, {"devices.printer.state@Office": "idle", "devices.printer.jobs@Office": 5}),
        (ACT, {"devices.printer.state@Office": "stopped", "devices.printer.jobs@Office": 1}),
        (WATCH, {"devices.printer.state@Office": "stopped", "devices.printer.jobs@Office": 0}),
    ],
    "sound": [
        (OK, {"devices.sound_count": 1, "system.kind": "notebook"}),
        (WATCH, {"devices.sound_count": 0, "system.kind": "notebook"}),
        (NA, {"devices.sound_count": 0, "system.kind": "virtual"}),
    ],
    "speaker_test": [
        (OK, {"hands.speaker.judgement": "works", "hands.speaker.sides": ["left", "right"]}),
        (ACT, {"hands.speaker.judgement": "faulty", "hands.speaker.note": "only the left one"}),
    ],
}
