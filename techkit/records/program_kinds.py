"""What a listed program is: a person's own, a part of the system, a driver, one that comes along or updates itself. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from techkit.records.inventory_changes import Place


@dataclass(frozen=True)
class Program:
    """One row of a computer's list of programs. source: which list, as in diagnostics.inventory; "" for what is unknown."""

    name: str
    version: str
    publisher: str
    source: str


#: Sources whose lists hold the parts of a system beside what a person would call a program.
PACKAGE_SOURCES = {"dpkg", "rpm", "pacman", "apk"}

#: Packages that come along with others: libraries, fonts, kernels, data, certificates, translations.
_COMPANION_PACKAGE = re.compile(
    r"^(lib(?!re(office|cad|wolf|pcb))|gir1\.2-|python3-|perl-|ruby-|fonts?-|[ot]tf-|man-?pages-|autocorr-|task-|linux-|kmod-|kernel|glibc|gnome-user-docs|language-pack|langpacks?-|firmware-|xserver-xorg-|gcc-\d|cpp-\d|mesa-)"
    r"|^[wi](american|british|canadian|catalan|danish|dutch|french|italian|ngerman|norwegian|ogerman|polish|portuguese|spanish|swedish|swiss|ukrainian)(-\w+)?$"
    r"|^(linux|tzdata|iso-codes|shared-mime-info|distro-info-data|ca-certificates(-\w+)?|(intel|amd|amd64)-(microcode|ucode)|microcode_ctl)$"
    r"|-(common|data|dev|devel|doc|docs|fonts?|libs?|l10n(-\w+)?|(langpack|locale|i18n|translations?|help)s?(-[\w-]+)?|lang|dbg|bin|core|plugins?|modules?|(?<!^libreoffice-)base|tools)$",
)

#: The machinery of a distribution, which its updates carry along; nobody comes to a customer to install it.
_MACHINERY = re.compile(
    r"^(apt|aptitude|dpkg|dnf5?|yum|zypper|libzypp|snapd|flatpak|fwupd|packagekit|unattended-upgrades|update-(manager|notifier)"
    r"|systemd|udev|dbus|polkit(d)?|policykit-1|upower|udisks2|networkmanager|network-manager|modemmanager|netplan\.io|wpasupplicant"
    r"|cloud-init|plymouth|apparmor|selinux-policy|bluez|pipewire|wireplumber|pulseaudio|avahi-daemon|ibus|tracker|gvfs|mutter|gdm3?"
    r"|xwayland|xorg|coreutils|util-linux|base-files|bash|sudo|openssl|gnupg2?|shadow|passwd|login|e2fsprogs|mdadm|lvm2|dmidecode|evolution-data-server)$"
    r"|^mint(-common|-upgrade-info|sources|system|update|upgrade)$"
    r"|^(systemd|initramfs-tools|dracut|grub2?|shim|ubuntu(?!-restricted)|gnome|plasma|kde|kwin|xdg|hunspell|aspell|hyphen|mythes|gstreamer[\d.]*"
    r"|apt|dbus|polkit|networkmanager|network-manager|pipewire|pulseaudio|xorg|xfce4)-"
)

#: Programs that come along with others on Windows and macOS.
_COMPANION_PROGRAM = re.compile(
    r"redistributable|runtime|\.net (core|framework|host|sdk|desktop)|update health tools|language pack|"
    r"webview2|click-to-run|additional runtime|minimum runtime|visual c\+\+|vcredist|windows sdk|vclibs|ui\.xaml|"
    r"net\.native|shared framework|experience pack|"
    r"(security|cumulative|feature) update for|hotfix|kb\d{6,}|driver package|bonjour|apple mobile device support|"
    r"maintenance service|\bedge update|auto ?updater?\b|google ?(software ?)?updater?$|add-in for microsoft|frameview|"
    r"gamingservices|extensibility component|localization component|genuine service|single sign[ -]on component|"
    r"identity manager|material library|shared components|prerequisites|pc health check|video ?extension|"
    r"proofing|localdb\b|system clr types|\b(odbc|ole db) driver|sql server [\d ]*(native client|setup|vss writer|compact)|"
    r"\bmui \(|\bosm\b|^msxml|^directx|^openal$|run time librar|hosting bundle|^install (macos|os x)\b|"
    r"\blaufzeit|\b(sprachpaket|module linguistique|paquete de idioma)|update helper\b|\bapple application support|"
    r"refresh manager|support solutions framework|improvement (program|study)|customer participation|produktverbesserung|amélioration des? produits?\b|"
    r"(browser|vss writer) for sql server|software development kit - windows|visual studio installer|microsoft (update assistant|error reporting)\b",
    re.IGNORECASE,
)

#: What the system's store adds for a part of the computer, by its maker's name and its own.
_COMPANION_STORE = re.compile(
    r"^(realteksemiconductor|appup\.intel|nvidiacorp|advancedmicrodevices|a-volute|dolbylaboratories|dtsinc|"
    r"waves(audio)?\.|synaptics|elantech|creativetechnology|conexant|maxxaudio|thx)",
    re.IGNORECASE,
)

