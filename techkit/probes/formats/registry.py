"""The Windows registry: exports of regedit as a tree, and readings from any such tree.

techkit reads the registry itself into the same tree (access_windows), so that an export from the
field and the computer go through the same functions.
Source of the format: Microsoft Support 310516, ".reg" files, versions 4 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from techkit.probes.formats import proxy_text, usual_browser
from techkit.probes.formats.decode import decode
from techkit.probes.formats.programs import product_cycle, program_readings
from techkit.probes.formats.windows import devices as windows_devices
from techkit.probes.formats.windows.system import sku_of_edition, windows_cycle
from techkit.probes.sheet import Sheet

#: Key path as exported → its values by name; "" is the default value.
Tree = dict[str, dict[str, Any]]


def parse(content: str | bytes) -> Sheet:
    """Return the readings of an export; keys nobody asks about give none."""
    return readings(tree(decode(content) if isinstance(content, bytes) else content))


# --- the export ------------------------------------------------------------------------------------


def tree(text: str) -> Tree:
    """Return the keys of an export with their values; lines that do not fit are left out."""
    found: Tree = {}
    current: dict[str, Any] = {}
    for line in _whole_lines(text):
        if line.startswith("[") and line.endswith("]"):
            current = found.setdefault(line[1:-1].removeprefix("-"), {})
            continue
        match = re.match(r'(?:"((?:[^"\\]|\\.)*)"|(@))=(.*)$', line)
        if match:
            name = "" if match[2] else _unescape(match[1] or "")
            current[name] = _value(match[3].strip())
    return found


def _whole_lines(text: str) -> Iterator[str]:
    """Yield lines; those that end in a backslash are joined with the next."""
    held = ""
    for row in text.splitlines():
        line = row.rstrip("\r\n\0 ")
        if held:
            line = held + line.strip()
            held = ""
        if line.endswith("\\") and "=hex" in line:
            held = line[:-1]
            continue
        if line:
            yield line.strip()
    if held:
        yield held


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _value(text: str) -> Any:
    if text.startswith('"'):
        end = len(text) - 1 if text.endswith('"') and len(text) > 1 else len(text)
        return _unescape(text[1:end])
    number = re.fullmatch(r"dword:([0-9a-fA-F]{1,8})", text)
    if number:
        return int(number[1], 16)
    raw = re.fullmatch(r"hex(?:\(([0-9a-fA-F]{1,2})\))?:([0-9a-fA-F, ]*)", text)
    if not raw:
        return None
    pairs = re.findall(r"[0-9a-fA-F]{2}", raw[2])
    data = bytes(int(pair, 16) for pair in pairs)
    kind = (raw[1] or "3").casefold()
    if kind in ("1", "2"):
        return _wide(data)
    if kind == "7":
        return [part for part in _wide(data).split("\0") if part]
    if kind in ("4", "5"):
        return int.from_bytes(data[:4], "little" if kind == "4" else "big") if data else None
    if kind == "b":
        return int.from_bytes(data[:8], "little") if data else None
    return data


def _wide(data: bytes) -> str:
    text = data.decode("utf-16-le", "replace") if b"\0" in data[1::2] else data.decode("latin-1")
    return text.rstrip("\0")


# --- readings --------------------------------------------------------------------------------------


def readings(keys: Tree) -> Sheet:
    """Return the readings of the keys there are."""
    sheet = Sheet("registry")
    folded = {path.casefold(): (path, values) for path, values in keys.items()}
    for read in _READERS:
        read(sheet, folded)
    return sheet


def not_read(content: bytes) -> list[str]:
    """Return the topmost keys of an export of which no reading is made at all, [] where there is any."""
    keys = tree(decode(content))
    if len(readings(keys)):
        return []
    paths = sorted(keys, key=len)
    return [p for at, p in enumerate(paths) if not any(p.startswith(f"{q}\\") for q in paths[:at])]


Folded = Mapping[str, tuple[str, dict[str, Any]]]


def _text(values: Mapping[str, Any], *names: str) -> str:
    lowered = {name.casefold(): value for name, value in values.items()}
    for name in names:
        value = lowered.get(name.casefold())
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _number(values: Mapping[str, Any], name: str) -> int | None:
    value = {key.casefold(): item for key, item in values.items()}.get(name.casefold())
    if isinstance(value, bytes) and 0 < len(value) <= 8:
        return int.from_bytes(value, "little")
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _below(keys: Folded, tail: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (name of the child, its path, values) of every key right below one ending in `tail`."""
    mark = tail.casefold() + "\\"
    for folded, (path, values) in keys.items():
        at = folded.find(mark)
        if at >= 0 and "\\" not in folded[at + len(mark) :]:
            yield path[at + len(mark) :], path, values


