"""Programs people choose, and programs that wait for a hand to bring a newer version. Pure.

Both are signs *for* a person's work. What is missing here is asked about, never ticked by mistake: the lists may stay short.
"""

from __future__ import annotations

import re

from techkit.records.products import plain_name, squeezed

#: Packages, formulas and programs of makers of systems that somebody asks for by name. Plain names of distributions and of Homebrew.
_CHOSEN = frozenset(
    """
    ardour audacity blender borgbackup calibre clementine code codium cups darktable digikam docker-ce dolphin-emu
    evolution fail2ban ffmpeg filezilla flameshot freecad ghostscript gimp git gnucash google-chrome-stable gparted handbrake
    hexchat homebank htop inkscape kdenlive keepass2 keepassxc kicad kodi krita libreoffice libreoffice-still libreoffice-fresh librecad lmms
    mariadb-server meld mixxx mpv musescore mysql-server nextcloud-desktop nextcloud-client nginx nmap node obs-studio ocrmypdf
    okular openscad openshot openshot-qt openssh-server pandoc pavucontrol pdfarranger pidgin postgresql putty qbittorrent qgis
    qtqr rawtherapee rclone remmina restic rhythmbox rustdesk samba scribus shotcut simple-scan smartmontools
    smplayer steam stellarium strawberry syncthing texstudio thunderbird timeshift tmux transmission-gtk veracrypt virt-manager
    vlc wine winehq-stable wireguard wireshark xournalpp xrdp xsane zim anydesk teamviewer brave-browser microsoft-edge-stable
    sublime-text signal-desktop vivaldi-stable virtualbox apache2 backintime-qt gthumb geany grsync deja-dup kdeconnect hplip wget
    """.split()
)

#: Products of a system's maker that are bought or fetched on purpose. Source: Microsoft's list of products for business.
_BOUGHT = re.compile(
    r"^microsoft (365 apps|office (home|professional|standard|ltsc|famille|365)|visio\b|project (standard|professional)|access\b|publisher\b)"
    r"|^sql server management studio$|^microsoft sql server management studio",
)

#: Programs without an updater that installs by itself: a newer version is somebody's work. First words of plain names.
#: Source: the makers' manuals, which tell to fetch the newer installer.
_BY_HAND = re.compile(
    r"^(7-?zip|audacity|autocad|archicad|putty|winscp|keepass password|gimp\b|inkscape|irfanview|libreoffice|openoffice|freecad|gnucash|"
    r"vlc media player|virtualdub|handbrake|mremoteng|filezilla server|r for windows|wireshark|nmap\b|qgis|blender|gpg4win|crystaldisk(info|mark)|hwinfo|hwmonitor|"
    r"treesize|tortoise(svn|git)|winmerge|postgresql|mysql (server|workbench)|mariadb|krita|scribus|audiveris|musescore|"
    r"java(\(tm\))? se development kit|zulu jdk|amazon corretto|eclipse temurin|anaconda3|ultravnc|tightvnc|doublecmd|freefilesync|"
    r"superduper|onyx$|rufus|ventoy|lexware|starmoney|taxman|steuer|wiso|sage |ciel |datev|quickbooks|"
    r"solidworks|solidcam|sketchup|matlab|vectorworks|revit|allplan|medistar|turbomed|cgm |x\.isynet|sap gui|fiji$|imagej|jabref|zotero$)"
)

#: Words of programs of a trade, which a practice, an office or a shop runs its work on: their makers ship a new version to be
#: installed at a quiet hour, because the data change with it. Source: the makers' release notes.
_OF_TRADE = re.compile(
    r"denta|dental|zahn|praxis|practice|patient|medistar|arzt|clinic|klini|apothek|pharma|kasse|registrierkasse|buchhalt|buchf|bookkeep|accounting|ledger|"
    r"lohn|payroll|paie\b|paye\b|compta|steuer|kanzlei|notar|faktura|invoice|rechnung|factur|warenwirtschaft|\berp\b|inventur|handwerk|immobil|"
    r"veterin|optik|hotel|gastro|friseur|schule|kirche|verein|fahrschul|logistik|tierarzt|contab|fattur|gestion\b",
)

