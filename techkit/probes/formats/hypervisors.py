"""Which virtual machine a computer is, by the names its firmware gives."""

from __future__ import annotations

import re
from typing import Final

#: Words in the firmware's strings that name a virtual computer → what it runs on.
#: Source: systemd, src/basic/virt.c (dmi_vendor_table), names written as their makers do.
HYPERVISORS: Final = (
    ("vmware", "VMware"),
    ("virtualbox", "VirtualBox"),
    ("innotek", "VirtualBox"),
    ("qemu", "QEMU"),
    ("kvm", "KVM"),
    ("bochs", "QEMU"),
    ("parallels", "Parallels"),
    ("xen", "Xen"),
    ("bhyve", "bhyve"),
    ("hyper-v", "Hyper-V"),
    ("microsoft corporation virtual machine", "Hyper-V"),
    ("amazon ec2", "Amazon EC2"),
    ("google compute engine", "Google Compute Engine"),
    ("openstack", "OpenStack"),
    ("apple virtualization", "Apple Virtualization"),
)


def hypervisor_of(*names: str) -> str:
    """Return what a virtual computer runs on by its maker, model and firmware, in this order; "" for a real one.

    Whole words: a notebook called "Xenia" runs on no Xen; a digit may follow ("VMware7,1").
    """
    words = " ".join(names).casefold()
    return next((name for word, name in HYPERVISORS if re.search(rf"(?<![a-z]){word}(?![a-z])", words)), "")
