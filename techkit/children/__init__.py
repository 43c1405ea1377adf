"""Child processes: started with limits, read with a cap, killed with every descendant.

The one importer of subprocess. External tools run in `external`; `child` holds long-lived processes of our own, which
talk in `frames`; both stand on `processes` (a process and everything it started), `environment` (what it is given)
and `clocks`; `windows` is the same by the means of that system.
"""
