"""Ensembles: what members say one by one, joined by hand; sharing changes nothing, to the bit."""

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from evocative.errors import ModelError
from evocative.inference.predictor import Predictor
from evocative.models.card import model_card
from evocative.models.create import EmotionModel, Output, create_model
from evocative.models.ensemble import EmotionEnsemble, make_ensemble
from evocative.models.ensemble_folder import write_ensemble
from evocative.models.packing import Precision
from evocative.models.shared_stages import steps
from evocative.models.store import load_model, save_model
from evocative.models.whitened import pooled_moments, whitenings
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import GramConfig, ModelConfig, WhitenedGramConfig
from evocative.taxonomy.labels import Taxonomy, taxonomy

MIKELS = taxonomy("mikels8")
SMALL = Preprocessing(size=32)
CONFIG = ModelConfig(backbone="test_efficientnet", weights=None)
STEM = ["conv_stem", "bn1"]
IMAGES = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def make(seed: int = 0, labels: Taxonomy = MIKELS, **changes: Any) -> EmotionModel:
    """Make a model whose batch norms have met images."""
    torch.manual_seed(seed)
    model = create_model(replace(CONFIG, **changes), labels)
    with torch.no_grad():
        model(torch.randn(4, 3, 64, 64))
    return model.eval()


def tuned(model: EmotionModel, after: str, **changes: Any) -> EmotionModel:
    """Copy a model into another form, and change what its network computes after a module."""
    torch.manual_seed(9)
    other = create_model(replace(model.config, **changes), model.taxonomy).eval()
    other.backbone.load_state_dict(model.backbone.state_dict())
    ahead = True
    with torch.no_grad():
        for name, parameter in other.backbone.network.named_parameters():
            ahead = ahead and not name.startswith(after)
            if not ahead:
                parameter.mul_(1.1)
    return other


