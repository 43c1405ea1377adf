"""Differences by the list they stand in: registry, stores, sandboxes, formulas, packages, a Mac's folder.

Makers that change names, drivers, languages, runtimes side by side, and what a system installs at night. Shape as in tests/records/named_changes.py; the answers were decided before the rules saw them.
"""

from __future__ import annotations

from tests.records.named_changes import Case, Row


def reg(name: str, version: str, publisher: str) -> Row:
    return (name, version, publisher, "registry")


def appx(name: str, version: str, publisher: str = "CN=Sample") -> Row:
    return (name, version, publisher, "appx")


def deb(name: str, version: str) -> Row:
    return (name, version, "", "dpkg")


def rpm(name: str, version: str) -> Row:
    return (name, version, "Fedora Project", "rpm")


def snap(name: str, version: str, publisher: str = "canonical") -> Row:
    return (name, version, publisher, "snap")


def flat(name: str, version: str) -> Row:
    return (name, version, "flathub", "flatpak")


def brew(name: str, version: str) -> Row:
    return (name, version, "", "homebrew")


def mac(name: str, version: str, publisher: str = "") -> Row:
    return (name, version, publisher, "applications")


NET6 = reg("Microsoft Windows Desktop Runtime - 6.0.35 (x64)", "48.140.11114", "Microsoft Corporation")
NET8 = reg("Microsoft Windows Desktop Runtime - 8.0.10 (x64)", "64.40.11113", "Microsoft Corporation")
VC2010 = reg("Microsoft Visual C++ 2010  x64 Redistributable - 10.0.40219", "10.0.40219", "Microsoft Corporation")  # fmt: skip
CAD24 = reg("AutoCAD 2024 - Deutsch (German)", "24.3.61.0", "Autodesk")
SSMS19 = reg("SQL Server Management Studio", "19.3.4.0", "Microsoft Corporation")

