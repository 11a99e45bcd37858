"""Gaze data are read by their owners' layouts; one bad file never ends the reading."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from evocative.datasets.gaze import grey, on_image, read_gaze
from evocative.errors import DataError


def picture(path: Path, width: int = 20, height: int = 12) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), "teal").save(path)
    return path


def points(path: Path, places: list[tuple[int, int]], width: int = 20, height: int = 12) -> None:
    values = np.zeros((height, width), np.uint8)
    for row, column in places:
        values[row, column] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path, quality=100)


def viewer(x: list[float], y: list[float]) -> dict[str, object]:
    return {"fix_x": np.array(x), "fix_y": np.array(y), "fix_duration": np.full(len(x), 200.0)}


def cells(values: list[object]) -> "np.ndarray[tuple[int, ...], np.dtype[np.object_]]":
    """What Matlab's cell arrays are to scipy."""
    array = np.empty((1, len(values)), object)
    array[0] = values
    return array


def osie(root: Path) -> Path:
    picture(root / "stimuli" / "1001.jpg")
    (root / "stimuli" / "1003.jpg").write_bytes(b"no picture")
    first = {
        "img": "1001.jpg",
        "subjects": cells([viewer([1.2, 20.4], [1.2, 7.0]), viewer([], []), viewer([3.5], [2.5])]),
    }
    rest = [{"img": f"{n}.jpg", "subjects": cells([viewer([1], [1])])} for n in (1002, 1003)]
    (root / "eye").mkdir()
    savemat(root / "eye" / "fixations.mat", {"fixations": cells([first, *rest])})
    return root


def test_osie_counts_from_one_and_we_from_nought(tmp_path: Path) -> None:
    data = read_gaze(osie(tmp_path))
    assert (data.name, data.sigma) == ("osie", 24)
    (image,) = data.images  # 1002 is not there, 1003 is no picture
    assert (image.name, image.height, image.width) == ("1001", 12, 20)
    assert [each.tolist() for each in image.viewers] == [[[0, 0], [6, 19]], [], [[2, 3]]]
    assert image.fixations().tolist() == [[0, 0], [6, 19], [2, 3]]
    assert image.given_density() is None
    assert [Path(each.path).name for each in data.left_out] == ["1003.jpg"]


def test_real_fixations_are_those_of_the_file(shared_data: Path) -> None:
    data = read_gaze(shared_data / "osie")
    assert len(data.images) == 100
    assert {(image.height, image.width, len(image.viewers)) for image in data.images} == {(600, 800, 15)}
    first = data.images[0].viewers[0]  # x 395.5, 390.6, 370.8, y 265.7, 326.4, 404.2, counted from 1
    assert first[:3].tolist() == [[265, 395], [325, 390], [403, 370]]


def test_what_is_no_osie_says_so(tmp_path: Path) -> None:
    (tmp_path / "eye").mkdir()
    savemat(tmp_path / "eye" / "fixations.mat", {"fixations": np.arange(3)})
    with pytest.raises(DataError, match="img and subjects"):
        read_gaze(tmp_path)
    (tmp_path / "eye" / "fixations.mat").write_bytes(b"?")
    with pytest.raises(DataError, match="cannot be read as OSIE"):
        read_gaze(tmp_path)


def test_mit1003_pools_its_viewers(tmp_path: Path) -> None:
    for name in ("street", "empty"):
        picture(tmp_path / "ALLSTIMULI" / f"{name}.jpeg", 32, 24)
    maps = tmp_path / "ALLFIXATIONMAPS"
    points(maps / "street_fixPts.jpg", [(4, 8), (20, 3)], 32, 24)
    points(maps / "street_fixMap.jpg", [(4, 8)], 32, 24)
    data = read_gaze(tmp_path)
    (image,) = data.images
    assert (data.name, image.name, len(image.viewers)) == ("mit1003", "street", 1)
    assert image.fixations().tolist() == [[4, 8], [20, 3]]
    density = image.given_density()
    assert density is not None
    assert density.shape == (24, 32)
    assert int(density.argmax()) == 4 * 32 + 8
    assert "neither empty_fixPts.jpg" in data.left_out[0].reason


def test_a_plain_folder(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d", "e"):
        picture(tmp_path / "images" / f"{name}.png")
    (tmp_path / "fixations").mkdir()
    (tmp_path / "fixations" / "a.csv").write_text("viewer,x,y\nana,3,4\nbo,0.5,11\nana,25,-2\n")
    (tmp_path / "fixations" / "e.csv").write_text("x,z\n1,2\n")
    points(tmp_path / "fixations" / "b.png", [(2, 5)])
    points(tmp_path / "maps" / "b.png", [(2, 5), (2, 6)])
    points(tmp_path / "maps" / "c.png", [(1, 1)], width=21)
    data = read_gaze(tmp_path)
    assert data.sigma == pytest.approx(0.6)
    by_name = {image.name: image for image in data.images}
    assert [each.tolist() for each in by_name["a"].viewers] == [[[4, 3], [0, 19]], [[11, 1]]]
    assert by_name["b"].fixations().tolist() == [[2, 5]]
    assert by_name["b"].given_density() is not None
    assert not len(by_name["c"].fixations())
    with pytest.raises(DataError, match="21 × 12 pixels, its image 20 × 12"):
        by_name["c"].given_density()
    assert [Path(each.path).name for each in data.left_out] == ["d.png", "e.png"]
    (tmp_path / "sigma.txt").write_text("7.5\n")
    assert read_gaze(tmp_path).sigma == 7.5
    (tmp_path / "sigma.txt").write_text("-1")
    with pytest.raises(DataError, match="above 0"):
        read_gaze(tmp_path)


def test_what_is_no_gaze_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_gaze(tmp_path / "nothing")
    (tmp_path / "photos").mkdir()
    with pytest.raises(DataError, match="found photos"):
        read_gaze(tmp_path)


def test_positions_become_pixels() -> None:
    assert on_image([0.49, 0.5, -3, 99], [1, 1.5, 0, 1], 4, 5).tolist() == [[1, 0], [2, 1], [0, 0], [1, 4]]
    assert on_image([np.nan, 1], [1, 1], 4, 5).tolist() == [[1, 1]]
    assert on_image(2.0, 3.0, 4, 5).tolist() == [[3, 2]]


def test_fixations_of_a_viewer_without_a_name_are_not_lost(tmp_path: Path) -> None:
    for name in ("images", "fixations"):
        (tmp_path / name).mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "images" / "a.png")
    (tmp_path / "fixations" / "a.csv").write_text("x,y,viewer\n1,2,p\n3,4,\n5,6,\n7,8,p\n")
    (image,) = read_gaze(tmp_path).images
    assert [viewer.tolist() for viewer in image.viewers] == [[[2, 1], [8, 7]], [[4, 3], [6, 5]]]


@pytest.mark.parametrize(("kind", "ending"), [(np.uint16, "png"), (np.int32, "tif"), (np.float32, "tif")])
def test_a_deep_density_keeps_its_values(tmp_path: Path, kind: type, ending: str) -> None:
    """Cut at 255, nearly all of a density of 16 bits would be one plateau."""
    values: np.ndarray = np.linspace(0, 65_535, 48 * 64).reshape(48, 64).astype(kind)
    Image.fromarray(values).save(tmp_path / f"m.{ending}")
    np.testing.assert_array_equal(grey(tmp_path / f"m.{ending}", 48, 64), values.astype(np.float32))
