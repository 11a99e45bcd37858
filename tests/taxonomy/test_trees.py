from evocative.taxonomy.trees import PARROTT, PLUTCHIK, WEBEMO


def test_parrotts_tree_has_its_published_shape() -> None:
    groups = {primary: len(secondary) for primary, secondary in PARROTT.items()}
    assert groups == {"love": 3, "joy": 7, "surprise": 1, "anger": 6, "sadness": 6, "fear": 2}
    words = [word for secondary in PARROTT.values() for group in secondary.values() for word in group]
    assert len(words) == len(set(words)) == 135
    assert PARROTT["joy"]["relief"] == ("relief",)
    assert PARROTT["love"]["affection"][-1] == "sentimentality"  # a continued line is read whole
    assert PARROTT["fear"]["nervousness"][-1] == "dread"


def test_plutchiks_middle_intensity_is_the_primary() -> None:
    assert all(words[1] == primary for primary, words in PLUTCHIK.items())


def test_webemos_classes_by_the_owners_file() -> None:
    sizes = {primary: len(fine) for primary, fine in WEBEMO.items()}
    assert sizes == {"anger": 5, "confusion": 1, "fear": 2, "joy": 7, "love": 3, "sadness": 6, "surprise": 1}