#: What sandboxed programs bring along: bases, themes and graphics of snap, runtimes of Flatpak.
_COMPANION_SANDBOX = re.compile(
    r"^(bare|snapd|core\d*|gtk\d?-common-themes|gtk-theme-\S+|mesa-\S+|gnome-\d[\d-]*(-sdk)?|kde-frameworks-\S+|kf\d-\S+|"
    r"qt-?\d?-?common-themes|wine-platform\S*|ffmpeg-(\d+|full)|mesa( \(.*\))?|mesa git snapshot|codecs\S*|openh264|nvidia-\d\S*)$"
    r"|platform\b|\bsdk\b|\.(locale|gl|gl32|vaapi|codecs|icd|gtk3theme|kstyle)\b|\bgtk theme\b|\.openh264\b|-platform-",
    re.IGNORECASE,
)
SANDBOX_SOURCES = {"snap", "flatpak"}

#: What makes a part of a computer work: it comes with the system's updates as well as from a hand.
_DRIVER = re.compile(
    r"\bdrivers?\b|treiber|\bpilotes?\b|\bcontrolador|chipset|management engine|serial io|rapid storage|physx|"
    r"hd audio|thunderbolt|\bfirmware\b|touchpad|bluetooth",
    re.IGNORECASE,
)

#: Makers of parts, whose programs on a computer are the drivers of those parts and what sets them.
#: Source: the makers' catalogues; they sell to makers of computers, and the system's updates bring their drivers.
_PART_MAKERS = re.compile(
    r"^(intel\b|nvidia|advanced micro devices|amd\b|realtek|synaptics|conexant|elan micro|alps (electric|alpine)|qualcomm|mediatek|ralink|idt\b|dolby|dts\b|waves audio|"
    r"goodix|validity|jmicron|asmedia|sonix|genesys logic|marvell|atheros|killer networking|rivet networks)",
    re.IGNORECASE,
)

#: What is listed beside another program: a tool that only takes it away again, a part put into it,
#: what keeps it up to date.
BESIDE = re.compile(r"\buninstall|uninstaller$|plug-?in$|\bupdater$|\bsoftware update", re.IGNORECASE)

#: Makers whose programs come with an updater that is on by default. A new year or major version is still
#: somebody's work. Source: the makers' documentation of automatic updates; makers of computers bring their own
#: tools up to date with SupportAssist, Vantage, Support Assistant, MyASUS and Care Center.
UPDATING_MAKERS = re.compile(
    r"\b(microsoft|google|mozilla|adobe|zoom|dropbox|brave|opera|dell inc|lenovo|hp inc|hewlett-packard|asustek|acer|msi|micro-star)\b",
    re.IGNORECASE,
)

#: Makers of computers and of parts, and who sells what is plugged in: their programs come with the system's updates, with the
#: part, or through each other. Source: the makers' catalogues.
COMPUTER_MAKERS = re.compile(
    r"\b(dell|alienware|lenovo|motorola|hp|hewlett|asus\w*|acer|msi|micro-star|gigabyte|asrock|fujitsu|toshiba|dynabook|medion|huawei|honor|xiaomi|"
    r"razer|corsair|logitech|logi|steelseries|hyperx|roccat|intel|nvidia|amd|advanced micro devices|realtek|synaptics|qualcomm|mediatek|"
    r"broadcom|killer|dolby|dts|waves|displaylink|elan|goodix|conexant)\b",
    re.IGNORECASE,
)

#: Words by which a name says that it is a part of something, or what keeps something up to date. The words of ten languages,
#: beginnings where languages bend them. Source: how makers name the parts of their installers.
_PART_WORDS = re.compile(
    r"\b(language|lang(pack)?|locale|l10n|i18n|translations?|sprach\w*|langues?|linguisti\w*|idiomas?|lingua\w*|taal\w*|język\w*|"
    r"dictionar\w*|wörterb\w*|dictionnaires?|dizionari\w*|diccionario\w*|spell\w*|hyphen\w*|thesaurus|"
    r"runtimes?|run-time|redist\w*|sdk|framework|librar(y|ies)|bibliothe\w*|components?|komponent\w*|composants?|componente\w*|onderdelen|"
    r"modules?|modul\w*|modulo|módulo|plug-?ins?|add-?ins?|add-?ons?|extensions?|erweiterung\w*|estensione|extensión|complement\w*|"
    r"helper|service|services|dienste?|agents?|daemon|launcher|loader|bootstrapper|installer|uninstall\w*|setup|"
    r"updat\w*|upgrader|upgrade|aktualisier\w*|mise à jour|actualiza\w*|aggiornament\w*|atualiza\w*|aktualizac\w*|bijwerken|"
    r"drivers?|treiber\w*|pilotes?|controlador\w*|stuurprogramma\w*|sterownik\w*|firmware|codecs?|"
    r"fonts?|schriftart\w*|polices?|help|hilfe|aide|ayuda|guida|documentation|dokumentation|docs?|manuals?|samples?|examples?|templates?|vorlagen|"
    r"support|assistant|assistance|connector|konnektor|broker|shim|shell extension|integration|companion|prerequisit\w*|compatib\w*|"
    r"tools for|tools|data|common|core|base|shared|content|assets?|libs?|patch|hotfix|security scan|webadvisor|toolbar|secure browser|safe search|"
    r"improvement|telemetry|feedback|crash\w*|diagnostics?|diagnose|reporter|login manager|licensing|info service|notifier|tray|watcher|monitor de|background|autostart|scanner7|flash player|"
    r"themes?|icons?|wallpapers?|platform|proton|mui|osm|msi|certificates?|zertifikate?|licen[sc]\w*|lizenz\w*|activation|genuine|"
    r"für|pour|para|voor|per|dla)\b",
    re.IGNORECASE,
)