#: What nobody brings to a computer on purpose and only a hand takes away again.
_UNWANTED = re.compile(
    r"\btoolbar\b|webadvisor|search protect|coupon|driver (booster|easy|updater)|registry (cleaner|booster)|pc (optimizer|cleaner|accelerate)"
    r"|speed ?up|ask\b.*\bbar\b|adware",
)

#: What installers of others offer along: browsers, protection, cleaners. Source: the offers of free programs' installers.
_OFFERED = re.compile(
    r"\b(opera|avast|avg|mcafee|norton|ccleaner|chrome|yandex|wave browser|brave|bing|yahoo|baidu|dropbox promotion|booking|webcompanion|web companion|"
    r"malwarebytes|kaspersky|360 total)\b",
)

#: Programs for Windows and macOS that people ask for by name, as their lists tell them without numbers.
_ASKED_FOR = re.compile(
    r"^(7-?zip|winrar|vlc( media player)?|libreoffice|apache openoffice|mozilla (firefox|thunderbird)|firefox|thunderbird|gimp|inkscape|audacity|blender|krita|"
    r"irfanview|xnview|paint\.net|notepad\+\+|keepass|keepassxc|bitwarden|1password|filezilla|winscp|putty|teamviewer|anydesk|rustdesk|"
    r"zoom( workplace| meetings)?|adobe acrobat|adobe photoshop|adobe indesign|adobe illustrator|foxit pdf|pdf24|pdf-xchange|sumatrapdf|"
    r"autocad|archicad|solidworks|sketchup|vectorworks|revit|sibelius|musescore|cubase|ableton live|reaper|scratch|geogebra|python|visual studio code|git|node\.js|"
    r"veeam|acronis|macrium|carbon copy cloner|superduper|wireguard|openvpn|forticlient|nextcloud|obs studio|handbrake|calibre|qgis|treesize|everything|"
    r"winmerge|greenshot|sharex|virtualbox|vmware workstation|parallels|steam|spotify|signal|telegram|whatsapp|slack|"
    r"lexware|wiso|starmoney|datev|sage|quickbooks|elster|turbomed|medistar|bitdefender|eset)\b",
)

#: Packages that are asked for by name as often as others need them. Source: reverse dependencies in Debian 12 and Homebrew.
_OFTEN_NEEDED = frozenset(
    """
    apache2 cups evolution ffmpeg ghostscript git gparted hplip kdeconnect mariadb-server mysql-server nginx nmap node openssh-server
    pandoc postgresql samba simple-scan smartmontools tmux vlc wget wine wireguard htop
    """.split()
)

#: Databases, languages and drawing engines that other programs bring. Source: what trade programs list among their requirements.
_ENGINE = re.compile(
    r"(postgresql|mysql|mariadb|firebird|oracle|sql anywhere|python|java|git|node\.js|ghostscript|gpl ghostscript|tap-windows|winpcap|npcap)\b"
)


#: What programs print their papers with.
_CONVERTER = re.compile(r"\b(document|pdf|postscript|xps) (converter|printer|driver|writer)\b")


def is_often_needed(name: str) -> bool:
    """Return whether a package comes as often for another one as for itself."""
    plain = plain_name(name)
    return plain in _OFTEN_NEEDED or bool(_ENGINE.match(plain) or _CONVERTER.search(plain))


def is_offered(name: str) -> bool:
    """Return whether installers of other makers offer a program along."""
    return bool(_OFFERED.search(plain_name(name)))


def is_unwanted(name: str) -> bool:
    """Return whether a program is one that a technician takes away and nothing else does."""
    return bool(_UNWANTED.search(plain_name(name)))


def is_chosen_by_people(name: str) -> bool:
    """Return whether a program is one that somebody asks for by name, never what another brings along."""
    plain = plain_name(name)
    bare = re.sub(r"[-_]?\d[\d.]*$", "", plain)
    if plain in _CHOSEN or bare in _CHOSEN or squeezed(name) in _SQUEEZED:
        return True
    return bool(_BOUGHT.search(plain) or _ASKED_FOR.search(plain))


_SQUEEZED = frozenset(squeezed(name) for name in _CHOSEN)


def is_updated_by_hand(name: str) -> bool:
    """Return whether a newer version of a program has to be fetched and started by somebody."""
    plain = plain_name(name)
    return bool(_BY_HAND.search(plain) or _OF_TRADE.search(plain))