def _at(keys: Folded, tail: str) -> Iterator[dict[str, Any]]:
    for folded, (_path, values) in keys.items():
        if folded.endswith(tail.casefold()):
            yield values


def _programs(sheet: Sheet, keys: Folded) -> None:
    programs = uninstall_entries(keys)
    programs += _sql_servers(keys)
    office = list(_office(keys))
    if programs or any("\\currentversion\\uninstall" in path for path in keys):
        for row in office:
            if not any(row["name"] == program["name"] for program in programs):
                programs.append(
                    {
                        "name": row["name"],
                        "version": row["version"],
                        "publisher": "Microsoft",
                        "source": "registry",
                    }
                )
        sheet.extend(program_readings(programs, "registry: Uninstall"))
    elif office:
        sheet.add("software.office", office)


def uninstall_entries(keys: Folded) -> list[dict[str, str]]:
    """Return the installed programs below the Uninstall keys; updates and parts are left out.

    source: "registry" (64-bit or the only one), "registry32" (WOW6432Node), "registry_user".
    Source: Microsoft Learn, "Uninstall Registry Key"; SystemComponent and ParentKeyName hide an
    entry from the list a person sees.
    """
    found = []
    for name, path, values in _below(keys, "\\CurrentVersion\\Uninstall"):
        shown = _text(values, "DisplayName")
        parent = _text(values, "ParentKeyName")
        release = _text(values, "ReleaseType").casefold()
        hidden = _number(values, "SystemComponent") == 1
        fix = "update" in release or "hotfix" in release or re.fullmatch(r"KB\d{6,8}", name, re.IGNORECASE)
        if not shown or parent or hidden or fix:
            continue
        version = _text(values, "DisplayVersion")
        major, minor = _number(values, "VersionMajor"), _number(values, "VersionMinor")
        if not version and major is not None:
            version = f"{major}.{minor or 0}"
        source = "registry"
        if "\\wow6432node\\" in path.casefold():
            source = "registry32"
        if path.upper().startswith(("HKEY_CURRENT_USER", "HKEY_USERS", "HKCU", "HKU")):
            source = "registry_user"
        found.append(
            {"name": shown, "version": version, "publisher": _text(values, "Publisher"), "source": source}
        )
    return found


def _sql_servers(keys: Folded) -> list[dict[str, str]]:
    found = []
    for folded, (path, values) in keys.items():
        match = re.search(r"\\microsoft sql server\\([^\\]+)\\setup$", folded)
        if match and _text(values, "Version"):
            instance = path.split("\\")[-2]
            edition = _text(values, "Edition")
            name = f"Microsoft SQL Server {edition} ({instance})".replace("  ", " ")
            found.append(
                {
                    "name": name,
                    "version": _text(values, "PatchLevel", "Version"),
                    "publisher": "Microsoft",
                    "source": "registry",
                }
            )
    return found


#: Click-to-Run product ids end in the year of the release; 365 has none.
_RELEASE_ID: Final = re.compile(
    r"^(O365|[A-Za-z]+?)(20\d\d)?(?:Retail|Volume|VL|BusinessRetail|EEANoTeamsRetail)?$"
)


