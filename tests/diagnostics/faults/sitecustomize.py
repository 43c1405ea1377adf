"""Loaded by a test's workers at their start: the system's tools are the faulty ones of the test."""

import os

from techkit.children import environment

environment.TOOL_FOLDERS = (os.environ["FAULTY_TOOLS"],)
