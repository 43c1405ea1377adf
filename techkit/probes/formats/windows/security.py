"""Virus scanners and the firewall.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats.windows.values import Read, Row, number, text, truth
from techkit.probes.sheet import Sheet


def _antivirus(sheet: Sheet, rows: Sequence[Row]) -> None:
    """SecurityCenter2: productState is 0xPPSSDD; SS 0x10 or 0x11: on; DD 0x00: current.

    Source: observed by many, documented in Windows Security Center's IWscProduct states.
    """
    found = []
    for row in rows:
        state = number(row, "productState")
        name = text(row, "displayName")
        if not name:
            continue
        if state is not None:
            active, current = (state >> 12) & 0xF == 1, state & 0xFF == 0
        else:  # SecurityCenter of Windows XP
            active, current = (
                truth(row, "onAccessScanningEnabled") is True,
                truth(row, "productUptoDate") is True,
            )
        found.append({"name": name, "is_active": active, "is_current": current})
    sheet.add("security.antivirus", found)
    if found:
        sheet.add("security.antivirus.active", any(row["is_active"] for row in found))


def _defender(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    # Off is said by the Security Center, which knows the other scanners too; here it may only have stood back.
    watches = truth(row, "RealTimeProtectionEnabled")
    if watches or sheet.value("security.antivirus.active") is None:
        sheet.add("security.antivirus.active", watches)
    age = number(row, "AntivirusSignatureAge")
    sheet.add("security.antivirus.age_days", age if age is not None and 0 <= age < 10_000 else None)


def _firewall(sheet: Sheet, rows: Sequence[Row]) -> None:
    active = {}
    for row in rows:
        name = text(row, "Name") or text(row, "InstanceID")
        state = number(row, "Enabled")
        if state is None and truth(row, "Enabled") is not None:
            state = int(truth(row, "Enabled") or False)
        if name and state in (0, 1):
            active[name] = state == 1
            sheet.add("security.firewall.profile", "on" if state else "off", subject=name)
    if active:
        sheet.add("security.firewall.active", all(active.values()))
        sheet.add("security.firewall.kind", "Windows Firewall")


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "AntiVirusProduct": _antivirus,
    "MSFT_MpComputerStatus": _defender,
    "MSFT_NetFirewallProfile": _firewall,
}
