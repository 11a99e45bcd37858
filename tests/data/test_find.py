"""Folders of other people: every image is found once, and what is passed over is counted."""

import os
from itertools import permutations
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from evocative.data.find import PICTURES, Search, find_images
from evocative.data.image import SUPPORTED, decode
from evocative.errors import DataError


def names(root: Path, *paths: Path, recursive: bool = True) -> list[str]:
    found = find_images(paths or [root], recursive=recursive)
    return [path.relative_to(root).as_posix() for path in found]


def test_finds_images_in_order_and_links_to_folders_last(tmp_path: Path) -> None:
    for name in ("b/2.JPG", "b/1.png", "b/deep/3.webp", "a.tiff", "notes.txt", ".hidden.png", ".cache/x.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "c.gif").symlink_to("gone.gif")
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "A-link").symlink_to(tmp_path / "b" / "deep")  # before b by name, and yet b bears its picture

    assert names(tmp_path) == ["a.tiff", "b/1.png", "b/2.JPG", "b/deep/3.webp", "c.gif"]
    assert names(tmp_path, recursive=False) == ["a.tiff", "c.gif"]
    inside = ["b/1.png", "b/2.JPG", "b/deep/3.webp", "b/up/a.tiff", "b/up/c.gif"]
    given = [tmp_path / "notes.txt", tmp_path / "no", tmp_path / "b"]
    assert names(tmp_path, *given) == ["notes.txt", "no", *inside]


def test_folders_that_link_to_each_other_are_searched_once_each(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(8)]
    for folder in folders:
        folder.mkdir()
        (folder / "one.png").touch()
    for one, other in permutations(folders, 2):
        (one / f"to-{other.name}").symlink_to(other)
    assert names(tmp_path) == [f"{number}/one.png" for number in range(8)]


