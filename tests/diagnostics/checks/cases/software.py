"""Readings of the programs checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, WATCH, Cases

CASES: Cases = {
    "broken_installs": [(OK, {"software.broken": []}), (WATCH, {"software.broken": ["libreoffice-core"]})],
    "browser_end_of_life": [
        (
            OK,
            {
                "software.browsers": [
                    {"name": "Firefox", "version": "155.0", "product": "firefox", "cycle": "155"}
                ]
            },
        ),
        (
            OK,
            {
                "software.browsers": [
                    {"name": "Firefox", "version": "153.1", "product": "firefox", "cycle": "153"}
                ]
            },
        ),
        (
            ACT,
            {
                "software.browsers": [
                    {"name": "Firefox", "version": "120.0", "product": "firefox", "cycle": "120"}
                ]
            },
        ),
        (
            ACT,
            {
                "software.browsers": [
                    {"name": "Chrome", "version": "90.0", "product": "chrome", "cycle": "90"}
                ]
            },
        ),
        (
            WATCH,
            {
                "software.browsers": [
                    {"name": "Chrome", "version": "151.0", "product": "chrome", "cycle": "151"}
                ]
            },
        ),
        (
            ACT,
            {
                "software.browsers": [
                    {
                        "name": "Internet Explorer",
                        "version": "11",
                        "product": "internet-explorer",
                        "cycle": "11",
                    }
                ]
            },
        ),
    ],
    "duplicate_programs": [(OK, {"software.duplicates": []}), (WATCH, {"software.duplicates": ["Firefox"]})],
    "held_programs": [(OK, {"software.held": []}), (WATCH, {"software.held": ["linux-image-amd64"]})],
    "office_end_of_life": [
        (
            ACT,
            {
                "software.office": [
                    {"name": "Microsoft Office 2016", "version": "16.0", "product": "office", "cycle": "2016"}
                ]
            },
        ),
        (
            OK,
            {
                "software.office": [
                    {"name": "Microsoft Office 2024", "version": "16.0", "product": "office", "cycle": "2024"}
                ]
            },
        ),
        (
            OK,
            {
                "software.office": [
                    {"name": "Microsoft 365", "version": "16.0", "product": "office", "cycle": "365"}
                ]
            },
        ),
        (
            WATCH,
            {
                "software.office": [
                    {
                        "name": "LibreOffice 26.2",
                        "version": "26.2.5",
                        "product": "libreoffice",
                        "cycle": "26.2",
                    }
                ]
            },
        ),
        (NA, {"software.office": []}),
    ],
    "update_service": [
        (OK, {"software.updates.list_age_days": 14.0}),
        (WATCH, {"software.updates.list_age_days": 15.0}),
        (ACT, {"software.updates.list_age_days": 46.0}),
    ],
    "updates_missing": [
        # Somebody installed a program today; the many that wait did not come since.
        (
            WATCH,
            {
                "software.updates.pending": 125,
                "software.updates.security": 77,
                "software.updates.installed_age_days": 0.3,
            },
        ),
        (ACT, {"software.updates.pending": 3, "software.updates.installed_age_days": 46.0}),
        (OK, {"software.updates.pending": 3, "software.updates.installed_age_days": 3.0}),
        (OK, {"software.updates.pending": 0}),
        (
            OK,
            {
                "software.updates.pending": 30,
                "software.updates.security": 0,
                "software.updates.installed_age_days": 90.0,
            },
        ),
        (
            OK,
            {
                "software.updates.pending": 3,
                "software.updates.security": 2,
                "software.updates.installed_age_days": 14.0,
            },
        ),
        (
            WATCH,
            {
                "software.updates.pending": 3,
                "software.updates.security": 2,
                "software.updates.installed_age_days": 15.0,
            },
        ),
        (
            ACT,
            {
                "software.updates.pending": 3,
                "software.updates.security": 2,
                "software.updates.installed_age_days": 46.0,
            },
        ),
    ],
}
