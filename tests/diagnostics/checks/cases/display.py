"""Readings of the display checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, WATCH, Cases

#: One monitor whose every point is shown.
SHARP = {
    "display.monitor.mode@D1": "1920 × 1080",
    "display.monitor.is_digital@D1": True,
    "display.monitor_count": 1,
    "display.graphics.name@1": "Sample Iris",
    "display.graphics.mode@1": "1920 × 1080, 60 Hz",
}

CASES: Cases = {
    "graphics_driver": [
        (OK, {"display.graphics.name@1": "Sample Iris", "display.graphics.driver_date@1": "2024-12-01"}),
        (WATCH, {"display.graphics.name@1": "Sample Iris", "display.graphics.driver_date@1": "2021-12-01"}),
        (
            WATCH,
            {
                "display.graphics.name@1": "Microsoft Basic Display Adapter",
                "display.graphics.driver_date@1": "2026-01-01",
            },
        ),
        (OK, {"display.graphics.name@00:02.0": "Sample Iris", "display.graphics.driver@00:02.0": "i915"}),
        (
            NA,
            {
                "display.graphics.name@1": "Microsoft Remote Display Adapter",
                "display.graphics.driver_date@1": "2006-06-21",
            },
        ),
    ],
    "picture_size": [
        (OK, SHARP),
        (OK, SHARP | {"display.graphics.mode@1": "1080 × 1920, 60 Hz"}),  # a monitor that stands upright
        (WATCH, SHARP | {"display.graphics.mode@1": "1280 × 720, 60 Hz"}),
        (NA, SHARP | {"display.graphics.mode@1": "1280 × 720, 60 Hz", "display.monitor_count": 2}),
        (NA, SHARP | {"display.graphics.name@1": "Microsoft Remote Display Adapter"}),
        (NA, SHARP | {"system.kind": "virtual"}),
        (NA, SHARP | {"display.monitor.is_digital@D1": False}),
    ],
    "screen_test": [
        (OK, {"hands.screen.judgement": "works", "hands.screen.colour_count": 6}),
        (ACT, {"hands.screen.judgement": "faulty", "hands.screen.note": "a dead dot at the top left"}),
    ],
}
