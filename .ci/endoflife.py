#!/usr/bin/env python3
"""Make resources/data/endoflife.json from a checkout of endoflife-date/endoflife.date.

    .ci/endoflife.py FOLDER_OF_PRODUCT_PAGES COMMIT TAKEN_ON

FOLDER_OF_PRODUCT_PAGES: "products" of the checkout. TAKEN_ON: date of the commit, YYYY-MM-DD.
Standard library only; reads the front matter of each page, whose lines are "key: value".
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

#: Product page → how its extended phase is had: "automatic" (updates simply go on),
#: "enrolment" (must be subscribed to or bought) or "" (there is none).
PRODUCTS = {
    "almalinux": "",
    "alpine-linux": "",
    "amazon-linux": "",
    "centos": "",
    "centos-stream": "",
    "chrome": "",
    "debian": "automatic",
    "devuan": "",
    "fedora": "",
    "firefox": "",
    "libreoffice": "",
    "linuxmint": "",
    "macos": "",
    "mageia": "",
    "mxlinux": "",
    "office": "",
    "opensuse": "",
    "oracle-linux": "enrolment",
    "pop-os": "",
    "rhel": "enrolment",
    "rocky-linux": "",
    "sles": "enrolment",
    "ubuntu": "enrolment",
    "windows": "enrolment",
    "windows-server": "enrolment",
}
#: Releases of browsers come every few weeks; older ones than these many say nothing new.
NEWEST = {"chrome": 40, "firefox": 40}


def value(text: str) -> object:
    """Return a front matter value: text, true, false; comments cut off."""
    bare = re.sub(r"\s+#.*$", "", text.strip()).strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        return bare[1:-1]
    return {"true": True, "false": False}.get(bare, bare)


def releases(page: str) -> list[dict[str, object]]:
    """Return the releases of one page in its order (newest first)."""
    front = page.split("---", 2)[1]
    _, _, listed = front.partition("\nreleases:")
    found: list[dict[str, object]] = []
    for line in listed.splitlines():
        match = re.match(r"^\s*(- )?\s*([A-Za-z]+):\s*(.*)$", line)
        if not match:
            continue
        if match[1]:
            found.append({})
        found[-1][match[2]] = value(match[3])
    return found


def main(folder: str, commit: str, taken_on: str) -> None:
    """Write the file beside the other data of the program."""
    products = {}
    for name, extended in PRODUCTS.items():
        page = (Path(folder) / f"{name}.md").read_text(encoding="utf-8")
        title = re.search(r"^title: (.*)$", page, re.MULTILINE)
        rows = []
        for release in releases(page)[: NEWEST.get(name)]:
            row = {
                "cycle": release["releaseCycle"],
                "released_on": release.get("releaseDate"),
                "eol": release.get("eol", release.get("eoas", False)),
            }
            for key, source in (
                ("codename", "codename"),
                ("active_until", "eoas"),
                ("extended_until", "eoes"),
                ("latest", "latest"),
                ("lts", "lts"),
            ):
                if release.get(source):
                    row[key] = release[source]
            rows.append(row)
        products[name] = {
            "title": str(value(title[1])) if title else name,
            "extended": extended,
            "releases": rows,
        }
    data = {
        "source": f"endoflife.date, commit {commit} (MIT licence)",
        "taken_on": taken_on,
        "products": products,
    }
    target = Path(__file__).resolve().parent.parent / "resources" / "data" / "endoflife.json"
    target.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