def _registered(keys: Folded) -> Iterator[tuple[str, str]]:
    """Return name and version of each Office that was installed, from the list of what could be licensed.

    Office 2016 lists some three hundred products there. One that is installed has its product code or its product id; several
    names of one code are editions of the same set-up, of which the first is the one that was bought.
    """
    by_code: dict[str, tuple[str, str]] = {}
    for folded, (_path, values) in keys.items():
        found = re.search(r"\\office\\(\d{2}\.0)\\registration\\(\{[0-9a-f-]+\})$", folded)
        code = _text(values, "ProductCode").casefold() or (
            found[2] if found and "DigitalProductID" in values else ""
        )
        if not found or not code:
            continue
        name, before = _text(values, "ProductName"), by_code.get(code)
        if name.startswith("Microsoft Office") and (before is None or not before[0]):
            by_code[code] = (name, found[1])
        else:
            by_code.setdefault(code, ("", found[1]))
    for folded, (_path, values) in keys.items():
        code = folded.rpartition("\\")[2]
        if code in by_code and not by_code[code][0]:
            by_code[code] = (_text(values, "ConvertToEdition"), by_code[code][1])
    yield from dict.fromkeys(by_code.values())


def _office(keys: Folded) -> Iterator[dict[str, str]]:
    """Return the office suites: those of a set-up of their own, then those Click-to-Run keeps."""
    seen = set()
    for name, version in _registered(keys):
        if name.startswith("Microsoft Office"):
            seen.add(name)
            cycle = product_cycle("office", name, "") or {"12.0": "2007", "14.0": "2010", "15.0": "2013"}.get(
                version, ""
            )
            yield {"name": name, "version": version, "product": "office", "cycle": cycle}
    for folded, (_path, values) in keys.items():
        if folded.endswith("\\office\\clicktorun\\configuration"):
            for release in _text(values, "ProductReleaseIds").split(","):
                match = _RELEASE_ID.match(release.strip())
                if match and release not in seen:
                    seen.add(release)
                    is_365 = match[1].startswith("O365") or (not match[2] and "365" in release)
                    name = "Microsoft 365" if is_365 else f"Microsoft Office {match[2] or ''}".strip()
                    yield {
                        "name": name,
                        "version": _text(values, "VersionToReport"),
                        "product": "office",
                        "cycle": "365" if is_365 else match[2] or "2016",
                    }


def _firewall(sheet: Sheet, keys: Folded) -> None:
    names = {"domainprofile": "Domain", "standardprofile": "Private", "publicprofile": "Public"}
    active = {}
    for key, name in names.items():
        for values in _at(keys, f"\\FirewallPolicy\\{key}"):
            state = _number(values, "EnableFirewall")
            if state in (0, 1):
                active[name] = state == 1
                sheet.add("security.firewall.profile", "on" if state else "off", subject=name)
    if active:
        sheet.add("security.firewall.active", all(active.values()))
        sheet.add("security.firewall.kind", "Windows Firewall")


def _processors(sheet: Sheet, keys: Folded) -> None:
    found = [
        (name, values)
        for name, _path, values in _below(keys, "\\System\\CentralProcessor")
        if name.isdecimal()
    ]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for _name, values in sorted(found, key=lambda item: int(item[0][:18])):
        by_name.setdefault(" ".join(_text(values, "ProcessorNameString").split()), []).append(values)
    # One key is one thread; the registry does not say how threads make cores and sockets.
    for place, (name, members) in enumerate(by_name.items()):
        subject = str(place)
        sheet.add("processor.name", name, subject=subject)
        sheet.add("processor.vendor", _text(members[0], "VendorIdentifier"), subject=subject)
        sheet.add("processor.threads", len(members), subject=subject)
        sheet.add("processor.frequency_max_mhz", _number(members[0], "~MHz"), subject=subject)
        match = re.search(
            r"Family (\d{1,5}) Model (\d{1,5}) Stepping (\d{1,5})", _text(members[0], "Identifier")
        )
        if match:
            for field, value in zip(("family", "model", "stepping"), match.groups(), strict=True):
                sheet.add(f"processor.{field}", int(value), subject=subject)
    if found:
        sheet.add("processor.thread_count", len(found))