def equal(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None:
        return one is other
    return torch.equal(one.nan_to_num(7), other.nan_to_num(7))


def by_hand(outputs: list[Output], shares: list[float]) -> Tensor:
    """Normalise the members' probabilities multiplied, each to the power of its share."""
    product = torch.ones(())
    for output, share in zip(outputs, shares, strict=True):
        assert output.logits is not None
        product = product * output.logits.softmax(1) ** share
    return product / product.sum(1, keepdim=True)


@torch.no_grad()
def test_the_answer_is_the_members_joined_by_hand() -> None:
    first, second = make(), tuned(make(), "blocks.2", dimensions=("valence", "arousal"))
    third = make(3, backbone="test_resnet", dimensions=("valence",))
    models, shares = [first, second, third], [0.5, 0.3, 0.2]
    ensemble = make_ensemble(models, shares=shares)
    said, alone = ensemble(IMAGES), [model(IMAGES) for model in models]
    assert said.logits is not None
    assert said.vad is not None
    torch.testing.assert_close(said.logits.softmax(1), by_hand(alone, shares))
    assert equal(said.embedding, alone[0].embedding)
    assert alone[1].vad is not None
    assert alone[2].vad is not None
    torch.testing.assert_close(said.vad[:, 0], 0.6 * alone[1].vad[:, 0] + 0.4 * alone[2].vad[:, 0])
    torch.testing.assert_close(said.vad[:, 1], alone[1].vad[:, 1])
    assert said.vad[:, 2].isnan().all()
    assert ensemble.config.dimensions == ("valence", "arousal")


@torch.no_grad()
def test_the_spread_is_that_of_the_mixture() -> None:
    """Against draws from the members' normal densities."""
    first = make(1, dimensions=("valence", "arousal"), dimension_sd=True)
    second = make(2, dimensions=("valence",), dimension_sd=True)
    for model, sd in ((first, [0.2, 0.3]), (second, [0.4])):
        assert model.dimension_head is not None
        model.dimension_head.say_sd(sd)
    ensemble = make_ensemble([first, second], shares=[0.5, 0.5], dimension_shares=[0.75, 0.25])
    assert ensemble.config.dimension_sd
    said, alone = ensemble(IMAGES), [first(IMAGES), second(IMAGES)]
    assert said.vad_sd is not None
    assert alone[0].vad is not None
    assert alone[1].vad is not None
    random = torch.Generator().manual_seed(0)
    drawn = torch.cat(
        [
            alone[0].vad[:, 0] + 0.2 * torch.randn(75_000, 3, generator=random),
            alone[1].vad[:, 0] + 0.4 * torch.randn(25_000, 3, generator=random),
        ]
    )
    torch.testing.assert_close(said.vad_sd[:, 0], drawn.std(0), rtol=0.02, atol=0)
    torch.testing.assert_close(said.vad_sd[:, 1], torch.full((3,), 0.3))
    assert said.vad_sd[:, 2].isnan().all()
    silent = make_ensemble([first, make(3, dimensions=("valence",))])
    assert silent(IMAGES).vad_sd is None


@torch.no_grad()
def test_what_is_equal_is_shared_and_no_more() -> None:
    first = make()
    every = steps(first.backbone, IMAGES)
    assert every[:3] == [*STEM, "blocks.0.0"]
    ensemble = make_ensemble([first, tuned(first, "blocks.2"), tuned(first, "blocks.1"), make(5)])
    later = every.index("blocks.2.0")
    nothing, second, third, stranger = ensemble.config.shared
    assert nothing == stranger == {}
    assert second == dict.fromkeys(every[:later], 0)
    assert third == dict.fromkeys(every[: every.index("blocks.1.0")], 0)
    keys = set(ensemble.state_dict())
    assert "members.0.backbone.network.conv_stem.weight" in keys
    assert not any(key.startswith("members.1.backbone.network.conv_stem") for key in keys)


@pytest.mark.parametrize("name", ["weight", "running_mean"])
def test_one_changed_number_ends_the_sharing(name: str) -> None:
    first, second = make(), make()
    norm = second.backbone.network.get_submodule("blocks.1.0.bn1")
    tensor = norm.get_parameter(name) if name == "weight" else norm.get_buffer(name)
    tensor.data[0] = torch.nextafter(tensor.data[0], torch.tensor(9.0))
    assert list(make_ensemble([first, second]).config.shared[1])[-1].startswith("blocks.0.")


def test_the_sign_of_zero_does_not_count() -> None:
    first, second = make(), make()
    for model, zero in ((first, 0.0), (second, -0.0)):
        model.backbone.network.get_submodule("conv_stem").get_parameter("weight").data[0, 0, 0] = zero
    assert "conv_stem" in make_ensemble([first, second]).config.shared[1]


@torch.no_grad()
def test_a_third_shares_with_the_second_what_the_first_has_not() -> None:
    first = make()
    second = tuned(first, "blocks.1")
    third = tuned(second, "blocks.3")
    shared = make_ensemble([first, second, third]).config.shared[2]
    assert shared["conv_stem"] == 0
    assert shared["blocks.2.0"] == 1


def unshared(models: list[EmotionModel], **settings: Any) -> EmotionEnsemble:
    return make_ensemble(models, **settings).apart()


FORMS: list[dict[str, Any]] = [
    {},
    {"pool": "last_map"},
    {"gram": GramConfig(maps=(0, 1, 2), compress=4)},
    {"dimensions": ("arousal",), "dimension_maps": (0, 1)},
    {"gram": GramConfig(maps=("blocks.1.0.conv_pwl", "blocks.0", "bn1", "conv_stem"), compress=4)},
    {"backbone": "test_resnet", "gram": GramConfig(maps=(0, 1), compress=4)},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("folded", [False, True])
@torch.no_grad()
def test_sharing_changes_no_bit(form: dict[str, Any], folded: bool) -> None:
    cut = "layer2" if "backbone" in form else "blocks.2"
    plain = {key: form[key] for key in ("backbone", "pool") if key in form}
    first = make(**plain)
    second = tuned(first, cut, **form)
    shared, apart = make_ensemble([first, second]), unshared([first, second])
    assert len(shared.config.shared[1]) >= 3
    if folded:
        shared.fold(partly=True)
        apart.fold(partly=True)
        assert len(shared.config.shared[1]) >= 3
    one, other = shared.read(IMAGES), apart.read(IMAGES)
    for mine, theirs in zip(one.members, other.members, strict=True):
        assert equal(mine.embedding, theirs.embedding)
        assert equal(mine.moments, theirs.moments)
    alone = second(IMAGES)
    torch.testing.assert_close(one.members[1].embedding, alone.embedding, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(one.members[1].moments, alone.moments, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_half_precision_shares_alike() -> None:
    models = [make(), tuned(make(), "blocks.2")]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        one, other = make_ensemble(models)(IMAGES), unshared(models)(IMAGES)
    assert equal(one.logits, other.logits)


def test_stochastic_depth_and_frozen_stages_keep_nothing_apart() -> None:
    first = make(drop_path=0.2, dropout=0.3, frozen_stages=3)
    second = tuned(first, "blocks.3", drop_path=0.0, frozen_stages=2)
    ensemble = make_ensemble([first, second, tuned(first, "blocks.2", frozen_stages=0)])
    for shared in ensemble.config.shared[1:]:
        assert list(shared)[-1].startswith(("blocks.1.", "blocks.2."))
    ensemble.train()
    assert not any(module.training for module in ensemble.modules())


@torch.no_grad()
def test_members_stay_as_they_are_and_copies_run() -> None:
    models = [make(), tuned(make(), "blocks.2")]
    before = [copy.deepcopy(model.state_dict()) for model in models]
    ensemble = make_ensemble(models)
    twin = copy.deepcopy(ensemble)
    twin.fold(partly=True)
    assert equal(ensemble(IMAGES).logits, unshared(models)(IMAGES).logits)
    torch.testing.assert_close(twin(IMAGES).logits, ensemble(IMAGES).logits, rtol=1e-4, atol=1e-4)
    for model, state in zip(models, before, strict=True):
        assert all(torch.equal(tensor, state[key]) for key, tensor in model.state_dict().items())
    with pytest.raises(ModelError, match="cannot run alone"):
        ensemble.members[1](IMAGES)


@torch.no_grad()
def test_labels_are_matched_by_name() -> None:
    turned = Taxonomy.custom("turned", {each.name: each.sentiment for each in reversed(MIKELS.labels)})
    first, second = make(), make(4, turned, class_centers=True)
    said, alone = make_ensemble([first, second])(IMAGES), [first(IMAGES), second(IMAGES)]
    assert said.logits is not None
    assert alone[1].logits is not None
    flipped = alone[1]._replace(logits=alone[1].logits.flip(1))
    torch.testing.assert_close(said.logits.softmax(1), by_hand([alone[0], flipped], [0.5, 0.5]))
    with pytest.raises(ModelError, match=r"member 2 has other labels.*happiness"):
        make_ensemble([first, make(0, taxonomy("ekman6"))])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"shares": [0.5]}, "expected one a model, 2, found 1"),
        ({"shares": [0.5, 0.6]}, "sum to 1, found 0.5, 0.6"),
        ({"shares": [1.5, -0.5]}, "at least 0"),
        ({"shares": [float("nan"), 1.0]}, "sum to 1"),
        ({"dimension_shares": [1.0, 0.0]}, "the members that predict valence have none"),
    ],
)
def test_shares_that_do_not_fit_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        make_ensemble([make(), make(1, dimensions=("valence",))], **settings)


