"""The table of fields: forms, messages and command line live on it."""

from __future__ import annotations

import msgspec
import pytest

from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.core.network.architecture import (
    L1L2,
    LAYER_KINDS,
    Architecture,
    BatchNormalization,
    Conv2D,
    LayerNormalization,
    MaxPooling2D,
)
from cnn_explorer.core.run.config import TrainingConfig

SPECS = [*(kind.spec for kind in LAYER_KINDS), L1L2, TrainingConfig]
FIELDS = [pytest.param(spec, field, id=f"{spec.__name__}.{field.name}") for spec in SPECS for field in fields_of(spec)]


def field(spec: type[msgspec.Struct], name: str) -> Field:
    return next(each for each in fields_of(spec) if each.name == name)


@pytest.mark.parametrize(("spec", "field"), FIELDS)
def test_that_every_field_is_told_in_words(spec: type[msgspec.Struct], field: Field) -> None:
    assert field.title
    assert field.title[0].isupper() or field.title[0].isdigit()
    assert field.description.endswith(".")
    assert field.expected()


@pytest.mark.parametrize(("spec", "field"), FIELDS)
def test_that_every_default_is_allowed(spec: type[msgspec.Struct], field: Field) -> None:
    if field.required:
        assert field.name in {"name", "filters", "units", "kernel_size", "activation", "rate", "scale"}
    else:
        hint = msgspec.inspect.type_info(spec)
        assert isinstance(hint, msgspec.inspect.StructType)
        kept = msgspec.to_builtins(field.default)
        whole = {other.name: msgspec.to_builtins(value_for(other)) for other in fields_of(spec) if other.required}
        tag = {"type": spec.__name__} if spec.__struct_config__.tag else {}
        assert getattr(msgspec.convert({**tag, **whole, field.name: kept}, spec), field.name) == field.default


def value_for(field: Field) -> object:
    """Some allowed value of a field without default."""
    by_kind: dict[str, object] = {"text": "a", "integer": 1, "integers": [1] * field.length, "number": 0.5}
    return by_kind[field.kind] if field.kind in by_kind else field.choices[0]


@pytest.mark.parametrize(("spec", "field"), FIELDS)
def test_that_relevance_asks_fields_that_exist_for_values_that_they_have(
    spec: type[msgspec.Struct], field: Field
) -> None:
    others = {other.name: other for other in fields_of(spec)}
    for name, values in field.relevant_when:
        assert set(values) <= set(others[name].choices)


def test_that_fields_come_in_the_order_of_the_spec() -> None:
    assert [each.name for each in fields_of(Conv2D)][:5] == ["name", "filters", "kernel_size", "strides", "padding"]


def test_that_limits_are_read_from_the_annotations() -> None:
    assert (field(Conv2D, "filters").minimum, field(Conv2D, "filters").maximum) == (1, 4096)
    rate = field(BatchNormalization, "momentum")
    assert (rate.minimum, rate.maximum, rate.below) == (0.0, 1.0, 1.0)
    epsilon = field(BatchNormalization, "epsilon")
    assert (epsilon.minimum, epsilon.above, epsilon.maximum, epsilon.below) == (None, 0.0, 1.0, None)


def test_that_words_for_zero_are_read_and_stand_only_where_zero_is_the_least_value() -> None:
    found = {each.name: each.zero for each in fields_of(TrainingConfig) if each.zero}
    assert found == dict.fromkeys(("gpu_memory", "intra_op_threads", "inter_op_threads"), "automatic")
    assert {field(TrainingConfig, name).minimum for name in found} == {0}


def test_that_kinds_are_read_from_the_annotations() -> None:
    assert [each.kind for each in fields_of(Architecture)] == ["choice", "text", "integers", "list"]
    strides = field(MaxPooling2D, "strides")
    assert (strides.kind, strides.length, strides.optional, strides.default) == ("integers", 2, True, None)
    penalty = field(Conv2D, "kernel_regularizer")
    assert (penalty.kind, penalty.spec, penalty.default) == ("spec", L1L2, L1L2())
    assert field(Conv2D, "padding").choices == ("valid", "same")


def test_that_a_field_may_say_how_it_is_told_in_short() -> None:
    axis = field(LayerNormalization, "axis")
    assert (axis.kind, axis.choices, axis.short) == ("choice", (-1, 1, 2, 3), "axis {}")


def test_that_a_field_without_effect_says_so() -> None:
    momentum = field(TrainingConfig, "momentum")
    assert momentum.is_relevant(TrainingConfig(optimizer="sgd"))
    assert not momentum.is_relevant(TrainingConfig(optimizer="adam"))
    assert field(TrainingConfig, "epochs").is_relevant(TrainingConfig())
