"""What is wrong with a recipe whose every setting is sound by itself: what excludes or needs each other."""

from evocative.recipe.settings import DataConfig, GramConfig, LossConfig, ModelConfig, Recipe


def contradictions(recipe: Recipe) -> list[str]:
    """Say what no single setting of a sound recipe shows: an empty list where nothing is wrong."""
    training, data, model = recipe.training, recipe.data, recipe.model
    names = [loss.name for loss in recipe.losses]
    checks = [
        (
            training.batch_size % training.accumulation != 0,
            f"training.batch_size {training.batch_size} is no multiple of training.accumulation "
            f"{training.accumulation}",
        ),
        (
            training.average_with_start > 0 and training.batch_norm == "train",
            'training.average_with_start needs training.batch_norm = "statistics", "frozen" or "folded"',
        ),
        (
            training.head_emotions_band and not (training.head_start and model.emotions and model.dimensions),
            "training.head_emotions_band needs training.head_start, model.emotions and model.dimensions",
        ),
        (
            training.head_emotions_band and model.neck == "wildcat",
            "training.head_emotions_band reads an emotion head, and wildcat has none",
        ),
        (
            training.head_group_effect and not (training.head_start and model.dimensions),
            "training.head_group_effect needs training.head_start and model.dimensions",
        ),
        (
            training.average_with_start > 0 and not training.head_start,
            "training.average_with_start needs training.head_start: else the start's heads are random",
        ),
        (not recipe.losses, "losses: at least one term is needed, as cross_entropy"),
        (len(set(names)) != len(names), f"losses: a name stands twice in {names}"),
        ("dimensions" in names and not model.dimensions, "losses: dimensions, but model.dimensions is empty"),
        (
            not model.emotions and any(name != "dimensions" for name in names),
            "losses: a term on labels, but model.emotions is false",
        ),
        (recipe.schedule.min_lr > recipe.optimizer.lr, "schedule.min_lr is above optimizer.lr"),
        (
            data.fold is not None and not any(source.folds for source in data.sources),
            "data.fold is given, but no source names its folds",
        ),
        (
            recipe.optimizer.nesterov and recipe.optimizer.momentum <= 0,
            "optimizer.nesterov needs momentum above 0",
        ),
        *_shares(data.split),
        *_sources(data),
        *_limits(data.limit),
        *_losses(recipe),
        *_heads(recipe),
        *_augmentation(recipe),
        *_stored(recipe),
        *_map_networks(recipe),
    ]
    return [message for wrong, message in checks if wrong] + model_contradictions(model)


def model_contradictions(model: ModelConfig) -> list[str]:
    """Say the same of a network's settings, as a recipe or a model's folder has them."""
    checks = [
        (not model.emotions and not model.dimensions, "model: neither emotions nor dimensions to learn"),
        (model.class_centers and not model.emotions, "model.class_centers: model.emotions is false"),
        (
            len(set(model.dimensions)) != len(model.dimensions),
            f"model.dimensions: expected each once, found {list(model.dimensions)}",
        ),
        (model.dimension_sd and not model.dimensions, "model.dimension_sd: model.dimensions is empty"),
        (
            bool(model.dimension_maps) and not model.dimensions,
            "model.dimension_maps are read by the head of model.dimensions: name these, too",
        ),
        (
            bool(model.dimension_sd_scale) and not model.dimension_sd,
            "model.dimension_sd_scale: no SD is predicted; set model.dimension_sd = true",
        ),
        (
            len(model.dimension_sd_scale) not in (0, len(model.dimensions)),
            f"model.dimension_sd_scale: expected a factor for each of {list(model.dimensions)}, found "
            f"{len(model.dimension_sd_scale)}",
        ),
        (
            model.neck in ("wscnet", "wildcat") and not model.emotions,
            f"model.neck = {model.neck!r} makes maps of labels: set model.emotions = true",
        ),
        (
            any(not 0 <= angle < 360 for angle in model.rotations)
            or len(set(model.rotations)) != len(model.rotations),
            f"model.rotations: expected degrees from 0 to 359, each once, found {list(model.rotations)}",
        ),
        *_gram(model.gram),
        *_necks(model),
    ]
    return [message for wrong, message in checks if wrong]


