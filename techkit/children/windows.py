"""Job objects, the list of processes and the clock without sleep of Windows.

Written from the Win32 documentation (JOBOBJECT_EXTENDED_LIMIT_INFORMATION, winnt.h); never run.
"""

from __future__ import annotations

import ctypes
import functools
import subprocess
from collections.abc import Iterable
from ctypes import wintypes
from typing import Any

_JOB_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation

_KILL_ON_JOB_CLOSE = 0x2000  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE

_JOB_MEMORY = 0x200  # JOB_OBJECT_LIMIT_JOB_MEMORY

_SNAP_PROCESS = 0x2  # TH32CS_SNAPPROCESS


@functools.lru_cache(maxsize=1)
def _kernel32() -> Any:
    return ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore] # Windows only


def new_job(memory_limit: int) -> Any:
    """Return a job object that ends all its processes when it is closed."""

    class Basic(ctypes.Structure):
        _fields_ = [
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        ]

    class Extended(ctypes.Structure):
        _fields_ = [
            ("Basic", Basic),
            ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]

    kernel32 = _kernel32()
    kernel32.CreateJobObjectW.restype = wintypes.HANDLE
    handle = kernel32.CreateJobObjectW(None, None)
    job = wintypes.HANDLE(handle)
    if not handle:
        raise OSError("CreateJobObjectW failed")
    limits = Extended()
    limits.Basic.LimitFlags = _KILL_ON_JOB_CLOSE | _JOB_MEMORY
    limits.JobMemoryLimit = memory_limit
    if not kernel32.SetInformationJobObject(
        job, _JOB_EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
    ):
        raise OSError("SetInformationJobObject failed")
    return job


def enter_job(job: Any, process: subprocess.Popen[bytes]) -> None:
    """Put a suspended process into the job and let it run. Raises: OSError."""
    handle = wintypes.HANDLE(int(process._handle))  # type: ignore[attr-defined,unused-ignore] # Windows only
    if not _kernel32().AssignProcessToJobObject(job, handle):
        process.kill()
        raise OSError("AssignProcessToJobObject failed")
    # The main thread's handle is not kept by subprocess; NtResumeProcess resumes all threads.
    ctypes.WinDLL("ntdll").NtResumeProcess(handle)  # type: ignore[attr-defined,unused-ignore] # Windows only


def end_job(job: Any) -> None:
    """End every process of the job and close it."""
    _kernel32().TerminateJobObject(job, 1)
    _kernel32().CloseHandle(job)


def parents() -> Iterable[tuple[int, int]]:
    """Yield (process id, parent's id) from a Toolhelp snapshot; PROCESSENTRY32W of tlhelp32.h."""

    class Entry(ctypes.Structure):
        _fields_ = [
            ("dwSize", wintypes.DWORD),
            ("cntUsage", wintypes.DWORD),
            ("th32ProcessID", wintypes.DWORD),
            ("th32DefaultHeapID", ctypes.c_size_t),
            ("th32ModuleID", wintypes.DWORD),
            ("cntThreads", wintypes.DWORD),
            ("th32ParentProcessID", wintypes.DWORD),
            ("pcPriClassBase", wintypes.LONG),
            ("dwFlags", wintypes.DWORD),
            ("szExeFile", wintypes.WCHAR * 260),
        ]

    kernel32 = _kernel32()
    kernel32.CreateToolhelp32Snapshot.restype = wintypes.HANDLE
    snapshot = wintypes.HANDLE(kernel32.CreateToolhelp32Snapshot(_SNAP_PROCESS, 0))
    entry = Entry()
    entry.dwSize = ctypes.sizeof(Entry)
    try:
        more = kernel32.Process32FirstW(snapshot, ctypes.byref(entry))
        while more:
            yield entry.th32ProcessID, entry.th32ParentProcessID
            more = kernel32.Process32NextW(snapshot, ctypes.byref(entry))
    finally:
        kernel32.CloseHandle(snapshot)


def unbiased_s() -> float:
    """Return the seconds since the start without sleep; in units of 100 ns (realtimeapiset.h)."""
    ticks = ctypes.c_ulonglong()
    _kernel32().QueryUnbiasedInterruptTime(ctypes.byref(ticks))
    return ticks.value / 1e7
