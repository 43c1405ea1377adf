"""What to look at on a kind of visit, point by point: offered in the form, never recorded by itself. Pure."""

from __future__ import annotations

from techkit.i18n import N_, _
from techkit.records.findings import Complaint

#: Kind of visit → points in the order they are gone through. Source: the how-to cards on the same complaints.
CHECKLISTS = {
    Complaint.SLOW: (
        N_("Free space on the disk"),
        N_("Programs started at sign-in"),
        N_("Memory in use with the usual programs open"),
        N_("Health of the disk"),
        N_("Fan and vents free of dust"),
        N_("Start-up timed, with the customer watching"),
    ),
    Complaint.NO_INTERNET: (
        N_("Cable or Wi-Fi at the computer"),
        N_("Lights of the router"),
        N_("Another device in the same network"),
        N_("Web page, mail and one call tried"),
    ),
    Complaint.NO_PRINTING: (
        N_("Paper, toner or ink, and error lights"),
        N_("Connection of the printer"),
        N_("Waiting print jobs"),
        N_("Test page from the customer’s own program"),
    ),
    Complaint.NO_SOUND: (
        N_("Volume and mute, at the computer and at the speaker"),
        N_("The output that is chosen"),
        N_("Microphone and camera in a test call"),
    ),
    Complaint.POP_UPS: (
        N_("Notifications of web pages in every browser"),
        N_("Extensions of every browser"),
        N_("Programs installed lately"),
        N_("Full search for malware"),
    ),
    Complaint.STRANGE_MAIL: (
        N_("Rules and forwarding in the mailbox"),
        N_("Passwords and second factor of the account"),
        N_("Devices signed in to the account"),
        N_("What was clicked or typed, and where"),
    ),
    Complaint.CRASHES: (
        N_("Crashes of the last weeks, and what they name"),
        N_("Memory test"),
        N_("Health of the disk"),
        N_("Temperature under load"),
        N_("Drivers and firmware"),
    ),
    Complaint.OTHER: (
        N_("Updates of the system and of programs"),
        N_("Backup: the last one opened as a test"),
        N_("Protection against malware"),
        N_("Free space on the disk"),
        N_("Fan and vents free of dust"),
        N_("The customer’s own programs opened once"),
    ),
}


def points(complaint: Complaint) -> tuple[str, ...]:
    """Return what to look at on a kind of visit, in the language in force."""
    return tuple(_(point) for point in CHECKLISTS[complaint])
