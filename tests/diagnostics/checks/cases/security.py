"""Readings of the security checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, UNKNOWN, WATCH, Cases

CASES: Cases = {
    "account_control": [
        (OK, {"security.account_control": True}),
        (WATCH, {"security.account_control": False}),
    ],
    "administrators": [
        (OK, {"security.administrators": ["root", "anna", "ben"]}),
        (WATCH, {"security.administrators": ["root", "anna", "ben", "chris"]}),
    ],
    "antivirus": [
        (NA, {"security.antivirus": [], "os.family": "linux"}),
        (ACT, {"security.antivirus": [], "os.family": "windows"}),
        (ACT, {"security.antivirus": [{"name": "Guard", "is_active": False}], "os.family": "windows"}),
        (OK, {"security.antivirus": [{"name": "Guard", "is_active": True, "is_current": True}]}),
        (WATCH, {"security.antivirus": [{"name": "Guard", "is_active": True, "is_current": False}]}),
        (
            WATCH,
            {
                "security.antivirus": [{"name": "Guard", "is_active": True}],
                "security.antivirus.age_days": 8.0,
            },
        ),
    ],
    "automatic_sign_in": [
        (OK, {"security.automatic_sign_in": False}),
        (OK, {"security.automatic_sign_in": True, "system.kind": "desktop"}),
        (WATCH, {"security.automatic_sign_in": True, "system.kind": "notebook"}),
    ],
    "disk_encryption": [
        (OK, {"security.disk_encrypted@/": True, "system.kind": "notebook"}),
        (WATCH, {"security.disk_encrypted@/": False, "system.kind": "notebook"}),
        (OK, {"security.disk_encrypted@/": False, "system.kind": "desktop"}),
    ],
    "empty_passwords": [
        (OK, {"security.empty_passwords": []}),
        (ACT, {"security.empty_passwords": ["guest"]}),
        (OK, {"security.password_not_required": []}),
        (UNKNOWN, {"security.password_not_required": ["guest"]}),
    ],
    "firewall": [
        (OK, {"security.firewall.active": True, "security.firewall.kind": "ufw"}),
        (WATCH, {"security.firewall.active": False}),
        (ACT, {"security.firewall.active": False, "security.firewall.public_network": True}),
    ],
    "kernel_guards": [
        (OK, {"security.address_randomisation": 2}),
        (WATCH, {"security.address_randomisation": 1}),
    ],
    "open_ports": [
        (OK, {"security.ports": [{"protocol": "tcp", "port": 22, "address": "0.0.0.0", "program": "sshd"}]}),
        (
            WATCH,
            {"security.ports": [{"protocol": "tcp", "port": 6379, "address": "0.0.0.0", "program": "redis"}]},
        ),
        (
            OK,
            {
                "security.ports": [
                    {"protocol": "tcp", "port": 445, "address": "0.0.0.0", "program": "System"}
                ],
                "os.family": "windows",
            },
        ),
    ],
    "remote_access_tools": [
        (OK, {"security.remote_tools": []}),
        (WATCH, {"security.remote_tools": [{"name": "AnyDesk", "is_running": True}]}),
    ],
    "secure_boot": [
        (OK, {"security.secure_boot": True}),
        (WATCH, {"security.secure_boot": False, "system.kind": "notebook"}),
        (OK, {"security.secure_boot": False, "system.kind": "virtual"}),
    ],
    "security_chip": [
        (OK, {"security.tpm": "2.0, 0, 1.38", "os.family": "windows"}),
        (WATCH, {"security.tpm": "1.2, 2, 3", "os.family": "windows", "system.kind": "notebook"}),
        (OK, {"security.tpm": "1.2", "os.family": "windows", "system.kind": "virtual"}),
        (OK, {"security.tpm": "1.0", "os.family": "linux"}),
    ],
}
