"""Each obstacle between a GPU and TensorFlow has its own sentence, with the figures that help."""

from __future__ import annotations

import msgspec
import pytest

from cnn_explorer.core.gpu_diagnosis import FoundGpu, GpuFacts, gpu_note

GIB = 1024**3
CARD = FoundGpu("NVIDIA A100", (8, 0), 40 * GIB, 39 * GIB)
SOUND = GpuFacts(
    needs_cuda="12.5.1", oldest=(6, 0), has_card=True, has_driver=True, driver="550.54.14", driver_cuda=(12, 4),
    init=0, gpus=(CARD,),
)  # fmt: skip
"""A machine on which nothing is in the way."""


def why_not(**changes: object) -> str:
    """The sentence without its beginning, for a sound machine with these facts changed."""
    note = gpu_note(msgspec.structs.replace(SOUND, **changes))
    assert note.startswith("No GPU is used: ")
    assert note.endswith(".")
    assert "\n" not in note
    return note.removeprefix("No GPU is used: ")


def test_that_a_gpu_in_use_is_named() -> None:
    assert gpu_note(GpuFacts(used=("GPU 0: Fast One",))) == "TensorFlow computes on GPU 0: Fast One."


def test_that_a_build_without_cuda_is_the_first_obstacle() -> None:
    assert "built for the processor only" in why_not(needs_cuda="", has_driver=False)


@pytest.mark.parametrize("value", ["", "-1", " -1 "])
def test_that_hidden_gpus_are_told_to_be_hidden(value: str) -> None:
    assert "CUDA_VISIBLE_DEVICES hides them all" in why_not(visible=value, init=None, gpus=())


def test_that_a_hiding_variable_is_not_blamed_where_there_is_nothing_to_hide() -> None:
    assert "was found on this machine" in why_not(visible="-1", has_card=False, has_driver=False)


def test_that_a_variable_which_names_another_gpu_is_quoted() -> None:
    assert 'CUDA_VISIBLE_DEVICES is "7", and there is no such GPU' in why_not(visible="7", init=100, gpus=())


@pytest.mark.parametrize(
    ("has_card", "words"),
    [
        (True, "its driver (libcuda.so.1) is missing"),
        (False, "neither an NVIDIA GPU nor its driver"),
        (None, "there is no NVIDIA driver"),
    ],
)
def test_that_a_missing_driver_is_named(has_card: bool | None, words: str) -> None:
    assert words in why_not(has_card=has_card, has_driver=False, init=None, driver_cuda=None, gpus=())


def test_that_a_driver_which_is_too_old_is_told_with_both_versions() -> None:
    words = why_not(driver="470.82.01", driver_cuda=(11, 4), init=0)
    assert words.startswith(
        "the NVIDIA driver 470.82.01 is too old: it knows CUDA up to 11.4, and TensorFlow needs 12.0"
    )


def test_that_a_driver_older_than_the_build_within_its_major_version_is_not_blamed() -> None:
    assert "too old" not in why_not(driver_cuda=(12, 0))


def test_that_a_driver_which_crashes_or_hangs_is_told() -> None:
    assert "crashed or gave no answer" in why_not(answered=False, init=None, gpus=(), driver_cuda=None)


def test_that_a_missing_permission_is_told_with_the_files() -> None:
    refused = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm")
    words = why_not(refused=refused, init=100, gpus=())
    assert words.startswith("this user may not open /dev/nvidia0, /dev/nvidiactl and /dev/nvidia-uvm:")


def test_that_a_driver_without_any_gpu_is_told() -> None:
    assert "finds no GPU" in why_not(init=100, gpus=())
    assert "finds no GPU" in why_not(init=0, gpus=())


@pytest.mark.parametrize(
    ("code", "words"),
    [(803, "different versions"), (999, "CUDA error 999"), (34, "stub"), (802, "not ready"), (42, "CUDA error 42")],
)
def test_that_a_driver_which_does_not_start_is_told_with_its_error(code: int, words: str) -> None:
    assert words in why_not(init=code, gpus=())


def test_that_missing_libraries_are_named_with_the_way_to_get_them() -> None:
    words = why_not(missing=("libcudart.so.12", "libcudnn.so.9"))
    assert words == (
        'TensorFlow misses libcudart.so.12 and libcudnn.so.9: pip install "tensorflow[and-cuda]" brings what it needs.'
    )


def test_that_a_gpu_which_is_too_old_is_told_with_both_figures() -> None:
    words = why_not(gpus=(FoundGpu("GeForce GTX 980", (5, 2), 4 * GIB, 4 * GIB),))
    assert words == "GeForce GTX 980 is too old: its compute capability is 5.2, and this TensorFlow needs 6.0."


def test_that_a_gpu_without_memory_is_told_with_what_is_free() -> None:
    words = why_not(gpus=(FoundGpu("NVIDIA A100", (8, 0), 40 * GIB, GIB // 5),))
    assert words.startswith("NVIDIA A100 has 0.2 of 40.0 GiB free, which is not enough")


def test_that_tensorflow_itself_saying_so_counts_as_no_memory() -> None:
    words = why_not(failure="failed call to cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY: out of memory")
    assert words.startswith("NVIDIA A100 has 39.0 of 40.0 GiB free, which is not enough")


def test_that_another_failure_of_tensorflow_is_quoted() -> None:
    assert why_not(failure="INTERNAL: no kernel image") == "TensorFlow could not start it (INTERNAL: no kernel image)."


def test_that_an_unknown_reason_comes_with_the_way_to_find_out() -> None:
    assert "TF_CPP_MIN_LOG_LEVEL=0" in why_not()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"used": ("GPU 0",)}, False), ({"has_driver": False}, True), ({"has_card": None}, True)],
)
def test_that_a_gpu_which_is_there_and_not_used_is_called_idle(changes: dict[str, object], expected: bool) -> None:
    assert msgspec.structs.replace(SOUND, **changes).is_idle is expected
    assert not GpuFacts(needs_cuda="12.5", has_card=False).is_idle
