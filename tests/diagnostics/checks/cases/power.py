"""Readings of the power checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, WATCH, Cases

CASES: Cases = {
    "adapter": [
        (
            OK,
            {
                "power.adapter_online": True,
                "power.battery.state@0": "charging",
                "power.battery.charge_percent@0": 12.0,
            },
        ),
        (
            OK,
            {
                "power.adapter_online": True,
                "power.battery.state@0": "discharging",
                "power.battery.charge_percent@0": 90.0,
            },
        ),
        (
            WATCH,
            {
                "power.adapter_online": True,
                "power.battery.state@0": "discharging",
                "power.battery.charge_percent@0": 89.0,
            },
        ),
        (
            NA,
            {
                "power.adapter_online": False,
                "power.battery.state@0": "discharging",
                "power.battery.charge_percent@0": 12.0,
            },
        ),
    ],
    "battery_wear": [
        (OK, {"power.battery.health_percent@BAT0": 80.0}),
        (WATCH, {"power.battery.health_percent@BAT0": 71.0}),
        (ACT, {"power.battery.health_percent@BAT0": 59.9}),
        (NA, {"power.battery.health_percent@BAT0": 0.0}),
        (OK, {"power.battery.health_percent@0": 91.0, "power.battery.condition@0": "Normal"}),
        (WATCH, {"power.battery.health_percent@0": 91.0, "power.battery.condition@0": "Service Recommended"}),
        (ACT, {"power.battery.health_percent@0": 55.0, "power.battery.condition@0": "Service Recommended"}),
        (ACT, {"power.battery.condition@0": "Replace Now"}),
        (NA, {"power.battery.condition@0": "Normal"}),
    ],
    "power_supplies": [
        (OK, {"power.supply.state@PSU 1": "ok", "power.supply.is_plugged@PSU 1": True}),
        (OK, {"power.supply.is_plugged@PSU 1": True}),  # most servers say no more to the table
        (ACT, {"power.supply.state@PSU 2": "failed", "power.supply_count": 2}),
        # All of them failed, says the firmware of a computer that runs.
        (WATCH, {"power.supply.state@PSU 1": "failed", "power.supply_count": 1}),
        (WATCH, {"power.supply.state@PSU 2": "warning"}),
        (WATCH, {"power.supply.state@PSU 2": "ok", "power.supply.is_plugged@PSU 2": False}),
        (NA, {"power.supply_count": 1}),
    ],
    "power_plan": [
        (OK, {"power.plan": "balanced"}),
        (WATCH, {"power.plan": "low-power", "power.adapter_online": True}),
        (OK, {"power.plan": "low-power", "power.adapter_online": False}),
    ],
}