def test_too_few_members_are_refused() -> None:
    with pytest.raises(ModelError, match="at least two members, not 1"):
        make_ensemble([make()])


def save(model: EmotionModel, folder: Path, **changes: Any) -> Path:
    settings: dict[str, Any] = {
        "preprocessing": SMALL, "provenance": {"tables": [folder.name]}, "measured": {"accuracy": 0.6},
        "licence": "cc0-1.0",
    }  # fmt: skip
    return save_model(model, folder, **(settings | changes))


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Two models' folders that share their first stages, one of them with maps in the shared part."""
    first = make()
    form: dict[str, Any] = {"dimensions": ("arousal",), "dimension_maps": (0, 1)}
    return [save(first, tmp_path / "one"), save(tuned(first, "blocks.2", **form), tmp_path / "two")]


@pytest.mark.parametrize("fold", [False, True])
@torch.no_grad()
def test_the_folder_comes_back_to_the_bit(folders: list[Path], tmp_path: Path, fold: bool) -> None:
    ensemble = write_ensemble(folders, tmp_path / "both", shares=[0.75, 0.25])
    if fold:
        ensemble.fold()
        save_model(
            ensemble, tmp_path / "both", preprocessing=SMALL, provenance={}, measured={}, licence="none"
        )
    loaded = load_model(tmp_path / "both")
    assert isinstance(loaded.model, EmotionEnsemble)
    assert loaded.model.config == ensemble.config
    assert loaded.model.config.folded == fold
    for mine, theirs in zip(loaded.model(IMAGES), ensemble(IMAGES), strict=True):
        assert equal(mine, theirs)
    state = ensemble.state_dict()
    assert list(loaded.model.state_dict()) == list(state)
    assert (loaded.taxonomy, loaded.preprocessing) == (MIKELS, SMALL)
    assert loaded.config["format_version"] == 2