def test_each_name_is_one_image_and_two_names_of_a_file_are_two(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").touch()
    os.link(tmp_path / "in" / "a.jpg", tmp_path / "in" / "b.jpg")
    (tmp_path / "in" / "c.jpg").symlink_to("a.jpg")
    a, folder = tmp_path / "in" / "a.jpg", tmp_path / "in"
    every = ["in/a.jpg", "in/b.jpg", "in/c.jpg"]
    for given in ([folder, folder], [folder, a], [a, folder], [a, a, folder], [folder, tmp_path]):
        assert names(tmp_path, *given) == every
    (tmp_path / "again").symlink_to(folder)
    assert names(tmp_path) == every
    assert names(tmp_path, tmp_path / "again", folder) == ["again/a.jpg", "again/b.jpg", "again/c.jpg"]


@pytest.mark.parametrize(
    ("name", "target"),
    [("x", "x"), ("y", "n" * 300), ("z", "a.jpg/zzz"), ("w", "gone"), ("v.2019", "/no/disk")],
)
def test_one_bad_link_is_one_row_and_hides_nothing(tmp_path: Path, name: str, target: str) -> None:
    for image in ("a.jpg", "zz/b.jpg"):
        (tmp_path / image).parent.mkdir(exist_ok=True)
        (tmp_path / image).touch()
    (tmp_path / name).symlink_to(target)
    assert names(tmp_path) == sorted(["a.jpg", "zz/b.jpg", name])
    with pytest.raises(DataError, match=f"{name}: broken link to {target}"):
        decode(tmp_path / name)


def test_pictures_that_are_not_read_have_their_row(tmp_path: Path) -> None:
    pictures = ["a.heic", "b.JP2", "c.svg", "d.psd", "e.CR2", "f.jxl", "g.avif", "h.ico", "i.tga", "j.pict"]
    for name in [*pictures, "song.mp3", "film.mp4", "table.csv"]:
        (tmp_path / name).write_bytes(b"of another kind than what is read")
    assert names(tmp_path) == pictures


def test_every_ending_of_a_picture_that_libraries_know_is_known() -> None:
    Image.init()
    others = """
        .pdf .mpg .mpeg .h5 .hdf .grib .bufr .ps .palm .fit .gbr .fli .flc .bw .rgba .im .msp .vst .mic .wal
            .ftc .ftu
    """
    known = SUPPORTED | PICTURES
    assert set(Image.registered_extensions()) - known <= set(others.split())


def test_what_is_named_as_nothing_is_known_by_its_content(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "IMG_0001", "JPEG")
    Image.new("RGB", (9, 9)).save(tmp_path / "chart.bak", "PNG")
    pillow_heif.from_pillow(Image.new("RGB", (64, 64))).save(tmp_path / "IMG_0002.heic")
    (tmp_path / "IMG_0002.heic").rename(tmp_path / "IMG_0002")
    (tmp_path / "README").write_text("a text that is long enough", encoding="utf-8")
    (tmp_path / "short").write_bytes(b"\xff\xd8\xff")
    assert names(tmp_path) == ["IMG_0001", "IMG_0002", "chart.bak"]


def test_what_is_passed_over_is_counted_with_its_reason(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.TXT" if number % 2 else tmp_path / f"{number}.txt").touch()
    for name in (".a", ".b.jpg", "Thumbs.db", "ok.jpg"):
        (tmp_path / name).touch()
    search = Search()
    assert [path.name for path in search.images([tmp_path])] == ["ok.jpg"]
    assert search.told() == "12 files passed over: 9 .txt, 2 hidden, 1 system file"
    (tmp_path / "._ok.jpg").touch()
    (tmp_path / "LICENCE").touch()
    (tmp_path / "a.txt").symlink_to("gone.txt")
    os.mkfifo(tmp_path / "pipe")
    for name in ("@eaDir", "__MACOSX", ".git"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thumb.jpg").touch()
    search = Search()
    assert [path.name for path in search.images([tmp_path])] == ["ok.jpg"]
    assert search.told() == (
        "16 files passed over: 9 .txt, 2 hidden, 2 system files, 1 broken link, 1 device or pipe, "
        "1 without an ending; 3 folders passed over: 2 system folders, 1 hidden"
    )
    assert Search().told() == ""


def test_a_folder_named_as_an_image_is_searched_and_an_empty_one_is_a_row(tmp_path: Path) -> None:
    for name in ("empty.jpg", "full.png"):
        (tmp_path / name).mkdir()
    (tmp_path / "full.png" / "in.jpg").touch()
    (tmp_path / "next.jpg").touch()
    assert names(tmp_path) == ["empty.jpg", "full.png/in.jpg", "next.jpg"]
    assert names(tmp_path, recursive=False) == ["empty.jpg", "full.png", "next.jpg"]
    with pytest.raises(DataError, match="a folder, not an image"):
        decode(tmp_path / "empty.jpg")


def test_a_folder_that_cannot_be_listed_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "z.jpg").touch()
    scandir = os.scandir

    def refuse(path: Path) -> Any:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert list(find_images([tmp_path])) == [tmp_path / "closed", tmp_path / "z.jpg"]


def test_folders_are_searched_as_far_as_names_go(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):  # a path of 4,096 bytes is the longest
        os.mkdir("d" * 250, dir_fd=descriptor)
        descriptor, above = os.open("d" * 250, os.O_RDONLY, dir_fd=descriptor), descriptor
        os.close(above)
    os.close(descriptor)
    (tmp_path / "z.jpg").touch()
    found = list(find_images([tmp_path]))
    assert [path.name for path in found] == ["d" * 250, "z.jpg"]  # the folder below which no name goes
    with pytest.raises(DataError, match="File name too long"):
        decode(found[0])


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a system without /proc")
def test_what_the_system_makes_up_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "proc").symlink_to("/proc")
    (tmp_path / "a.jpg").touch()
    assert names(tmp_path) == ["a.jpg"]
    search = Search()
    assert list(search.images(["/proc"])) == []
    assert search.folders["system folder"] > 0


@pytest.mark.skipif(not Path("/proc").is_mount(), reason="this system makes no such files up")
def test_a_link_to_what_the_system_makes_up_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "everything").symlink_to("/proc")
    search = Search()
    assert [path.name for path in search.images([tmp_path])] == ["a.jpg"]
    assert search.told() == "1 folder passed over: 1 system folder"


def test_outputs_are_not_searched_even_if_they_are_made_meanwhile(tmp_path: Path) -> None:
    for name in ("a.jpg", "b/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    drawn = tmp_path / "b" / "maps"
    search = Search(outputs=[drawn])
    found = search.images([tmp_path])
    names = [next(found).name]
    drawn.mkdir()
    (drawn / "a.png").touch()
    assert names + [path.name for path in found] == ["a.jpg", "c.jpg"]
    assert search.told() == "1 folder passed over: 1 output of this call"
    assert [path.name for path in Search(outputs=[drawn]).images([drawn])] == ["a.png"]  # it is named itself


def test_reads_real_photographs(shared_data: Path) -> None:
    paths = list(find_images([shared_data / "fi8-original-size"]))
    assert len(paths) == 64
    assert all(path.suffix.lower() in SUPPORTED for path in paths)
    for path in paths[::8]:
        assert min(decode(path, at_least=100).size) >= 100
