"""The report page: whole, harmless, self-contained, and true to the numbers that it is made of."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model import weight_pictures as kernels
from cnn_explorer.core.model.info import ForwardPass, LayerInfo, LayerWeight, ModelInfo, ModelInput
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.export.report.page import MOST_LAYERS, ReportMatter, report_page, save_report

NASTY = "<script>alert(\"1\")</script> & 'x' \x00\x1b\ud800"
RNG = np.random.default_rng(0)
_EMPTY = {"img", "meta", "br"}


@dataclass
class _Page(HTMLParser):
    """What a browser would find: elements with their attributes, text outside of the style sheet, pictures."""

    source: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert self.path == [], "not all elements are closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.path and self.path[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def pictures(self) -> dict[str, Image.Image]:
        """All pictures by their description."""
        found = {}
        for tag, attributes in self.elements:
            if tag == "img":
                kind, _, data = str(attributes["src"]).partition(",")
                assert kind == "data:image/png;base64"
                picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
                picture.load()
                found[str(attributes["alt"])] = picture
        return found


def _layer(name: str, kind: str, activation: np.ndarray, **more: object) -> LayerInfo:
    return LayerInfo(name, kind, activation.shape, 0, **more)  # type: ignore[arg-type]  # whatever a test wants


def _matter(
    activations: dict[str, np.ndarray], weights: dict[str, tuple[LayerWeight, ...]] | None = None, kind: str = "Conv2D"
) -> ReportMatter:
    image = np.zeros((4, 4, 1), np.float32)
    layers = tuple(_layer(name, kind, values) for name, values in activations.items())
    info = ModelInfo("net", Path("runs/one/model.h5"), (4, 4, 1), layers, 1234, ("cat", "dog"), "scale", False)
    forward = ForwardPass((image,), activations, np.array([0.25, 0.75], np.float32))
    return ReportMatter(
        info=info, forward=forward, images=(("test-3", np.zeros((4, 4, 1), np.uint8)),), true_name="cat",
        names=("cat", "dog"), weights=lambda name: (weights or {}).get(name, ()),
        made=datetime(2026, 11, 2, 9, 5, tzinfo=UTC),
        versions=(("cnn_explorer", "0.1.0"), ("keras", "3.15.1"), ("system", "secret-host")),
    )  # fmt: skip


def test_that_the_page_tells_model_image_and_prediction() -> None:
    matter = _matter({"Conv": np.ones((2, 2, 3), np.float32), "Out": np.array([0.25, 0.75], np.float32)})
    info = replace(matter.info, notes=("Repaired: lr.",), preprocessing_is_guess=True, dataset="pets")
    page = _Page(report_page(replace(matter, info=info)))
    for words in (
        "one/model.h5 · CNN Explorer, 2 November 2026, 09:05", "1,234", "pets", "cat, dog", "Repaired: lr.",
        "“scale” is a guess", "Predicted dog; the true class is cat", "cat (true class)", "25.0 %", "75.0 %",
        "Image test-3, as it is, 4×4×1.", "2×2×3", "CNN Explorer 0.1.0 · Keras 3.15.1",
    ):  # fmt: skip
        assert words in page.text, words
    assert "secret-host" not in page.source
    bars = [attributes["style"] for tag, attributes in page.elements if tag == "div" and "style" in attributes]
    assert bars == ["width: 25.0%", "width: 75.0%"]
    rows = [attributes.get("class") for tag, attributes in page.elements if tag == "tr"]
    assert rows.count("best") == 1


def test_that_whatever_a_file_says_stays_text() -> None:
    activations = {NASTY: np.ones((2, 2, 1), np.float32)}
    weights = {NASTY: (LayerWeight(NASTY, np.zeros((3, 3, 1, 20), np.float32)),)}
    matter = _matter(activations, weights)
    layer = replace(matter.info.layers[0], type=NASTY, config=((NASTY, NASTY),), sources=(NASTY,))
    info = replace(
        matter.info, name=NASTY, path=Path(NASTY.replace("\x00", "")), layers=(layer,), classes=(NASTY, "b"),
        notes=(NASTY,), dataset=NASTY, inputs=(ModelInput(NASTY, (4, 4, 1)),), outputs=(NASTY,), preprocessing=NASTY,
    )  # fmt: skip
    matter = replace(
        matter, info=info, names=(NASTY, "b"), true_name=NASTY, images=((NASTY, np.zeros((4, 4, 1), np.uint8)),),
        versions=(("keras", NASTY),),
    )  # fmt: skip
    source = report_page(matter)
    page = _Page(source)
    assert not {tag for tag, _ in page.elements} & {"script", "iframe", "object", "embed", "link", "base", "form"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "<script" not in source
    assert "\x00" not in source
    source.encode()
    assert page.text.count('<script>alert("1")</script>') >= 12
    targets = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    anchors = {f"#{attributes['id']}" for _, attributes in page.elements if "id" in attributes}
    assert targets == anchors == {"#layer-0"}


def test_that_the_page_needs_nothing_but_itself() -> None:
    source = report_page(_matter({"Conv": np.ones((2, 2, 3), np.float32)}))
    page = _Page(source)
    policies = [attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    addresses = [value for _, attributes in page.elements for name, value in attributes.items() if name in
                 ("src", "href", "xlink:href", "action", "data", "srcset")]  # fmt: skip
    assert addresses
    assert all(str(address).startswith(("data:image/png;base64,", "#")) for address in addresses)
    assert not re.search(r"url\(|@import|https?://", source)
    assert "prefers-color-scheme: dark" in source
    assert "@media print" in source


def test_that_the_grid_of_a_layer_shows_its_numbers() -> None:
    maps = np.zeros((2, 2, 2), np.float32)
    maps[..., 0] = [[0, 1], [2, 4]]
    maps[..., 1] = [[3, 3], [3, 11]]
    picture = _Page(report_page(_matter({"Conv": maps}))).pictures()["2 maps of Conv"]
    assert picture.size == (2 * 112 + 1, 112)
    pixels = np.asarray(picture.convert("RGBA"))
    centres = pixels[28::56][:, [28, 84, 141, 197], :]
    levels = np.rint(np.array([[0, 0.25, 0, 0], [0.5, 1, 0, 1]]) * 254).astype(int)
    table = colormap("viridis")[np.rint(np.linspace(0, 255, 255)).astype(int)]
    np.testing.assert_array_equal(centres[..., :3], table[levels])
    assert (centres[..., 3] == 255).all()
    assert (pixels[:, 112, 3] == 0).all(), "the line lets the page shine through"


def test_that_signed_maps_have_zero_in_the_middle() -> None:
    maps = np.array([-1.0, 0.0, 4.0], np.float32).reshape(1, 3, 1)
    page = _Page(report_page(_matter({"Conv": maps})))
    picture = np.asarray(page.pictures()["1 map of Conv"].convert("RGB"))
    middle = picture[0, picture.shape[1] // 2]
    np.testing.assert_allclose(middle, colormap("coolwarm")[127], atol=3)
    assert "0 in the middle" in page.text


def test_that_broken_and_quiet_values_are_told_of() -> None:
    maps = np.zeros((2, 2, 3), np.float32)
    maps[0, 0, 0], maps[1, 1, 0], maps[0, 1, 0] = np.nan, np.inf, 2.0
    weights = {"Conv": (LayerWeight("kernel", np.full((3, 3, 1, 4), np.nan, np.float32)),)}
    text = _Page(report_page(_matter({"Conv": maps, "Gone": np.zeros((0, 0, 2), np.float32)}, weights))).text
    assert "Values from 0.0000 to 2.0000, 2 of them not finite. 2 of 3 maps are zero on this image." in text
    assert "kernel, 36 not finite" in text
    assert "It gives nothing that could be shown." in text


def test_that_weights_are_counted_right() -> None:
    kernel = np.arange(-9, 9, dtype=np.float32).reshape(3, 3, 1, 2)
    weights = {"Conv": (LayerWeight("kernel", kernel), LayerWeight("mean", np.full(20, 2.0, np.float32), False))}
    page = _Page(report_page(_matter({"Conv": np.ones((2, 2, 2), np.float32)}, weights)))
    for words in ("3×3×1×2", "−9.0000", "8.0000", "−0.5000", "5.1881", "5.6 %", "mean (not trained)",
                  "mean: all values are 2.0000.", "kernel: 18 values"):  # fmt: skip
        assert words in page.text, words
    (path,) = (str(attributes["d"]) for tag, attributes in page.elements if tag == "path")
    assert path.count("M") == 18, "one bar for each of the values, which all differ"


def test_that_many_weights_are_counted_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    values = (999 + np.linspace(0, 1.5, 1000).reshape(20, 50) ** 2).astype(np.float32)
    weights = {"Dense": (LayerWeight("kernel", values),)}
    matter = _matter({"Dense": np.ones(50, np.float32)}, weights)
    whole = report_page(matter)
    monkeypatch.setattr(kernels, "_BLOCK", 7)
    assert report_page(matter) == whole
    text = _Page(whole).text
    exact = values.astype(np.float64)
    assert f"{exact.min():.4f} {exact.mean():.4f} {exact.max():.1f} {exact.std():.4f}" in text


@pytest.mark.parametrize(
    ("name", "shape", "words", "size"),
    [("kernel", (3, 3, 3, 4), "Kernels of 3×3×3, as colours. Grey is 0.", (4 * 46 - 4, 42)),
     ("kernel", (3, 3, 8, 4), "for input map 0; the 7 others are not shown. Blue is negative", (4 * 43 - 1, 42)),
     ("kernel", (3, 3, 1, 300), "The first 256 of 300.", None),
     ("depthwise_kernel", (3, 3, 4, 2), "Kernels of 3×3, one for each input map.", (8 * 43 - 1, 42)),
     ("kernel", (1, 1, 8, 4), "too small for pictures", None)],
)  # fmt: skip
def test_that_kernels_are_pictures_and_what_is_left_out_is_said(
    name: str, shape: tuple[int, ...], words: str, size: tuple[int, int] | None
) -> None:
    weights = {"Conv": (LayerWeight(name, RNG.normal(size=shape).astype(np.float32)),)}
    page = _Page(report_page(_matter({"Conv": np.ones((2, 2, 2), np.float32)}, weights)))
    assert words in page.text
    found = [picture for alt, picture in page.pictures().items() if alt.startswith("Kernels")]
    assert bool(found) is (shape[0] > 1)
    if size is not None:
        assert found[0].size == size


def test_that_a_colour_kernel_has_its_own_colours() -> None:
    kernel = np.zeros((3, 3, 3, 1), np.float32)
    kernel[0, 0] = [[1], [0], [-1]]
    weights = {"Conv": (LayerWeight("kernel", kernel),)}
    pictures = _Page(report_page(_matter({"Conv": np.ones((2, 2, 1), np.float32)}, weights))).pictures()
    picture = np.asarray(pictures["Kernels of 3×3×3, as colours"].convert("RGB"))
    assert picture[0, 0].tolist() == [255, 128, 0]
    assert picture[-1, -1].tolist() == [128, 128, 128]


def test_that_a_depthwise_layer_has_one_kernel_for_each_input_map() -> None:
    weights = {"Deep": (LayerWeight("kernel", RNG.normal(size=(3, 3, 5, 1)).astype(np.float32)),)}
    text = _Page(report_page(_matter({"Deep": np.ones((2, 2, 5), np.float32)}, weights, "DepthwiseConv2D"))).text
    assert "Kernels of 3×3, one for each input map." in text


def test_that_the_kernels_of_a_transposed_convolution_are_those_of_its_output_maps() -> None:
    weights = {"Up": (LayerWeight("kernel", RNG.normal(size=(3, 3, 4, 7)).astype(np.float32)),)}
    page = _Page(report_page(_matter({"Up": np.ones((2, 2, 4), np.float32)}, weights, "Conv2DTranspose")))
    assert "for input map 0; the 6 others are not shown" in page.text
    (picture,) = (found for alt, found in page.pictures().items() if alt.startswith("Kernels"))
    assert picture.size == (4 * 43 - 1, 42)


def test_that_several_inputs_nested_names_and_branches_are_told() -> None:
    matter = _matter({"inner/Conv": np.ones((2, 2, 2), np.float32), "Conv#2": np.ones(5, np.float32)})
    first, second = matter.info.layers
    info = replace(
        matter.info, layers=(replace(first, sources=("",)), replace(second, sources=("inner/Conv", ""))),
        inputs=(ModelInput("left", (4, 4, 1)), ModelInput("age", (2,)), ModelInput("right", (4, 4, 3))),
        outputs=("Conv#2", "inner/Conv"),
    )  # fmt: skip
    inputs = (np.zeros((4, 4, 1), np.float32), np.zeros(2, np.float32), RNG.random((4, 4, 3), np.float32))
    forward = replace(matter.forward, inputs=inputs, prediction=None)
    images = (("a", np.zeros((4, 4, 1), np.uint8)), ("b", np.full((4, 4, 3), 255, np.uint8)))
    page = _Page(report_page(replace(matter, info=info, forward=forward, images=images)))
    for words in ("left 4×4×1, age 2, right 4×4×3", "Conv#2, inner/Conv", "From", "inner/Conv, input",
                  "Input age: values of shape 2, all 0.0000.", "Input right", "gives no vector"):  # fmt: skip
        assert words in page.text, words
    assert np.asarray(page.pictures()["Image b, as it is"]).tolist() == np.full((4, 4, 3), 255).tolist()


@pytest.mark.parametrize("channels", [2, 5])
def test_that_images_of_any_number_of_channels_are_shown(channels: int) -> None:
    matter = _matter({"Conv": np.ones((2, 2, 2), np.float32)})
    image = RNG.random((4, 4, channels), np.float32)
    forward = replace(matter.forward, inputs=(image,))
    page = _Page(report_page(replace(matter, forward=forward, images=(("x", (image * 255).astype(np.uint8)),))))
    assert page.pictures()["As the network gets it"].size == (channels * 113 - 1, 112)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4, 5), ()])
def test_that_outputs_of_any_shape_are_told_of(shape: tuple[int, ...]) -> None:
    text = _Page(report_page(_matter({"Odd": np.ones(shape, np.float32)}))).text
    assert "Values from 1.0000 to 1.0000" in text or "are not painted" in text


@pytest.mark.slow
def test_that_a_network_of_vggs_size_makes_a_page_of_a_few_megabytes_and_says_what_was_made_smaller() -> None:
    shapes = {"a1": (224, 224, 64), "a2": (224, 224, 64), "p1": (112, 112, 64), "b1": (112, 112, 128),
              "b2": (112, 112, 128), "p2": (56, 56, 128)}  # fmt: skip
    shapes |= {f"c{number}": (56, 56, 256) for number in range(3)}
    shapes |= {f"d{number}": (28, 28, 512) for number in range(3)}
    shapes |= {f"e{number}": (14, 14, 512) for number in range(4)} | {"f": (25088,), "g": (4096,), "h": (1000,)}
    activations = {name: RNG.random(shape, np.float32) for name, shape in shapes.items()}
    source = report_page(_matter(activations))
    assert len(source) < 8_000_000
    page = _Page(source)
    assert page.text.count("Made smaller: each point is the mean of") == 12
    assert "The first 4,096 of 25,088 values." in page.text
    assert max(picture.width for picture in page.pictures().values()) <= 960
    assert sum(picture.width * picture.height for picture in page.pictures().values()) < 12_000_000


def test_that_means_are_means() -> None:
    maps = np.zeros((600, 600, 4), np.float32)
    maps[:300, :300, 0] = 1.0
    page = _Page(report_page(_matter({"Conv": maps})))
    assert "Made smaller: each point is the mean of 3×3 nodes." in page.text
    pixels = np.asarray(page.pictures()["4 maps of Conv"].convert("RGB"))
    bright = (pixels == colormap("viridis")[255]).all(axis=2)
    assert bright.sum() == 100 * 100
    assert bright[:100, :100].all()


def test_that_of_very_many_layers_some_are_shown_and_all_are_listed() -> None:
    activations = {f"layer{number}": np.ones((2, 2, 1), np.float32) for number in range(200)}
    page = _Page(report_page(_matter(activations)))
    assert sum(tag == "h3" for tag, _ in page.elements) == MOST_LAYERS + 1  # one says the prediction
    assert f"Shown are {MOST_LAYERS} of 200 layers, evenly chosen" in page.text
    assert "layer199" in page.text
    mixed = _matter(activations)
    layers = tuple(
        replace(layer, type="Conv2D" if number % 4 == 0 else "BatchNormalization")
        for number, layer in enumerate(mixed.info.layers)
    )
    text = _Page(report_page(replace(mixed, info=replace(mixed.info, layers=layers)))).text
    assert "Shown are 50 of 200 layers" in text


def test_that_a_report_is_whole_or_not_there(tmp_path: Path) -> None:
    matter, path = _matter({"a": np.ones((2, 2, 1), np.float32), "b": np.ones(3, np.float32)}), tmp_path / "r.html"
    told: list[tuple[str, int, int]] = []

    def watch(what: str, done: int, total: int) -> None:
        told.append((what, done, total))
        if len(told) == 2:
            raise CancelledError("ended")

    with pytest.raises(CancelledError):
        save_report(path, matter, watch=watch)
    assert told == [("Writing the report", 0, 2), ("Writing the report", 1, 2)]
    assert list(tmp_path.iterdir()) == []
    save_report(path, matter)
    assert path.read_text(encoding="utf-8") == report_page(matter)
    path.write_text("mine")
    with pytest.raises(ExplorerError, match="exists already"):
        save_report(path, matter)
    assert path.read_text() == "mine"
    with pytest.raises(ExplorerError, match="does not exist"):
        save_report(tmp_path / "no" / "r.html", matter)