def _shares(split: dict[str, float]) -> list[tuple[bool, str]]:
    strangers = sorted(set(split) - {"train", "validation", "test"})
    total = sum(split.values())
    return [
        (bool(strangers), f"data.split: unknown part(s) {strangers}; known: train, validation, test"),
        (abs(total - 1) > 1e-6, f"data.split: the shares sum to {total:g}, not to 1"),
    ]


def _limits(limit: dict[str, int]) -> list[tuple[bool, str]]:
    strangers = sorted(set(limit) - {"train", "validation", "test"})
    return [(bool(strangers), f"data.limit: unknown part(s) {strangers}; known: train, validation, test")]


def _augmentation(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which pairs of numbers stand in the wrong order."""
    pairs = {name: getattr(recipe.augmentation, name) for name in ("scale", "ratio", "zoom")}
    return [
        (low > high, f"augmentation.{name}: expected the lower number first, found {[low, high]}")
        for name, (low, high) in pairs.items()
    ]


def _stored(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say what stored features cannot be trained on with."""
    stored, model = recipe.features.stored, recipe.model
    same, shallow = model.motiejauskas2024, model.zhang2022
    return [
        (
            stored and (recipe.augmentation.mixup > 0 or recipe.augmentation.cutmix > 0),
            "features.stored: mixup and cutmix mix images, and stored features have none; set them to 0",
        ),
        (
            stored and recipe.evaluation.flip,
            "features.stored: a mirror image is not stored; set evaluation.flip = false",
        ),
        (
            stored and not model.gram.divide_by_hw,
            "features.stored: stored Gram matrices are divided by the places (4.10); set "
            "model.gram.divide_by_hw = true",
        ),
        (
            model.neck == "motiejauskas2024" and stored and not same.divide_by_hw,
            "features.stored: stored Gram matrices are divided by the places; set "
            "model.motiejauskas2024.divide_by_hw = true, or train on the images",
        ),
        (
            model.neck == "zhang2022" and stored and (shallow.halve or shallow.convolution == "before"),
            "features.stored: stored Gram matrices are those of the maps themselves; set "
            'model.zhang2022.halve = false and convolution = "beside" or "none", or train on the images',
        ),
    ]


def _losses(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which settings stand at a term that does not know them."""
    checks = []
    for loss in recipe.losses:
        checks += _dimension_term(recipe, loss)
        place, other = f"losses.{loss.name}", loss.name != "cross_entropy"
        used = loss.class_weights != "none" or loss.logit_adjustment != 0 or loss.focal_gamma != 0
        checks.append(
            (other and used, f"{place}: class_weights, logit_adjustment, focal_gamma are of cross_entropy")
        )
    return checks


def _dimension_term(recipe: Recipe, loss: LossConfig) -> list[tuple[bool, str]]:
    """Say what a term on dimensions or on votes lacks, or has that is another term's."""
    place, density = f"losses.{loss.name}", loss.name == "dimensions" and loss.kind == "nll"
    mixed = recipe.augmentation.mixup > 0 or recipe.augmentation.cutmix > 0
    return [
        (
            density and not recipe.model.dimension_sd,
            f'{place}.kind = "nll" needs model.dimension_sd = true: a head that says how sure it is',
        ),
        (
            not density and (loss.noise != "none" or loss.damping != 0),
            f'{place}: noise and damping are of the term dimensions with kind = "nll"',
        ),
        (loss.vote_prior > 0 and loss.name != "distribution", f"{place}: vote_prior is of distribution"),
        (
            mixed and (loss.name == "distribution" or loss.noise != "none"),
            f"{place}: votes and raters' SD belong to single images; set augmentation.mixup and cutmix to 0",
        ),
    ]


def _sources(data: DataConfig) -> list[tuple[bool, str]]:
    """Say which shares of sources cannot be."""
    shares = [source.share for source in data.sources]
    given = [share for share in shares if share is not None]
    return [
        (
            bool(given) and len(given) < len(shares),
            f"data.sources: {len(given)} of {len(shares)} have a share; give one to each, or repeat to all",
        ),
        (
            any(source.share is not None and source.repeat != 1 for source in data.sources),
            "data.sources: share and repeat exclude each other",
        ),
    ]


def _heads(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which heads nothing would train, and whether the monitored figure can exist."""
    model, training = recipe.model, recipe.training
    learnt = {loss.name for loss in recipe.losses if loss.weight > 0}
    untrained = training.epochs > 0 and not training.head_start
    axis = training.monitor.removesuffix("_r")
    return [
        (
            untrained and model.emotions and not learnt & {"cross_entropy", "distribution"},
            "losses: nothing trains the emotion head; add cross_entropy or distribution, or set "
            "model.emotions = false",
        ),
        (
            untrained and bool(model.dimensions) and "dimensions" not in learnt,
            "losses: nothing trains model.dimensions; add the term dimensions, or leave the head out",
        ),
        (
            training.monitor in ("accuracy", "macro_f1") and not model.emotions,
            f"training.monitor = {training.monitor!r} needs model.emotions",
        ),
        (
            training.monitor.endswith("_r") and axis not in model.dimensions,
            f"training.monitor = {training.monitor!r} needs {axis} in model.dimensions",
        ),
    ]


def _gram(gram: GramConfig) -> list[tuple[bool, str]]:
    """Say which settings of the Gram modules cannot be had together."""
    return [
        (
            gram.backbone_fusion in ("append", "residual") and not gram.maps,
            f"model.gram.backbone_fusion = {gram.backbone_fusion!r} needs model.gram.maps: without modules "
            "nothing meets the backbone's vector",
        ),
        (
            gram.rank is not None and gram.triangle,
            "model.gram: rank and triangle exclude each other: bilinear forms read the whole matrix",
        ),
        (
            gram.start == "zero" and gram.fusion == "multiply",
            'model.gram.start = "zero" with fusion = "multiply" makes the other branch zero, too: use "add"',
        ),
    ]


def _necks(model: ModelConfig) -> list[tuple[bool, str]]:
    """Say which settings of the networks beside the default one contradict each other."""
    shallow = model.zhang2022
    return [
        (
            model.neck != "motiejauskas2026" and model.gram != GramConfig(max_weights=model.gram.max_weights),
            f"model.gram is of the neck motiejauskas2026, and model.neck is {model.neck!r}: set "
            f"model.{model.neck} instead",
        ),
        (not model.whitened_gram.maps, "model.whitened_gram.maps: expected at least one map"),
        (
            model.dimension_statistics == "whitened_gram" and not model.dimension_maps,
            'model.dimension_statistics = "whitened_gram" needs model.dimension_maps: name the maps',
        ),
        (not model.kim2018.widths, "model.kim2018.widths: expected at least one hidden layer"),
        (
            len(shallow.maps) != len(shallow.widths),
            f"model.zhang2022.widths: expected one for each of {len(shallow.maps)} maps, found "
            f"{len(shallow.widths)}",
        ),
    ]


def _map_networks(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say what networks with an emotion map, and turned copies, cannot be had with."""
    model, learnt = recipe.model, {loss.name for loss in recipe.losses if loss.weight > 0}
    return [
        (
            model.neck == "wildcat" and recipe.training.head_start,
            "training.head_start fits a linear layer, and wildcat has none: set training.head_start = false",
        ),
        (
            "detection" in learnt and model.neck != "wscnet",
            f'losses: detection is of model.neck = "wscnet", found {model.neck!r}; leave the term out',
        ),
        (
            "rotation" in learnt and recipe.features.stored,
            "losses: rotation turns images, and stored features have none; leave the term out, or train on "
            "the images",
        ),
    ]
