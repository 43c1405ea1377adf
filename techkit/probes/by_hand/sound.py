"""Play a sound and record one, through the system's own library; nothing is ever written to a disk.

Linux speaks to ALSA, which PulseAudio and PipeWire stand behind; Windows to the wave functions of winmm, macOS to
Audio Queue Services. Only the process of techkit.probes.hands comes here: a driver may hang, and is ended with it.
Linux has been run; the Windows and macOS ways are written from their documentation and unrun.
"""

from __future__ import annotations

import array
import ctypes
import errno
import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.probe import Platform, this_platform
from techkit.records.findings import Reason

#: Samples a second, 16 bits each, as every sound card takes them (Red Book).
RATE: Final = 44_100
FULL: Final = 32_767

#: How long one look at the level is, in samples: ten a second.
SLICE: Final = RATE // 10

#: A tone for each side, far enough apart to be told; loudness a quarter of the most, so that nobody starts.
TONES: Final = {"left": 440.0, "right": 660.0, "both": 550.0}
TONE_S: Final = 1.2
LOUDNESS: Final = 0.25

Told = Callable[[float], None]


class Sound(Protocol):
    """A way to play and record on one system."""

    def play(self, stereo: bytes, stop: threading.Event) -> None:
        """Play 16-bit samples, left and right in turn. Raises: ProbeError."""

    def record(self, seconds: float, told: Told, stop: threading.Event) -> bytes:
        """Return 16-bit samples of one channel; told gets the level (0 to 1) ten times a second. Raises: ProbeError."""


def tone(side: str) -> bytes:
    """Return a tone on one side, "left", "right" or "both", that swells and fades so that nothing clicks."""
    frequency, count = TONES[side], round(TONE_S * RATE)
    fade = RATE // 20
    samples = array.array("h", bytes(4 * count))
    for place in range(count):
        swell = min(1.0, place / fade, (count - place) / fade)
        value = round(FULL * LOUDNESS * swell * math.sin(2 * math.pi * frequency * place / RATE))
        if side != "right":
            samples[2 * place] = value
        if side != "left":
            samples[2 * place + 1] = value
    return _little(samples)