@torch.no_grad()
def test_maps_by_name_come_back_folded(tmp_path: Path) -> None:
    first, second = make(), tuned(make(), "blocks.2", **FORMS[4])
    ensemble = make_ensemble([first, second])
    ensemble.fold(partly=True)
    save_model(ensemble, tmp_path / "both", preprocessing=SMALL, provenance={}, measured={}, licence="none")
    back = load_model(tmp_path / "both").model
    assert equal(back(IMAGES).logits, ensemble(IMAGES).logits)


def test_the_folder_says_what_it_is_made_of(folders: list[Path], tmp_path: Path) -> None:
    edit(folders[0], lambda config: config["model"].update(weights=["a", "b"]))
    write_ensemble(folders, tmp_path / "both", shares=[0.75, 0.25])
    loaded = load_model(tmp_path / "both")
    config = loaded.config
    assert isinstance(loaded.model, EmotionEnsemble)
    assert [each.weights for each in loaded.model.config.members] == [("a", "b"), None]
    assert config["measured"] == {}
    assert config["licence"] == "cc0-1.0"
    made = config["provenance"]["ensemble"]
    assert [(each["name"], each["tables"]) for each in made] == [("one", ["one"]), ("two", ["two"])]
    card = model_card(config, title="both")
    assert "| member 1, share 0.75 | backbone test_efficientnet;" in card
    assert "shares its first" in card
    assert '"valence-arousal"' in card


@pytest.mark.parametrize("precision", ["float16", "int8"])
@torch.no_grad()
def test_small_files_share_what_rounding_made_equal(
    folders: list[Path], tmp_path: Path, precision: Precision
) -> None:
    small = save(make(), tmp_path / "small", precision=precision)
    assert make_ensemble([load_model(each).single("") for each in (small, folders[1])]).config.shared[1] == {}
    made = write_ensemble([small, folders[1]], tmp_path / "both", precision=precision)
    assert "blocks.1.0" in made.config.shared[1]
    back = load_model(tmp_path / "both").model
    assert equal(back(IMAGES).logits, made(IMAGES).logits)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("both", "one", "two")]
    assert sizes[0] < 0.55 * sum(sizes[1:])