def _sign_in(sheet: Sheet, keys: Folded) -> None:
    names = [_text(values, "LastLoggedOnUser") for values in _at(keys, "\\Authentication\\LogonUI")]
    names += [
        _text(values, "UserName")
        for folded, (_path, values) in keys.items()
        if "\\identitystore\\cache\\" in folded and _text(values, "UserName")
    ]
    if any(names):
        sheet.add("os.users.signed_in", sorted({name.removeprefix(".\\") for name in names if name}))
    for values in _at(keys, "\\CurrentVersion\\Winlogon"):
        sheet.add("security.automatic_sign_in", _text(values, "AutoAdminLogon") == "1")
    for values in _at(keys, "\\Policies\\System"):
        state = _number(values, "EnableLUA")
        sheet.add("security.account_control", None if state is None else state == 1)


#: Class of display adapters and of network adapters. Source: Microsoft Learn, device setup classes.
_DISPLAY: Final = "{4d36e968-e325-11ce-bfc1-08002be10318}"
_NETWORK: Final = "{4d36e972-e325-11ce-bfc1-08002be10318}"


def _graphics(sheet: Sheet, keys: Folded) -> None:
    # The registry also remembers cards that are gone: it cannot tell how many there are.
    for name, _path, values in _below(keys, f"\\Control\\Class\\{_DISPLAY}"):
        driver = _text(values, "DriverDesc")
        # A remote session's picture is no card.
        device = _text(values, "MatchingDeviceId").casefold()
        if not name.isdecimal() or not driver or device.startswith(("rdpidd", "rdp_", "root\\")):
            continue
        sheet.add("display.graphics.name", driver, subject=name)
        sheet.add("display.graphics.driver_version", _text(values, "DriverVersion"), subject=name)
        sheet.add("display.graphics.driver_date", _month_first(_text(values, "DriverDate")), subject=name)
        memory = _number(values, "HardwareInformation.qwMemorySize") or _number(
            values, "HardwareInformation.MemorySize"
        )
        sheet.add(
            "display.graphics.memory_bytes", memory if memory and memory < 2**40 else None, subject=name
        )


def _month_first(text: str) -> str:
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})-(\d{4})", text)
    try:
        return date(int(match[3]), int(match[1]), int(match[2])).isoformat() if match else ""
    except ValueError:
        return ""


def _network(sheet: Sheet, keys: Folded) -> None:
    drivers: dict[str, str] = {}
    for _name, _path, values in _below(keys, f"\\Control\\Class\\{_NETWORK}"):
        guid = _text(values, "NetCfgInstanceId").casefold()
        if guid:
            drivers[guid] = _text(values, "DriverDesc")
    connections: dict[str, dict[str, Any]] = {}
    for folded, (_path, values) in keys.items():
        match = re.search(
            rf"\\control\\network\\{re.escape(_NETWORK)}\\(\{{[0-9a-f-]{{36}}\}})\\connection$", folded
        )
        if match:
            connections[match[1]] = values
    for guid in sorted(set(drivers) | set(connections)):
        values = connections.get(guid, {})
        name = _text(values, "Name") or drivers.get(guid, "")
        sheet.add("network.interface.description", drivers.get(guid) or name, subject=name)
        device = _text(values, "PnPInstanceId", "PnpInstanceID").upper()
        if device:
            sheet.add(
                "network.interface.is_physical",
                device.startswith(("PCI\\", "USB\\", "SD\\", "VMBUS\\")),
                subject=name,
            )
        kind = _number(values, "MediaSubType")
        if values:
            sheet.add("network.interface.is_wireless", kind == 2, subject=name)


def proxies(keys: Tree) -> list[proxy_text.Setting]:
    """Return what a person's programs and Windows' own services are told to ask instead of the internet.

    A policy (ProxySettingsPerUser = 0) makes the computer's setting hold for everybody.
    Source: Microsoft Learn, Internet Settings; WinHTTP keeps its own (netsh winhttp show proxy).
    """
    return _proxies({path.casefold(): (path, values) for path, values in keys.items()})


