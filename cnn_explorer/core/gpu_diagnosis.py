"""Why a GPU is used or not, in one sentence, from facts that someone else has gathered."""

from __future__ import annotations

from msgspec import Struct

_GIB = 1024**3
_CONTEXT = _GIB // 2
"""Bytes that CUDA itself and the kernels of TensorFlow take on a GPU before anything is computed, roughly."""

# CUresult, from cuda.h: what cuInit says, for people.
_INIT_FAILURES = {
    34: "the libcuda.so.1 that is found is a stub for building programs: take it out of LD_LIBRARY_PATH",
    304: "the operating system refused the driver something (CUDA error 304): restart the machine",
    802: "the machine's GPUs are not ready yet (CUDA error 802): start NVIDIA's Fabric Manager, or wait",
    803: "the NVIDIA driver's library and its kernel module have different versions: restart the machine",
    804: "this GPU does not work with the forward-compatible NVIDIA driver that is found: install the usual driver",
    999: "the NVIDIA driver does not start (CUDA error 999): restart the machine, or load the module nvidia_uvm",
}
_NO_DEVICE = 100


class FoundGpu(Struct, frozen=True):
    """A GPU that the driver knows. ``capability``: NVIDIA's compute capability; ``total`` and ``free`` in bytes."""

    name: str
    capability: tuple[int, int]
    total: int
    free: int

    @property
    def described(self) -> str:
        """Its name and how much of its memory is free."""
        return f"{self.name} has {self.free / _GIB:.1f} of {self.total / _GIB:.1f} GiB free"


class GpuFacts(Struct, frozen=True, kw_only=True):
    """What was found out about this machine's NVIDIA GPUs and about the TensorFlow that would use them.

    ``used``: descriptions of the GPUs that TensorFlow computes on. ``needs_cuda``: the CUDA version that it was
    built with, empty for a build without. ``oldest``: the lowest compute capability that it has code for.
    ``visible``: CUDA_VISIBLE_DEVICES. ``has_card``: whether the machine has a card of NVIDIA, ``None`` if that
    cannot be told. ``has_driver``: whether libcuda can be loaded. ``driver`` is the driver's version and
    ``driver_cuda`` the newest CUDA version that it knows, as far as they are known. ``refused``: device files that
    this user may not open. ``answered``: whether the driver lived through being asked. ``init``: what ``cuInit``
    returned. ``missing``: CUDA libraries that TensorFlow needs and that are nowhere. ``failure``: what TensorFlow
    said when it could not start the GPUs that it had found.
    """

    used: tuple[str, ...] = ()
    needs_cuda: str = ""
    oldest: tuple[int, int] | None = None
    visible: str | None = None
    has_card: bool | None = None
    has_driver: bool = False
    driver: str = ""
    driver_cuda: tuple[int, int] | None = None
    refused: tuple[str, ...] = ()
    answered: bool = True
    init: int | None = None
    gpus: tuple[FoundGpu, ...] = ()
    missing: tuple[str, ...] = ()
    failure: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether CUDA_VISIBLE_DEVICES hides every GPU."""
        return self.visible is not None and self.visible.strip() in ("", "-1")

    @property
    def is_idle(self) -> bool:
        """Whether there is a GPU of NVIDIA, as far as can be told, and TensorFlow does not use it."""
        return not self.used and (self.has_driver or bool(self.has_card))


def gpu_note(facts: GpuFacts) -> str:
    """One sentence: which GPU is used, or why none is and what would change that."""
    if facts.used:
        return f"TensorFlow computes on {facts.used[0]}."
    return f"No GPU is used: {_why_not(facts)}."


def _why_not(facts: GpuFacts) -> str:
    """The first obstacle on the way from the card to TensorFlow."""
    return (
        _no_build(facts)
        or _no_driver(facts)
        or _driver_refuses(facts)
        or _tensorflow_refuses(facts)
        or "TensorFlow took none, although driver and libraries are there; with the environment variable "
        "TF_CPP_MIN_LOG_LEVEL=0 it writes why"
    )


def _no_build(facts: GpuFacts) -> str:
    if not facts.needs_cuda:
        return "this TensorFlow is built for the processor only, without CUDA"
    if facts.is_hidden and (facts.has_driver or facts.has_card):
        return "the environment variable CUDA_VISIBLE_DEVICES hides them all"
    return ""


def _no_driver(facts: GpuFacts) -> str:
    if facts.has_driver:
        return ""
    if facts.has_card is None:
        return "there is no NVIDIA driver (libcuda.so.1) on this machine"
    if not facts.has_card:
        return "neither an NVIDIA GPU nor its driver (libcuda.so.1) was found on this machine"
    return (
        "there is one of NVIDIA, but its driver (libcuda.so.1) is missing: install it, or give the container the "
        "machine's GPUs"
    )


def _driver_refuses(facts: GpuFacts) -> str:
    if not facts.answered:
        return "the NVIDIA driver crashed or gave no answer when it was asked for its GPUs: restart the machine"
    needed = int(facts.needs_cuda.split(".")[0])
    # Within one major version of CUDA, older drivers run what newer ones were built for.
    if facts.driver_cuda is not None and facts.driver_cuda[0] < needed:
        known = ".".join(map(str, facts.driver_cuda))
        name = f"the NVIDIA driver {facts.driver}".rstrip()
        return f"{name} is too old: it knows CUDA up to {known}, and TensorFlow needs {needed}.0: install a newer one"
    if facts.init != 0 and facts.refused:
        return f"this user may not open {_listed(facts.refused)}: ask for the permission (often the group video)"
    if facts.init == _NO_DEVICE or (facts.init == 0 and not facts.gpus):
        if facts.visible is not None:
            return f'the environment variable CUDA_VISIBLE_DEVICES is "{facts.visible}", and there is no such GPU'
        return "the NVIDIA driver is there, but it finds no GPU (see nvidia-smi)"
    if facts.init != 0:
        return _INIT_FAILURES.get(facts.init or -1, f"the NVIDIA driver does not start (CUDA error {facts.init})")
    return ""


def _tensorflow_refuses(facts: GpuFacts) -> str:
    if facts.missing:
        return f'TensorFlow misses {_listed(facts.missing)}: pip install "tensorflow[and-cuda]" brings what it needs'
    if facts.oldest is not None and all(gpu.capability < facts.oldest for gpu in facts.gpus):
        best = max(facts.gpus, key=lambda gpu: gpu.capability)
        has, needs = (".".join(map(str, pair)) for pair in (best.capability, facts.oldest))
        return f"{best.name} is too old: its compute capability is {has}, and this TensorFlow needs {needs}"
    if "out of memory" in facts.failure.lower().replace("_", " ") or all(g.free < _CONTEXT for g in facts.gpus):
        return f"{', '.join(gpu.described for gpu in facts.gpus)}, which is not enough: end what else uses it"
    if facts.failure:
        return f"TensorFlow could not start it ({facts.failure})"
    return ""


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