def level(mono: bytes) -> float:
    """Return the loudest sample of a piece, from 0 to 1."""
    samples = array.array("h")
    samples.frombytes(mono[: len(mono) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return min(1.0, max((abs(sample) for sample in samples), default=0) / FULL)


def on_both_sides(mono: bytes) -> bytes:
    """Return a recording of one channel as it is played on two."""
    one = array.array("h")
    one.frombytes(mono[: len(mono) // 2 * 2])
    both = array.array("h", bytes(4 * len(one)))
    both[0::2], both[1::2] = one, one
    return both.tobytes()


def _little(samples: array.array[int]) -> bytes:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def of_this_system() -> Sound:
    """Return the way to play and record here. Raises: ProbeError when its library is not there."""
    made: dict[Platform, Callable[[], Sound]] = {
        Platform.LINUX: _Alsa,
        Platform.WINDOWS: _Wave,
        Platform.MACOS: _AudioQueue,
    }
    try:
        return made[this_platform()]()
    except OSError as error:
        raise ProbeError(
            _("The sound library of the system is not there."), reason=Reason.TOOL_MISSING
        ) from error


def _refused(is_input: bool, why: str) -> ProbeError:
    if not why:
        text = _("No microphone was found.") if is_input else _("No speaker was found.")
        return ProbeError(text, reason=Reason.NOT_PRESENT)
    if is_input:
        return ProbeError(_("No microphone could be opened ({why}).", why=why), reason=Reason.NOT_PRESENT)
    return ProbeError(_("No speaker could be opened ({why}).", why=why), reason=Reason.NOT_PRESENT)


# --- Linux: ALSA ------------------------------------------------------------------------------------

#: Constants of alsa/pcm.h.
_PLAYBACK, _CAPTURE, _S16_LE, _INTERLEAVED = 0, 1, 2, 3
_LATENCY_US = 100_000


class _Alsa:
    """The card named "default", which is the person's choice of device. Source: alsa-lib, alsa/pcm.h."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libasound.so.2")
        self._lib.snd_strerror.restype = ctypes.c_char_p
        for name in ("snd_pcm_writei", "snd_pcm_readi"):
            function = getattr(self._lib, name)
            function.restype = ctypes.c_long
            function.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong)

    def play(self, stereo: bytes, stop: threading.Event) -> None:
        with self._opened(_PLAYBACK, 2) as pcm:
            for place in range(0, len(stereo), 4 * SLICE):
                piece = stereo[place : place + 4 * SLICE]
                while piece and not stop.is_set():
                    done = self._moved(pcm, self._lib.snd_pcm_writei(pcm, piece, len(piece) // 4))
                    piece = piece[4 * done :]
            if not stop.is_set():
                self._lib.snd_pcm_drain(pcm)

    def record(self, seconds: float, told: Told, stop: threading.Event) -> bytes:
        held = bytearray()
        wanted = round(seconds * RATE) * 2
        piece = ctypes.create_string_buffer(2 * SLICE)
        with self._opened(_CAPTURE, 1) as pcm:
            while len(held) < wanted and not stop.is_set():
                done = self._moved(pcm, self._lib.snd_pcm_readi(pcm, piece, SLICE))
                held += piece.raw[: 2 * done]
                told(level(piece.raw[: 2 * done]))
        return bytes(held)

    def _moved(self, pcm: Any, count: int) -> int:
        """Return how many samples went, after setting right what can be; raise ProbeError otherwise."""
        if count >= 0:
            return count
        again: int = self._lib.snd_pcm_recover(pcm, ctypes.c_int(count), 1)
        if again < 0:
            raise ProbeError(
                _("The sound device stopped ({why}).", why=self._why(again)), reason=Reason.FAILED
            )
        return 0

    def _why(self, code: int) -> str:
        return (self._lib.snd_strerror(code) or b"").decode("utf-8", "replace")

    @contextmanager
    def _opened(self, stream: int, channels: int) -> Iterator[Any]:
        pcm = ctypes.c_void_p()
        code = self._lib.snd_pcm_open(ctypes.byref(pcm), b"default", stream, 0)
        if code < 0:
            is_absent = -code in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ECONNREFUSED)
            raise _refused(stream == _CAPTURE, "" if is_absent else self._why(code))
        try:
            code = self._lib.snd_pcm_set_params(pcm, _S16_LE, _INTERLEAVED, channels, RATE, 1, _LATENCY_US)
            if code < 0:
                raise _refused(stream == _CAPTURE, self._why(code))
            yield pcm
        finally:
            self._lib.snd_pcm_close(pcm)


# --- Windows: winmm ----------------------------------------------------------------------------------

_MAPPER = 0xFFFFFFFF
_IS_DONE = 1


class _Format(ctypes.Structure):
    """WAVEFORMATEX of mmreg.h: packed."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [
        ("tag", ctypes.c_uint16),
        ("channels", ctypes.c_uint16),
        ("rate", ctypes.c_uint32),
        ("bytes_per_s", ctypes.c_uint32),
        ("block", ctypes.c_uint16),
        ("bits", ctypes.c_uint16),
        ("extra", ctypes.c_uint16),
    ]


class _Header(ctypes.Structure):
    """WAVEHDR of mmeapi.h."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_uint32),
        ("recorded", ctypes.c_uint32),
        ("user", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("loops", ctypes.c_uint32),
        ("next", ctypes.c_void_p),
        ("reserved", ctypes.c_void_p),
    ]


class _Wave:
    """The device Windows prefers (WAVE_MAPPER). Source: mmeapi.h, waveOutOpen and waveInOpen. Unrun."""

    def __init__(self) -> None:
        self._lib: Any = ctypes.CDLL("winmm.dll")

    def play(self, stereo: bytes, stop: threading.Event) -> None:
        device = self._open("Out", 2)
        buffer = ctypes.create_string_buffer(stereo, len(stereo))
        header = _Header(data=ctypes.cast(buffer, ctypes.c_void_p), length=len(stereo))
        size = ctypes.sizeof(header)
        try:
            self._lib.waveOutPrepareHeader(device, ctypes.byref(header), size)
            self._lib.waveOutWrite(device, ctypes.byref(header), size)
            while not header.flags & _IS_DONE and not stop.wait(0.05):
                pass
        finally:
            self._lib.waveOutReset(device)
            self._lib.waveOutUnprepareHeader(device, ctypes.byref(header), size)
            self._lib.waveOutClose(device)

    def record(self, seconds: float, told: Told, stop: threading.Event) -> bytes:
        device = self._open("In", 1)
        buffers = [ctypes.create_string_buffer(2 * SLICE) for _turn in range(4)]
        headers = [_Header(data=ctypes.cast(b, ctypes.c_void_p), length=2 * SLICE) for b in buffers]
        size = ctypes.sizeof(_Header)
        held, wanted, turn = bytearray(), round(seconds * RATE) * 2, 0
        try:
            for header in headers:
                self._lib.waveInPrepareHeader(device, ctypes.byref(header), size)
                self._lib.waveInAddBuffer(device, ctypes.byref(header), size)
            self._lib.waveInStart(device)
            while len(held) < wanted and not stop.is_set():
                header, buffer = headers[turn % 4], buffers[turn % 4]
                if not header.flags & _IS_DONE:
                    stop.wait(0.02)
                    continue
                piece = buffer.raw[: header.recorded]
                held += piece
                told(level(piece))
                header.flags &= ~_IS_DONE
                self._lib.waveInAddBuffer(device, ctypes.byref(header), size)
                turn += 1
        finally:
            self._lib.waveInReset(device)
            for header in headers:
                self._lib.waveInUnprepareHeader(device, ctypes.byref(header), size)
            self._lib.waveInClose(device)
        return bytes(held)

    def _open(self, way: str, channels: int) -> Any:
        block = 2 * channels
        wanted = _Format(1, channels, RATE, RATE * block, block, 16, 0)
        device = ctypes.c_void_p()
        code = getattr(self._lib, f"wave{way}Open")(
            ctypes.byref(device), ctypes.c_uint(_MAPPER), ctypes.byref(wanted), None, None, 0
        )
        if code:
            raise _refused(way == "In", f"MMSYSERR {code}")
        return device


# --- macOS: Audio Queue Services ----------------------------------------------------------------------

_LINEAR_PCM = int.from_bytes(b"lpcm", "big")
#: kLinearPCMFormatFlagIsSignedInteger | kLinearPCMFormatFlagIsPacked.
_SIGNED_PACKED = 0x4 | 0x8


class _Description(ctypes.Structure):
    """AudioStreamBasicDescription of CoreAudioBaseTypes.h."""

    _fields_ = [
        ("rate", ctypes.c_double),
        ("format", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("bytes_per_packet", ctypes.c_uint32),
        ("frames_per_packet", ctypes.c_uint32),
        ("bytes_per_frame", ctypes.c_uint32),
        ("channels", ctypes.c_uint32),
        ("bits", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class _QueueBuffer(ctypes.Structure):
    """AudioQueueBuffer of AudioQueue.h, as far as it is used."""

    _fields_ = [
        ("capacity", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_uint32),
        ("user", ctypes.c_void_p),
    ]


class _AudioQueue:
    """The device macOS prefers. Source: AudioToolbox, AudioQueue.h. Unrun."""

    def __init__(self) -> None:
        self._lib: Any = ctypes.CDLL("/System/Library/Frameworks/AudioToolbox.framework/AudioToolbox")

    def play(self, stereo: bytes, stop: threading.Event) -> None:
        ended = threading.Event()
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        callback = kind(lambda _user, _queue, _buffer: ended.set())
        queue = self._open("Output", 2, callback)
        try:
            buffer = self._buffer(queue, len(stereo))
            ctypes.memmove(buffer.contents.data, stereo, len(stereo))
            buffer.contents.size = len(stereo)
            self._lib.AudioQueueEnqueueBuffer(queue, buffer, 0, None)
            self._lib.AudioQueueStart(queue, None)
            # The buffer is given back when it was handed on; half a second later it was heard.
            while not ended.wait(0.05) and not stop.is_set():
                pass
            stop.wait(0.5)
        finally:
            self._lib.AudioQueueDispose(queue, True)

    def record(self, seconds: float, told: Told, stop: threading.Event) -> bytes:
        held, wanted, is_full = bytearray(), round(seconds * RATE) * 2, threading.Event()

        def arrived(_user: Any, queue: Any, address: Any, *_rest: Any) -> None:
            buffer = ctypes.cast(address, ctypes.POINTER(_QueueBuffer))
            piece = ctypes.string_at(buffer.contents.data, buffer.contents.size)
            held.extend(piece)
            told(level(piece))
            if len(held) >= wanted:
                is_full.set()
            else:
                self._lib.AudioQueueEnqueueBuffer(ctypes.c_void_p(queue), buffer, 0, None)

        kind = ctypes.CFUNCTYPE(
            None,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
        )
        callback = kind(arrived)
        queue = self._open("Input", 1, callback)
        try:
            for _turn in range(4):
                self._lib.AudioQueueEnqueueBuffer(queue, self._buffer(queue, 2 * SLICE), 0, None)
            self._lib.AudioQueueStart(queue, None)
            while not is_full.wait(0.05) and not stop.is_set():
                pass
            self._lib.AudioQueueStop(queue, True)
        finally:
            self._lib.AudioQueueDispose(queue, True)
        return bytes(held)

    def _buffer(self, queue: Any, size: int) -> Any:
        buffer = ctypes.POINTER(_QueueBuffer)()
        self._lib.AudioQueueAllocateBuffer(queue, size, ctypes.byref(buffer))
        return buffer

    def _open(self, way: str, channels: int, callback: Any) -> Any:
        block = 2 * channels
        wanted = _Description(float(RATE), _LINEAR_PCM, _SIGNED_PACKED, block, 1, block, channels, 16, 0)
        queue = ctypes.c_void_p()
        code = getattr(self._lib, f"AudioQueueNew{way}")(
            ctypes.byref(wanted), callback, None, None, None, 0, ctypes.byref(queue)
        )
        if code:
            raise _refused(way == "Input", f"OSStatus {code}")
        return queue