def _proxies(keys: Folded) -> list[proxy_text.Setting]:
    tail = "\\microsoft\\windows\\currentversion\\internet settings"
    policy = next((values for path, (_p, values) in keys.items() if path.endswith(f"\\policies{tail}")), {})
    is_for_all = _number(policy, "ProxySettingsPerUser") == 0
    found: dict[str, proxy_text.Setting] = {}
    for folded, (_path, values) in sorted(keys.items()):
        is_machine = folded.startswith(("hkey_local_machine", "hklm"))
        if folded.endswith(f"software{tail}") and is_machine == is_for_all:
            place = "Windows (all)" if is_machine else "Windows"
            connections = keys.get(f"{folded}\\connections", ("", {}))[1]
            found.setdefault(
                place, proxy_text.from_registry(values, connections.get("DefaultConnectionSettings"), place)
            )
        elif folded.endswith(f"software{tail}\\connections") and is_machine:
            services = proxy_text.from_win_http(values.get("WinHttpSettings"))
            if services:
                found.setdefault(services.place, services)
    return list(found.values())


def _proxy(sheet: Sheet, keys: Folded) -> None:
    sheet.extend(proxy_text.readings(_proxies(keys), "registry: Internet Settings"))


def _usb_printers(sheet: Sheet, keys: Folded) -> None:
    for folded, (path, values) in keys.items():
        match = re.search(r"\\enum\\usbprint\\([^\\]+)\\[^\\]+$", folded)
        if match and (_text(values, "DeviceDesc", "FriendlyName") or "HardwareID" in values):
            parts = path.split("\\")
            port = re.search(r"USB\d{3}", parts[-1], re.IGNORECASE)
            described = _text(values, "FriendlyName", "DeviceDesc").rpartition(";")[2]
            subject = parts[-2]
            sheet.add("devices.printer.driver", described, subject=subject)
            sheet.add("devices.printer.address", port[0].upper() if port else "USB", subject=subject)


def _usb_devices(sheet: Sheet, keys: Folded) -> None:
    """Give the USB devices that are plugged in: Windows remembers every one, and gives those a key "Control"."""
    present = 0
    for folded, (path, values) in keys.items():
        match = re.search(
            r"\\enum\\usb\\vid_([0-9a-f]{4})&pid_([0-9a-f]{4})(?!&mi_)[^\\]*\\([^\\]+)$", folded
        )
        if match and f"{folded}\\control" in keys:
            present += 1
            device = f"{match[1]}:{match[2]}"
            subject = f"{device} {match[3]}"
            name = _text(values, "FriendlyName") or _text(values, "DeviceDesc").rpartition(";")[2]
            sheet.add("devices.usb.name", name, subject=subject)
            sheet.add("devices.usb.id", device, subject=subject)
            sheet.add(
                "devices.usb.serial", windows_devices.usb_serial(path.rpartition("\\")[2]), subject=subject
            )
    if any(folded.endswith("\\enum\\usb") for folded in keys):
        sheet.add("devices.usb_count", present)


def _system(sheet: Sheet, keys: Folded) -> None:

    for values in _at(keys, "\\Windows NT\\CurrentVersion"):
        build = _text(values, "CurrentBuild", "CurrentBuildNumber")
        if not build.isdecimal():
            continue
        edition = _text(values, "EditionID")
        server = _text(values, "InstallationType").startswith("Server")
        product, cycle = windows_cycle(int(build[:6]), sku_of_edition(edition), 3 if server else 1)
        sheet.add("os.family", "windows")
        # ProductName still says "Windows 10" on Windows 11; only the build tells.
        name = _text(values, "ProductName")
        sheet.add(
            "os.name",
            name.replace("Windows 10", "Windows 11") if int(build[:6]) >= 22000 and not server else name,
        )
        sheet.add("os.version", _text(values, "DisplayVersion", "ReleaseId"))
        revision = _number(values, "UBR")
        sheet.add("os.build", f"{build}.{revision}" if revision else build)
        sheet.add("os.edition", edition)
        sheet.add("os.product", product if cycle else "")
        sheet.add("os.cycle", cycle)
    for values in _at(keys, "\\Control\\SecureBoot\\State"):
        state = _number(values, "UEFISecureBootEnabled")
        sheet.add("security.secure_boot", None if state is None else state == 1)
    for values in _at(keys, "\\Control\\TimeZoneInformation"):
        sheet.add("os.time_zone", _text(values, "TimeZoneKeyName"))


