"""Readings of the processor checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, UNKNOWN, WATCH, Cases

CASES: Cases = {
    "cpu_throttling": [
        (OK, {"processor.speed_limit_percent@A": 100}),
        (WATCH, {"processor.speed_limit_percent@A": 100, "processor.speed_limit_percent@B": 99}),
        (OK, {"processor.throttle_count@0": 10, "os.uptime_s": 3600}),
        (WATCH, {"processor.throttle_count@0": 11, "os.uptime_s": 3600}),
    ],
    "load": [
        (OK, {"processor.load_5": 4.0, "processor.online_count": 2}),
        (WATCH, {"processor.load_5": 4.1, "processor.online_count": 2}),
    ],
    "processor_use": [
        (OK, {"usage.processor_percent": 90.0, "usage.watched_seconds": 10.0}),
        (WATCH, {"usage.processor_percent": 90.1, "usage.own.processor_percent": 4.0}),
    ],
    "processor_under_load": [
        (OK, {"active.processor.drop_percent": 25.0, "active.processor.peak_celsius": 94.0}),
        (WATCH, {"active.processor.drop_percent": 26.0}),
        (WATCH, {"active.processor.drop_percent": 3.0, "active.processor.peak_celsius": 95.0}),
    ],
    "processor_wait": [
        (OK, {"processor.wait_percent": 19.0, "processor.steal_percent": 9.0}),
        (WATCH, {"processor.wait_percent": 21.0}),
        (WATCH, {"processor.wait_percent": 1.0, "processor.steal_percent": 11.0}),
    ],
    "temperature": [
        (
            UNKNOWN,
            {"temperature.celsius@k10temp Tctl": {"reason": "failed", "reason_text": "It reports 255 °C."}},
        ),
        # An input of the main board with nothing on it.
        (
            NA,
            {
                "temperature.celsius@nct6775 AUXTIN0": {
                    "reason": "failed",
                    "reason_text": "It reports 255 °C.",
                }
            },
        ),
        (OK, {"temperature.celsius@coretemp Core 0": 69, "temperature.high_celsius@coretemp Core 0": 80}),
        (WATCH, {"temperature.celsius@coretemp Core 0": 70, "temperature.high_celsius@coretemp Core 0": 80}),
        (
            ACT,
            {
                "temperature.celsius@coretemp Core 0": 100,
                "temperature.high_celsius@coretemp Core 0": 80,
                "temperature.critical_celsius@coretemp Core 0": 100,
            },
        ),
        (NA, {"temperature.celsius@acpitz temp1": 110}),
    ],
}