@torch.no_grad()
def test_a_predictor_takes_it(folders: list[Path], tmp_path: Path) -> None:
    write_ensemble(folders, tmp_path / "both", shares=[0.75, 0.25])
    loaded = load_model(tmp_path / "both")
    predictor = Predictor(loaded.model, loaded.preprocessing, precision="fp32", device="cpu")
    picture = torch.rand(32, 32, 3, generator=torch.Generator().manual_seed(2)).numpy()
    answer = predictor.predict(picture)
    singles = [load_model(folder) for folder in folders]
    alone = [Predictor(one.model, SMALL, precision="fp32", device="cpu").predict(picture) for one in singles]
    assert answer.probabilities is not None
    products = {
        name: (alone[0].probabilities or {})[name] ** 0.75 * (alone[1].probabilities or {})[name] ** 0.25
        for name in MIKELS.names
    }
    for name, product in products.items():
        assert answer.probabilities[name] == pytest.approx(product / sum(products.values()), rel=1e-3)
    assert answer.arousal == pytest.approx(alone[1].arousal, abs=1e-4)
    assert answer.valence is None


@torch.no_grad()
def test_whitened_gram_matrices_of_shared_maps(tmp_path: Path) -> None:
    first = make()
    second = tuned(
        first, "blocks.2", neck="whitened_gram", dimensions=("arousal",), dimension_maps=("blocks.0",),
        whitened_gram=WhitenedGramConfig(maps=(1, "blocks.1.0.conv_pwl", "blocks.2.0.conv_pwl"), channels=3),
        dimension_statistics="whitened_gram",
    )  # fmt: skip
    with pytest.raises(ModelError, match="fit"):
        make_ensemble([first, second])
    _, maps = second.backbone(torch.randn(8, 3, 32, 32))
    seen = dict(zip(second.backbone.map_indices, maps, strict=True))
    for name, module in whitenings(second).items():
        of = ("blocks.0",) if name == "dimension_gram" else second.config.whitened_gram.maps
        module.fit([pooled_moments(seen[index]) for index in of])
    ensemble = make_ensemble([first, second])
    assert equal(ensemble(IMAGES).vad, second(IMAGES).vad)
    save_model(ensemble, tmp_path / "both", preprocessing=SMALL, provenance={}, measured={}, licence="none")
    back = load_model(tmp_path / "both").model
    assert equal(back(IMAGES).logits, ensemble(IMAGES).logits)
    ensemble.fold(partly=True)
    torch.testing.assert_close(ensemble(IMAGES).vad, back(IMAGES).vad, rtol=1e-3, atol=1e-3, equal_nan=True)


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    change(config)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda model: model["shares"].pop(), "2 members with 1 shares"),
        (lambda model: model["shared"][1].update(conv_stem=1), "share steps with later ones"),
        (lambda model: model["shared"][1].update(stem=0), "no module 'stem'"),
        (lambda model: model.update(weights=3), "model: unknown key 'weights'"),
        (lambda model: model["shared"][1].clear(), "does not fit the network"),
    ],
)
def test_edited_folders_are_answered(
    folders: list[Path], tmp_path: Path, change: Callable[[Any], Any], words: str
) -> None:
    write_ensemble(folders, tmp_path / "both")
    with pytest.raises(ModelError, match=words):
        load_model(edit(tmp_path / "both", lambda config: change(config["model"])))


def test_unlike_folders_and_ensembles_are_refused(folders: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folders[1], other)
    edit(other, lambda config: config["preprocessing"].update(size=64))
    edit(other, lambda config: config.pop("digests"))  # as one who means it
    with pytest.raises(ModelError, match=r"differently \(size 32 and 64\)"):
        write_ensemble([folders[0], other], tmp_path / "both")
    write_ensemble(folders, tmp_path / "both")
    with pytest.raises(ModelError, match=r"member 2: expected one model, found an ensemble of 2.*one, two"):
        write_ensemble([folders[0], tmp_path / "both"], tmp_path / "more")
