"""What private readings are called to a person who reads what an export leaves out."""

from __future__ import annotations

from typing import Final

from techkit.i18n import N_, _
from techkit.records.findings import AREA_LABELS, Area

#: Reading → what it is called, for a customer. Each reading declared private stands here; a test asks for it.
NAMES: Final = {
    "active.throughput.against": N_("Address of the office"),
    "board.serial": N_("Serial number of the main board"),
    "chassis.asset_tag": N_("Label of the owner in the firmware"),
    "chassis.serial": N_("Serial number of the case"),
    "devices.printer.address": N_("Addresses of printers"),
    "devices.usb.serial": N_("Serial numbers of USB devices"),
    "display.monitor.serial": N_("Serial numbers of screens"),
    "hands.camera.note": N_("Remarks on the camera"),
    "hands.keyboard.note": N_("Remarks on the keyboard"),
    "hands.microphone.note": N_("Remarks on the microphone"),
    "hands.pointer.note": N_("Remarks on the pointer"),
    "hands.screen.note": N_("Remarks on the screen"),
    "hands.speaker.note": N_("Remarks on the loudspeaker"),
    "memory.module.serial": N_("Serial numbers of memory modules"),
    "network.gateway.address": N_("Address of the router"),
    "network.interface.dns_servers": N_("Addresses of name servers"),
    "network.interface.gateway": N_("Address of the router"),
    "network.interface.ipv4": N_("Addresses of the computer in the network"),
    "network.interface.ipv6": N_("Addresses of the computer in the network (IPv6)"),
    "network.interface.mac": N_("Hardware addresses of network cards"),
    "network.proxy.addresses": N_("Addresses of proxies"),
    "network.proxy.script": N_("Address of the proxy script"),
    "network.route.default_gateway": N_("Address of the router"),
    "network.vpn.is_connected": N_("VPN connections"),
    "network.vpn.kind": N_("VPN connections"),
    "network.vpn.takes_all": N_("VPN connections"),
    "network.wifi.bssid": N_("Hardware address of the access point"),
    "network.wifi.profiles": N_("Names of remembered Wi-Fi networks"),
    "network.wifi.ssid": N_("Name of the Wi-Fi network"),
    "os.computer_name": N_("Name of the computer"),
    "os.domain": N_("Domain of the computer"),
    "os.kernel_options": N_("Options the system was started with"),
    "os.startup.programs": N_("Programs started at sign-in, with their files"),
    "os.users.signed_in": N_("Who is signed in"),
    "power.battery.serial": N_("Serial number of the battery"),
    "power.supply.serial": N_("Serial numbers of power supplies"),
    "security.administrators": N_("Accounts with all rights"),
    "security.empty_passwords": N_("Accounts without a password"),
    "security.password_not_required": N_("Accounts that may be without a password"),
    "storage.disk.serial": N_("Serial numbers of disks"),
    "storage.disk.wwn": N_("Worldwide numbers of disks"),
    "storage.volume.label": N_("Names people gave to drives"),
    "storage.volume.serial": N_("Numbers of drives"),
    "system.machine_id": N_("Number of the installation"),
    "system.serial": N_("Serial number of the computer"),
    "system.uuid": N_("Number of the firmware"),
    "system.virtual_machines": N_("Virtual machines on this computer"),
}


def name_of(reading_id: str) -> str:
    """Return what a private reading is called; one a newer techkit wrote is called by its part of the computer."""
    if reading_id in NAMES:
        return _(NAMES[reading_id])
    first = reading_id.partition(".")[0]
    area = next((area for area in Area if area.value == first), None)
    return f"{_(AREA_LABELS[area])} ({reading_id})" if area is not None else reading_id