# fmt: off
BY_SOURCE: tuple[Case, ...] = (
    # A product that goes on under another name, at another maker, with its architecture in the name.
    ("product sold to another maker", (reg("VMware Horizon Client", "8.12.1.18", "VMware, Inc."),), (reg("Omnissa Horizon Client", "8.13.0.82", "Omnissa, LLC"),), (("upgraded", False),)),
    ("maker renamed itself", (reg("Kofax Power PDF Advanced", "5.0.0.19", "Kofax, Inc."),), (reg("Tungsten Power PDF Advanced", "5.1.0.2", "Tungsten Automation Corporation"),), (("upgraded", False),)),
    ("client with its word dropped", (reg("FileZilla Client 3.66.1", "3.66.1", "Tim Kosse"),), (reg("FileZilla 3.67.0", "3.67.0", "Tim Kosse"),), (("upgraded", None),)),
    ("vpn client renamed", (reg("Cisco AnyConnect Secure Mobility Client", "4.10.07061", "Cisco Systems, Inc."),), (reg("Cisco Secure Client - AnyConnect VPN", "5.1.4.74", "Cisco Systems, Inc."),), (("upgraded", False),)),
    ("line of a product renamed", (reg("Dragon NaturallySpeaking 15", "15.61.200", "Nuance Communications Inc."),), (reg("Dragon Professional 16", "16.10.200", "Nuance Communications Inc."),), (("upgraded", False),)),
    ("architecture glued to the name", (reg("HWiNFO64", "7.72", "Martin Malik, REALiX s.r.o."),), (reg("HWiNFO® 64", "8.10", "Martin Malik, REALiX s.r.o."),), (("upgraded", None),)),
    ("two tools of one maker swapped", (reg("EaseUS Todo Backup 16.0", "16.0", "EaseUS"),), (reg("EaseUS Partition Master 18.5", "18.5", "EaseUS"),), (("installed", True), ("removed", True))),
    ("two makers, one common word", (reg("Kyo PDF Reader", "3.1", "Kyo Soft"),), (reg("Lumo PDF Writer", "7.0", "Lumo Ltd"),), (("installed", True), ("removed", True))),
    ("year of a payroll program", (reg("Lexware faktura+auftrag 2024", "28.05.00.0173", "Haufe-Lexware GmbH & Co.KG"),), (reg("Lexware faktura+auftrag 2025", "29.01.00.0031", "Haufe-Lexware GmbH & Co.KG"),), (("upgraded", None),)),
    ("the name tells its version", (reg("Wireshark 4.2.5 x64", "4.2.5", "The Wireshark developer community"),), (reg("Wireshark 4.4.0 x64", "4.4.0", "The Wireshark developer community"),), (("upgraded", True),)),
    ("a remark in the name", (reg("Total Commander 64-bit (Remove or Repair)", "10.52", "Ghisler Software GmbH"),), (reg("Total Commander 64-bit (Remove or Repair)", "11.03", "Ghisler Software GmbH"),), (("upgraded", True),)),
    # Side by side.
    ("runtime beside the older one", (NET6,), (NET6, NET8), (("installed", False),)),
    ("older runtime taken away with the new one", (NET6,), (NET8,), (("upgraded", False),)),
    ("a decade of redistributables", (VC2010,), (VC2010, reg("Microsoft Visual C++ 2013 Redistributable (x64) - 12.0.40664", "12.0.40664.0", "Microsoft Corporation")), (("installed", False),)),
    ("redistributable under its new name", (reg("Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.38.33130", "14.38.33130.0", "Microsoft Corporation"),), (reg("Microsoft Visual C++ v14 Redistributable (x64) - 14.50.35719", "14.50.35719.0", "Microsoft Corporation"),), (("upgraded", False),)),
    ("drawing program beside last year's", (CAD24,), (CAD24, reg("AutoCAD 2025 - Deutsch (German)", "25.0.58.0", "Autodesk")), (("installed", True),)),
    ("development kit beside the runtime", (reg("Java 8 Update 411 (64-bit)", "8.0.4110.9", "Oracle Corporation"),), (reg("Java 8 Update 411 (64-bit)", "8.0.4110.9", "Oracle Corporation"), reg("Java(TM) SE Development Kit 17.0.12 (64-bit)", "17.0.12.0", "Oracle Corporation")), (("installed", True),)),
    ("management tool beside its old one", (SSMS19,), (SSMS19, reg("SQL Server Management Studio", "20.2.30.0", "Microsoft Corporation")), (("installed", True),)),
    ("second version of a paid program on a Mac", (mac("Affinity Photo", "1.10.8", "Serif"),), (mac("Affinity Photo", "1.10.8", "Serif"), mac("Affinity Photo 2", "2.5.3", "Serif")), (("installed", True),)),
    # Languages.
    ("language of the framework", (), (reg("Microsoft .NET Framework 4.8 Language Pack (Deutsch)", "4.8.03761", "Microsoft Corporation"),), (("installed", False),)),
    ("language of office tools", (), (reg("Microsoft Visual Studio 2010 Tools for Office Runtime (x64) Language Pack - DEU", "10.0.60825", "Microsoft Corporation"),), (("installed", False),)),
    ("program with its language and library", (), (reg("AutoCAD 2025 - Deutsch (German)", "25.0.58.0", "Autodesk"), reg("AutoCAD 2025 Language Pack - Deutsch (German)", "25.0.58.0", "Autodesk"), reg("Autodesk Material Library 2025", "23.1.0.5", "Autodesk"), reg("Autodesk Genuine Service", "4.6.0.63", "Autodesk")), (("installed", True), ("installed", False), ("installed", False), ("installed", False))),
    ("languages of a distribution", (), (rpm("langpacks-de", "4.0-14.fc40"), rpm("glibc-langpack-de", "2.39-22.fc40"), rpm("libreoffice-langpack-de", "24.2.5.2-1.fc40"), rpm("tesseract-langpack-deu", "4.1.0-7.fc40")), (("installed", False),) * 4),
    ("languages of another one", (), (deb("language-pack-gnome-de", "1:24.04+20240817"), deb("firefox-l10n-de", "131.0-1"), deb("hunspell-de-de", "20161207-12")), (("installed", False),) * 3),
    ("fonts by three habits", (), (rpm("google-noto-sans-fonts", "20240101-1.fc40"), ("ttf-dejavu", "2.37+18-2", "", "pacman"), ("otf-font-awesome", "6.6.0-1", "", "pacman")), (("installed", False),) * 3),
    # Drivers.
    ("driver package of a cable", (), (reg("Windows Driver Package - Silicon Labs (silabser) Ports  (11/26/2020 10.1.10.103)", "11/26/2020 10.1.10.103", "Silicon Labs"),), (("installed", False),)),
    ("chipset software at night", (reg("Intel(R) Chipset Device Software", "10.1.19600.8418", "Intel(R) Corporation"),), (reg("Intel(R) Chipset Device Software", "10.1.19899.8597", "Intel(R) Corporation"),), (("upgraded", False),)),
    ("graphics driver of another line", (deb("nvidia-driver-535", "535.183.01-0ubuntu0.24.04.1"),), (deb("nvidia-driver-550", "550.107.02-0ubuntu0.24.04.1"),), (("upgraded", False),)),
    ("all-in-one printer's programs", (), (reg("Brother MFL-Pro Suite MFC-L2710DW series", "1.0.9.0", "Brother Industries, Ltd."),), (("installed", True),)),
    ("graphics over a cable", (), (reg("DisplayLink Graphics Driver", "11.5.6213.0", "DisplayLink Corp."),), (("installed", False),)),
    # Stores.
    ("video codec of the store", (), (appx("Microsoft.HEVCVideoExtension", "2.2.20.0", "CN=Microsoft Corporation"),), (("installed", False),)),
    ("mail program the system adds", (), (appx("Microsoft.OutlookForWindows", "1.2024.717.400", "CN=Microsoft Corporation"),), (("installed", False),)),
    ("messenger out of the store", (), (appx("5319275A.WhatsAppDesktop", "2.2437.10.0", "CN=24803D75"),), (("installed", True),)),
    ("what nobody wanted is gone", (appx("Clipchamp.Clipchamp", "2.9.1.20020", "CN=33F0F141"), appx("SpotifyAB.SpotifyMusic", "1.2", "CN=Spotify")), (), (("removed", True), ("removed", True))),
    ("help the store keeps new", (appx("MicrosoftCorporationII.QuickAssist", "2.0.26.0", "CN=Microsoft"),), (appx("MicrosoftCorporationII.QuickAssist", "2.0.32.0", "CN=Microsoft"),), (("upgraded", False),)),
    ("graphics panel of the store", (), (appx("AppUp.IntelGraphicsExperience", "1.100.5688.0", "CN=EB51A5DA"),), (("installed", False),)),
    # Sandboxes.
    ("drawing program as a snap", (), (snap("krita", "5.2.6", "krita"), snap("kf6-core22", "6.7"), snap("gnome-46-2404", "0+git")), (("installed", True), ("installed", False), ("installed", False))),
    ("snaps the system brings itself", (), (snap("firmware-updater", "0+git.7983059"), snap("desktop-security-center", "0+git.d4a60bb"), snap("prompting-client", "0+git.d542a5d"), snap("snapd-desktop-integration", "0.9")), (("installed", False),) * 4),
    ("a snap refreshed at night", (snap("thunderbird", "128.2.0esr-1"),), (snap("thunderbird", "128.3.1esr-1"),), (("upgraded", False),)),
    ("looks and codecs of Flatpak", (), (flat("Flatseal", "2.2.0"), flat("QGnomePlatform", ""), flat("ffmpeg-full", ""), flat("Mesa (Extra)", "24.1.3"), flat("Adwaita dark GTK theme", ""), flat("org.kde.KStyle.Adwaita", "")), (("installed", True),) + (("installed", False),) * 5),
    ("Flatpak base under a new year", (flat("GNOME Application Platform version 45", ""),), (flat("GNOME Application Platform version 46", ""),), (("upgraded", False),)),
    ("deb exchanged for a Flatpak", (deb("gimp", "2.10.36-3"),), (flat("GNU Image Manipulation Program", "2.10.38"),), (("installed", True), ("removed", True))),
    # Formulas and what they need.
    ("formula with its libraries", (), (brew("wget", "1.24.5"), brew("libidn2", "2.3.7"), brew("libunistring", "1.2"), brew("openssl@3", "3.3.2")), (("installed", True),) + (("installed", False),) * 3),
    ("formula cut into numbered ones", (brew("icu4c", "74.2"),), (brew("icu4c@76", "76.1"),), (("upgraded", False),)),
    ("all formulas at once", tuple(brew(f"tool{n}", f"1.{n}.0") for n in range(2, 14)), tuple(brew(f"tool{n}", f"1.{n}.1") for n in range(2, 14)), (("upgraded", False),) * 12),
    # At night.
    ("mail program with its system's updates", (deb("thunderbird", "1:115.16.0+build2-0ubuntu0.22.04.1"),), (deb("thunderbird", "1:128.4.0+build1-0ubuntu0.22.04.1"),), (("upgraded", False),)),
    ("security fix of a suite", (deb("libreoffice-writer", "1:7.3.7-0ubuntu0.22.04.5"), deb("libreoffice-calc", "1:7.3.7-0ubuntu0.22.04.5")), (deb("libreoffice-writer", "1:7.3.7-0ubuntu0.22.04.6"), deb("libreoffice-calc", "1:7.3.7-0ubuntu0.22.04.6")), (("upgraded", False), ("upgraded", False))),
    ("processor's own code", (deb("intel-microcode", "3.20240813.0ubuntu0.24.04.2"), deb("linux-firmware", "20240318.git3b128b60-0ubuntu2.3")), (deb("intel-microcode", "3.20240910.0ubuntu0.24.04.1"), deb("linux-firmware", "20240318.git3b128b60-0ubuntu2.4")), (("upgraded", False), ("upgraded", False))),
    ("base of a small system", (("busybox", "1.36.1-r29", "", "apk"), ("musl", "1.2.5-r0", "", "apk")), (("busybox", "1.36.1-r30", "", "apk"), ("musl", "1.2.5-r1", "", "apk")), (("upgraded", False), ("upgraded", False))),
    ("kernel of a rolling system", (("linux", "6.9.7.arch1-1", "", "pacman"),), (("linux", "6.10.1.arch1-1", "", "pacman"),), (("upgraded", False),)),
    ("the next system waits in the folder", (), (mac("Install macOS Sequoia", "20.0.33", "Apple"),), (("installed", False),)),
    ("video meeting while we work", (mac("zoom.us", "6.1.11"),), (mac("zoom.us", "6.2.0"),), (("upgraded", False),)),
    ("tablet's program by hand", (mac("Wacom Tablet Utility", "6.4.5", "Wacom"),), (mac("Wacom Tablet Utility", "6.4.7", "Wacom"),), (("upgraded", True),)),
)