#: A name that ends by what it is put into: "Zoom Plug-in for Outlook", "Viewer for Chrome".
_FOR_ANOTHER = re.compile(r"\bfor (?!windows\b|mac(os)?\b|linux\b|desktop\b|business\b)", re.IGNORECASE)

#: What a distribution puts behind the version of an update of a stable release: Debian's "+deb12u3", Ubuntu's
#: "0ubuntu0.22.04.1" and "0ubuntu1~22.04.1". Such updates install by themselves where nobody switched that off; a backport
#: ("~bpo12+1") and a package from elsewhere do not. Source: Debian Developer's Reference 5.8.5.4, Ubuntu's
#: "Update the packaging" of the security team, unattended-upgrades' Allowed-Origins.
STABLE_UPDATE = re.compile(r"[+~]deb\d+u\d+$|ubuntu0(\.\d+)+$|~(ubuntu\d+\.)?\d\d\.(04|10)(\.\d+)*$")

#: The architecture some lists put behind a package's name: "libc6:amd64", "glibc.x86_64".
ARCHITECTURE = re.compile(r"[:.](amd64|i[36]86|x86_64|arm64|armhf|aarch64|noarch|all)$")

#: Sources that update their programs by themselves, unless somebody switched that off: Apple's App Store
#: and snap. Source: the makers' documentation of automatic updates.
STORES = {"appstore", "snap", "appx", "msix", "msstore", "store", "microsoft_store"}
APPLE = re.compile(r"\bapple\b", re.IGNORECASE)

#: Who makes operating systems and ships programs with them.
SYSTEM_MAKERS = re.compile(r"\b(microsoft|apple|canonical)\b", re.IGNORECASE)

#: Sources of single programs and what they need, by formula.
FORMULAE = {"homebrew", "brew", "macports"}

#: What formulas need rather than what a person asks for: numbered lines, libraries, certificates.
_COMPANION_FORMULA = re.compile(
    r"@\d|^lib|^ca-certificates$|^(icu4c|gettext|readline|sqlite|xz|zstd|pcre2?|gmp)$"
    r"|^(py\d+|p5(\.\d+)?|rb\d*|xorg|dbus)-|^(glib2?|cairo|pango|harfbuzz|freetype|fontconfig|ncurses|openssl\d*|zlib|bzip2|expat|curl-ca-bundle)$"
)


def place_of(program: Program) -> Place:
    """Return whether a program is one a person would name (SOFTWARE) or a part that comes along (PACKAGES)."""
    if program.source.endswith("_system"):  # the system's own list says so (diagnostics.inventory)
        return Place.PACKAGES
    if program.source in PACKAGE_SOURCES:
        name = program.name.casefold()
        is_part = _COMPANION_PACKAGE.search(name) or _MACHINERY.search(name)
        return Place.PACKAGES if is_part else Place.SOFTWARE
    if program.source in FORMULAE:
        return Place.PACKAGES if _COMPANION_FORMULA.search(program.name) else Place.SOFTWARE
    if program.source in SANDBOX_SOURCES and _COMPANION_SANDBOX.search(program.name):
        return Place.PACKAGES
    if program.source in STORES and _COMPANION_STORE.search(program.name):
        return Place.PACKAGES
    return Place.PACKAGES if _COMPANION_PROGRAM.search(program.name) else Place.SOFTWARE


@lru_cache(maxsize=20_000)
def is_named_as_part(name: str) -> bool:
    """Return whether a name says that it is a part of something else, or brings something else up to date."""
    spoken = re.sub(r"(?<=[a-z])(?=[A-Z])|[_.]", " ", name)
    return bool(_PART_WORDS.search(spoken) or _PART_WORDS.search(name) or _FOR_ANOTHER.search(spoken))


def is_driver(program: Program) -> bool:
    """Return whether a program makes a part of the computer work, by its name or by who made it."""
    return bool(_DRIVER.search(program.name) or _PART_MAKERS.search(program.publisher))


def list_of(program: Program) -> str:
    """Return the kind of list a program stands in; the parts of the Windows registry are one."""
    source = program.source.removesuffix("_system")
    return "registry" if source.startswith("registry") else source


def years_in(name: str) -> list[str]:
    """Return the years in a name, which tell editions apart."""
    return re.findall(r"\b(?:19|20)\d\d\b", name)


def release_of(version: str) -> str:
    """Return the maker's own part of a package's version: without the distribution's count of changes."""
    return version.rpartition("-")[0] or version