#: Keys whose presence means that something waits for a restart. Source: Microsoft Learn,
#: Component-Based Servicing and Windows Update agent.
_RESTART: Final = (
    ("\\component based servicing\\rebootpending", "Windows servicing"),
    ("\\windowsupdate\\auto update\\rebootrequired", "Windows Update"),
)


def _restart(sheet: Sheet, keys: Folded) -> None:
    asked = any(
        "\\component based servicing" in path or "\\windowsupdate\\auto update" in path for path in keys
    )
    reasons = [word for tail, word in _RESTART if any(path.endswith(tail) for path in keys)]
    if asked:
        sheet.add("os.restart_pending", bool(reasons))
        sheet.add("os.restart_reasons", reasons)


def _startup(sheet: Sheet, keys: Folded) -> None:
    programs = {}
    asked = False
    for folded, (path, values) in keys.items():
        if re.search(r"\\currentversion\\run$", folded):
            asked = True
            switched_off = _switched_off(keys)
            programs.update({name: path for name in values if name and name.casefold() not in switched_off})
    if asked:
        rows = [{"name": name, "where": programs[name]} for name in sorted(programs, key=str.casefold)]
        sheet.add("os.startup.programs", rows)
        sheet.add("os.startup.count", len(rows))


def _browser(sheet: Sheet, keys: Folded) -> None:
    for way in ("https", "http"):
        for values in _at(keys, f"\\urlassociations\\{way}\\userchoice"):
            chosen = _text(values, "ProgId")
            if sheet.value("software.default_browser") is None:
                sheet.add("software.default_browser", usual_browser.name_of(chosen) or chosen)


#: Key, value, what it says when it keeps programs from the camera, and by what. Source: Microsoft Learn: manage app
#: permissions for a camera; policies Privacy/LetAppsAccessCamera (2: force deny) and Camera/AllowCamera (0: not allowed).
_CAMERA: Final[tuple[tuple[str, str, object, str], ...]] = (
    (r"\consentstore\webcam", "Value", "deny", "privacy setting"),
    (r"\consentstore\webcam\nonpackaged", "Value", "deny", "privacy setting for desktop programs"),
    (r"\policies\microsoft\windows\appprivacy", "LetAppsAccessCamera", 2, "policy"),
    (r"\policies\microsoft\camera", "AllowCamera", 0, "policy"),
)


def _camera(sheet: Sheet, keys: Folded) -> None:
    told = [
        (values.get(name), denied, reason)
        for tail, name, denied, reason in _CAMERA
        for values in _at(keys, tail)
        if name in values
    ]
    reasons = [
        r for value, denied, r in told if (value.casefold() if isinstance(value, str) else value) == denied
    ]
    if told:
        sheet.add("devices.camera.blocked_by", list(dict.fromkeys(reasons)))


def switched_off(keys: Tree) -> frozenset[str]:
    """Return the names (case folded) of entries a person switched off in the task manager."""
    return _switched_off({path.casefold(): (path, values) for path, values in keys.items()})


def _switched_off(keys: Folded) -> frozenset[str]:
    """Return entries a person switched off in the task manager: an odd first byte (StartupApproved)."""
    found = set()
    for folded, (_path, values) in keys.items():
        if "\\explorer\\startupapproved\\" in folded:
            found |= {
                name.casefold()
                for name, data in values.items()
                if isinstance(data, bytes) and data and data[0] & 1
            }
    return frozenset(found)


_READERS: Final[tuple[Callable[[Sheet, Folded], None], ...]] = (
    _programs,
    _firewall,
    _processors,
    _sign_in,
    _graphics,
    _network,
    _usb_printers,
    _usb_devices,
    _system,
    _restart,
    _startup,
    _proxy,
    _browser,
    _camera,
)
