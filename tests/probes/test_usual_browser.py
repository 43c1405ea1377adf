"""The browser that opens pages, as each system keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.errors import ProbeError
from techkit.probes.formats import registry, usual_browser
from techkit.probes.probe import Platform, RecordedAccess
from techkit.probes.usual_browser import LAUNCH_SERVICES, read_browser
from techkit.records.findings import Reason
from tests.probes.test_contract import machines


def chosen(access: RecordedAccess) -> object:
    """Return the value of the one reading."""
    [reading] = read_browser(access)
    assert reading.id == "software.default_browser"
    return reading.value


@pytest.mark.parametrize("system", ["linux", "windows", "macos"])
def test_each_system_tells_the_browser_by_the_same_name(system):
    """A desktop file, a ProgId and an application's identifier are one browser: before and after agree."""
    assert chosen(machines()[system]) == "Firefox"


@pytest.mark.parametrize(
    ("identification", "name"),
    [
        ("MSEdgeHTM", "Microsoft Edge"),
        ("AppXq0fevzme2pys62n3e0fbqa7peapykr8v", "Microsoft Edge"),
        ("ChromeHTML.ABCDEF", "Google Chrome"),
        ("ChromiumHTM.XYZ", "Chromium"),
        ("chromium_chromium.desktop", "Chromium"),
        ("com.operasoftware.OperaGX", "Opera GX"),
        ("company.thebrowser.Browser", "Arc"),
        ("BrowsewellHTML", ""),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_its_maker_calls_it(identification, name):
    """The number of the installation behind a ProgId does not count; a browser nobody listed keeps its identification."""
    assert usual_browser.name_of(identification) == name


def test_a_browser_that_is_not_listed_keeps_the_name_it_has(tmp_path: Path):
    """A change to it is still seen; on Linux its entry says its name."""
    applications = tmp_path / "usr/share/applications"
    applications.mkdir(parents=True)
    (applications / "browsewell.desktop").write_text("[Desktop Entry]\nName=Browsewell 3\n")
    (applications / "mimeinfo.cache").write_text(
        "[MIME Cache]\nx-scheme-handler/https=../../etc/passwd;browsewell.desktop\n"
    )
    assert chosen(RecordedAccess(tmp_path)) == "Browsewell 3"
    key = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\Shell\Associations\UrlAssociations\http\UserChoice"
    assert (
        registry.readings({key: {"ProgId": "BrowsewellURL"}}).value("software.default_browser")
        == "BrowsewellURL"
    )


def test_no_browser_on_linux_is_not_there(tmp_path: Path):
    """A server without one has no reading, and says so."""
    with pytest.raises(ProbeError) as error:
        read_browser(RecordedAccess(tmp_path))
    assert error.value.reason is Reason.NOT_PRESENT


@pytest.mark.parametrize(
    "content", [None, b"<plist><dict/></plist>", b"\x00rubbish", b"<plist><array/></plist>"]
)
def test_a_mac_on_which_nobody_chose_opens_pages_in_safari(tmp_path: Path, content: bytes | None):
    """Launch Services keep only what differs from the system's own."""
    if content is not None:
        place = tmp_path / "Users/ina" / LAUNCH_SERVICES
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
    assert chosen(RecordedAccess(tmp_path, platform=Platform.MACOS)) == "Safari"
