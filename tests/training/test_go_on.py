"""Going on from an earlier model: what is taken over, what starts anew, what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from evocative.errors import ModelError, RecipeError
from evocative.models.create import create_model
from evocative.models.ensemble_folder import write_ensemble
from evocative.models.store import load_model, save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe import ModelConfig, Recipe
from evocative.recipe.settings import GramConfig, Motiejauskas2024Config, Zhang2022Config
from evocative.taxonomy.labels import TAXONOMIES
from evocative.training.go_on import go_on_from, load_average
from evocative.training.run import run

Make = Callable[..., Recipe]
MIKELS, EKMAN = TAXONOMIES["mikels8"], TAXONOMIES["ekman6"]


def test_an_ensemble_is_not_gone_on_from(tmp_path: Path) -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None)
    folders = [
        save_model(
            create_model(config, MIKELS), tmp_path / name, preprocessing=Preprocessing(size=32),
            provenance={}, measured={}, licence="none",
        )
        for name in ("one", "two")
    ]  # fmt: skip
    write_ensemble(folders, tmp_path / "both")
    with pytest.raises(ModelError, match=r"model.weights: expected one model, .* of 2.*: one, two"):
        load_average([tmp_path / "both"])


def test_heads_for_other_labels_start_anew() -> None:
    small = ModelConfig(backbone="test_efficientnet", weights=None)
    torch.manual_seed(0)
    earlier = create_model(small, MIKELS)
    model = create_model(
        ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence",)), EKMAN
    )
    anew = go_on_from(model, earlier)
    assert {name.split(".")[0] for name in anew} == {"emotion_head", "dimension_head"}
    assert torch.equal(model.backbone.network.conv_stem.weight, earlier.backbone.network.conv_stem.weight)


def test_another_backbone_is_refused() -> None:
    earlier = create_model(ModelConfig(backbone="test_efficientnet", weights=None), MIKELS)
    model = create_model(ModelConfig(backbone="test_resnet", weights=None), MIKELS)
    with pytest.raises(
        RecipeError, match=r"has the backbone name test_efficientnet.* recipe name test_resnet"
    ):
        go_on_from(model, earlier)


def test_arguments_without_weights_are_noticed() -> None:
    earlier = create_model(ModelConfig(backbone="test_efficientnet", weights=None), MIKELS)
    other = ModelConfig(backbone="test_efficientnet", weights=None, backbone_args={"pad_type": "same"})
    with pytest.raises(RecipeError, match="pad_type"):
        go_on_from(create_model(other, MIKELS), earlier)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"dimensions": ("valence", "arousal")}, {"dimensions": ("valence", "dominance")}),
        (
            {"dimensions": ("valence",), "dimension_maps": (1, 2)},
            {"dimensions": ("valence",), "dimension_maps": (2, 1)},
        ),
    ],
)
def test_a_head_of_other_dimensions_or_maps_is_not_taken_over(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    small = ModelConfig(backbone="test_efficientnet", weights=None)
    anew = go_on_from(
        create_model(replace(small, **later), MIKELS), create_model(replace(small, **earlier), MIKELS)
    )
    assert anew == ["dimension_head.linear.weight", "dimension_head.linear.bias"]
    twin = create_model(replace(small, **earlier), MIKELS)
    assert go_on_from(twin, create_model(replace(small, **earlier), MIKELS)) == []


def test_another_papers_neck_starts_anew() -> None:
    small = ModelConfig(backbone="test_efficientnet", weights=None)
    same = Motiejauskas2024Config(map=1, modules=1)
    shallow = Zhang2022Config(maps=(1,), widths=(4,), style_width=8)
    earlier = create_model(replace(small, neck="motiejauskas2024", motiejauskas2024=same), MIKELS)
    model = create_model(replace(small, neck="zhang2022", zhang2022=shallow), MIKELS)
    assert "gram_modules.0.conv.weight" in go_on_from(model, earlier)  # of the same shape in both


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"dimensions": ("valence", "arousal")}, {"dimensions": ("valence", "dominance")}),
        ({"gram": GramConfig(maps=(1,))}, {"gram": GramConfig(maps=(1,), fusion="multiply")}),
    ],
)
def test_weights_of_one_shape_and_two_meanings_are_not_averaged(
    one: dict[str, Any], other: dict[str, Any], tmp_path: Path
) -> None:
    small = ModelConfig(backbone="test_efficientnet", weights=None)
    folders = [
        save_model(
            create_model(replace(small, **changes), MIKELS), tmp_path / name, preprocessing=Preprocessing(),
            provenance={}, measured={}, licence="none",
        )
        for name, changes in (("a", one), ("b", other))
    ]  # fmt: skip
    with pytest.raises(RecipeError, match=r"a and .*b cannot be averaged"):
        load_average(folders)


def test_an_earlier_model_may_be_folded() -> None:
    small = ModelConfig(backbone="test_efficientnet", weights=None)
    earlier = create_model(small, MIKELS)
    earlier.fold(partly=True)
    model = create_model(small, MIKELS)
    assert go_on_from(model, earlier) == []
    assert model.config.folded


def test_a_second_stage_adds_a_head_and_leaves_the_rest(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    """Emotions first; then, on rows without labels, valence and arousal on stored features."""
    plain: dict[str, Any] = {"gram": {"maps": []}, "backbone": "test_efficientnet", "weights": None}
    first = run(
        tiny_recipe(model={**plain, "dimensions": []}, losses=[{"name": "cross_entropy"}]),
        data_root=tiny_data, output=tmp_path / "first",
    )  # fmt: skip
    table = (tiny_data / "tiny.csv").read_text(encoding="utf-8").splitlines()
    header = next(number for number, line in enumerate(table) if line.startswith("path"))
    label = table[header].split(",").index("label")
    rows = [line.split(",") for line in table[header:]]
    rated = [row for row in rows if row[0] != "4.png"]  # which has a label only
    kept = [",".join(cell for place, cell in enumerate(row) if place != label) for row in rated]
    (tiny_data / "unlabelled.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    recipe = tiny_recipe(
        data={"sources": [{"path": "unlabelled.csv"}]}, model={**plain, "weights": "first/model"},
        losses=[{"name": "dimensions"}], features={"stored": True},
        training={"epochs": 0, "head_start": True, "select": "last"},
    )  # fmt: skip
    second = run(recipe, data_root=tiny_data, weights_root=tmp_path, output=tmp_path / "second")
    one, other = (load_model(each.model).single("test") for each in (first, second))
    assert other.taxonomy == MIKELS
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name])
    assert other.dimension_head is not None
    assert other.dimension_head.linear.weight.abs().sum() > 0


def save(folder: Path, seed: int, **changes: Any) -> Path:
    torch.manual_seed(seed)
    preprocessing = changes.pop("preprocessing", Preprocessing(size=32))
    settings = {"backbone": "test_efficientnet", "weights": None, **changes}
    model = create_model(ModelConfig(**settings), MIKELS)
    return save_model(model, folder, preprocessing=preprocessing, provenance={}, measured={}, licence="none")


def test_the_average_is_the_mean_of_every_weight(tmp_path: Path) -> None:
    folders = [save(tmp_path / str(seed), seed) for seed in range(3)]
    states = [load_model(folder).model.state_dict() for folder in folders]
    mean = load_average(folders).model.state_dict()
    for name, tensor in mean.items():
        expected = torch.stack([state[name].double() for state in states]).mean(0)
        torch.testing.assert_close(tensor.double(), expected, rtol=1e-5, atol=1e-6)
    alone = load_average(folders[:1]).model.state_dict()
    assert all(torch.equal(tensor, states[0][name]) for name, tensor in alone.items())


@pytest.mark.parametrize(
    "changes",
    [
        {"backbone": "test_resnet"},
        {"gram": GramConfig(maps=(1,))},
        {"dimensions": ("valence",)},
        {"folded": True},
        {"preprocessing": Preprocessing(size=48)},
    ],
)
def test_only_models_of_one_architecture_are_averaged(tmp_path: Path, changes: dict[str, Any]) -> None:
    folders = [save(tmp_path / "one", 0), save(tmp_path / "other", 1, **changes)]
    with pytest.raises(RecipeError, match=r"one and .*other cannot be averaged"):
        load_average(folders)


def test_a_run_may_start_from_an_average(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    """No training at all: the model is the mean of two runs, and its folder does not say where they were."""
    plain: dict[str, Any] = {
        "gram": {"maps": []}, "backbone": "test_efficientnet", "weights": None, "dimensions": [],
    }  # fmt: skip
    settings: dict[str, Any] = {"losses": [{"name": "cross_entropy"}], "training": {"epochs": 1}}
    for seed in (0, 1):
        run(tiny_recipe(model=plain, seed=seed, **settings), data_root=tiny_data, output=tmp_path / str(seed))
    recipe = tiny_recipe(
        model={**plain, "weights": ["0/model", "1/model"]}, losses=[{"name": "cross_entropy"}],
        training={"epochs": 0, "select": "last"},
    )  # fmt: skip
    mean = run(recipe, data_root=tiny_data, weights_root=tmp_path, output=tmp_path / "mean")
    states = [load_model(tmp_path / name / "model").model.state_dict() for name in ("0", "1")]
    found = load_model(mean.model)
    for name, tensor in found.model.state_dict().items():
        torch.testing.assert_close(tensor.double(), (states[0][name].double() + states[1][name]) / 2)
    assert str(tmp_path) not in (mean.model / "config.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "an empty list"),
        (["absent/model"], r"there is no .*absent"),
        (["tiny.csv"], "only models' folders"),
    ],
)
def test_weights_that_cannot_be_averaged_are_told_before_any_work(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path, weights: list[str], message: str
) -> None:
    model = {"gram": {"maps": []}, "backbone": "test_efficientnet", "weights": weights, "dimensions": []}
    recipe = tiny_recipe(model=model, losses=[{"name": "cross_entropy"}])
    with pytest.raises(RecipeError, match=message):
        run(recipe, data_root=tiny_data, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()
