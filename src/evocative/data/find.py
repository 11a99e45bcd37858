"""Find the images of folders: every one, each once, and nothing passed over without being counted.

    search = Search()
    for path in search.images([folder]): …   # what to decode
    print(search.told())                     # 12 files passed over: 9 .txt, 2 hidden, 1 system file

A folder is a place that others wrote to. Links may lead nowhere, to themselves or up to the folder that they
are in; names may be pipes, devices or folders called `a.jpg`; pictures may be of a kind that is not read.
None of these may hide what lies beside it.
"""

import mimetypes
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from evocative.data import boxed
from evocative.data.image import SUPPORTED
from evocative.data.opening import read_start

_OF_PROGRAMS: Final = """
    heic heif heics heifs hif avif avifs jp2 j2k j2c jpc jpf jpx jpm jph jxl jxr wdp hdp mpo svg svgz psd psb
    xcf kra ora eps ai ico cur icns tga icb vda vst pcx dcx dds wmf emf xbm xpm ppm pgm pbm pnm pfm pam ras
    sgi rgb exr hdr qoi bpg flif djvu fits blp pcd pxr iim ief xwd jng mng wbmp
"""
_OF_CAMERAS: Final = """
    3fr arw cr2 cr3 crw dcr dng erf fff gpr iiq k25 kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf
    srw x3f
"""
PICTURES: Final = frozenset(f".{ending}" for ending in (_OF_PROGRAMS + _OF_CAMERAS).split())
"""Suffixes, in lower case, of pictures that may not be read: they get a row, whose error says what to do."""

_SYSTEM_FILES: Final = frozenset({"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"})
_SYSTEM_FOLDERS: Final = frozenset(
    (
        *("@eadir", "#recycle", "#snapshot", "@tmp", "@sharebin"),  # Synology
        *("@recycle", "@recently-snapshot", "@snapshots", "network recycle bin 1"),  # QNAP
        *("__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder"),  # macOS
        *("$recycle.bin", "recycler", "recycled", "system volume information", "found.000"),  # Windows
        *("lost+found", "__pycache__"),  # Linux, Python
    )
)
"""Folders, in small letters, that systems make beside people's own: thumbnails, deleted files."""
_BY_CONTENT: Final = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "JPEG2000", "AVIF")
"""Pillow's names of formats that four bytes or more tell apart from text."""
_KINDS: Final = mimetypes.MimeTypes()
"""What endings mean, as Python's library has it; this machine's own files are not asked."""

Place = tuple[int, int]
"""A folder, whatever it is called: its device and its number there."""


def find_images(paths: Iterable[str | os.PathLike[str]], *, recursive: bool = True) -> Iterator[Path]:
    """Yield the images among paths, in the order given and sorted by name within folders.

    A folder yields the files whose names end as pictures' do, read or not, those without a telling ending
    whose content is a picture's, links that lead nowhere, folders within it that cannot be listed and empty
    ones that are named as a picture: `decode` says what is wrong with each. Hidden files and folders are left
    out, and what systems keep for themselves (`Thumbs.db`, `@eaDir`). Links to folders are followed after
    everything else, so that a picture bears its own folder's name. A file that is named itself is yielded
    whatever it is and whether or not it exists.

    Each real folder is searched once, however many links lead to it, and each name of a file is yielded once;
    two names of one file are two images.

    Args:
        paths: Files and folders.
        recursive: Look into folders within folders.
    """
    return Search(recursive=recursive).images(paths)


class _Next(NamedTuple):
    path: Path
    is_folder: bool


class Search:
    """One search for images: what was found is found once, and what was passed over is counted.

    Attributes:
        files: How many files were passed over, by the reason.
        folders: How many folders were.
    """

    def __init__(self, *, recursive: bool = True, outputs: Iterable[str | os.PathLike[str]] = ()) -> None:
        """Begin a search.

        Args:
            recursive: Look into folders within folders.
            outputs: Folders that the call itself writes pictures to, made or still to be made: within
                others they are passed over.
        """
        self.files: Counter[str] = Counter()
        self.folders: Counter[str] = Counter()
        self._recursive = recursive
        self._outputs = tuple(map(Path, outputs))
        self._visited: set[Place] = set()
        self._named: set[tuple[Place, str]] = set()
        self._links: deque[Path] = deque()

    def images(self, paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
        """Yield images, as `find_images` tells."""
        for path in map(Path, paths):
            if os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises where a parent may not be searched)
                yield from self._walk(path)
            elif self._is_new(path):
                yield path
        while self._links:
            yield from self._walk(self._links.popleft(), named=False)

    def told(self) -> str:
        """Say what was passed over and why; an empty text if nothing was."""
        return "; ".join(
            f"{sum(counts.values()):,} {noun}{'' if sum(counts.values()) == 1 else 's'} passed over: "
            + ", ".join(_counted(reason, count) for reason, count in sorted(counts.items(), key=_often))
            for noun, counts in (("file", self.files), ("folder", self.folders))
            if counts
        )

    def _is_new(self, path: Path) -> bool:
        """Whether a file that is named itself was not found before by the same name."""
        place = _place(path.parent)
        if place is None:
            return True
        seen = (place, path.name) in self._named or (
            place in self._visited and not path.name.startswith(".") and path.suffix.lower() in SUPPORTED
        )
        self._named.add((place, path.name))
        return not seen

    def _walk(self, top: Path, *, named: bool = True) -> Iterator[Path]:
        """Yield what a folder holds; what nobody named is left out if it is of a kind to be left out."""
        waiting = [_Next(top, is_folder=True)]
        while waiting:
            path, is_folder = waiting.pop()
            if not is_folder:
                yield path
                continue
            inside = self._listed(path, named=named and path == top)
            if inside is None:
                yield path  # cannot be listed
            elif not inside and path != top and _is_named_as_picture(path.name):
                yield path
            else:
                waiting += reversed(inside)

    def _listed(self, folder: Path, *, named: bool) -> list[_Next] | None:
        """Return what a folder holds to look at, by name; nothing if it was seen, None if it cannot be."""
        place = _place(folder)
        try:
            if place is None:
                return None
            if place in self._visited:
                self.folders["seen already"] += 1
                return []
            if not named and (reason := self._of_no_interest(place)):
                self.folders[reason] += 1
                return []
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            return None
        self._visited.add(place)
        found = (self._sorted(folder / entry.name, entry, place) for entry in entries)
        return [each for each in found if each is not None]

    def _of_no_interest(self, place: Place) -> str:
        if place[0] in _made_up():
            return "system folder"
        return "output of this call" if place in map(_place, self._outputs) else ""

    def _sorted(self, path: Path, entry: "os.DirEntry[str]", place: Place) -> _Next | None:
        """Decide what becomes of a name: it is looked at, put off until later, or counted."""
        is_folder, is_file = _kind(entry)
        reason = _left_out(entry.name, is_folder=is_folder)
        if reason:
            (self.folders if is_folder else self.files)[reason] += 1
        elif is_folder:
            return self._folder(path, place, is_link=entry.is_symlink())
        elif (place, entry.name) in self._named:
            return None
        elif _is_picture(path, is_file=is_file, is_link=entry.is_symlink()):
            return _Next(path, is_folder=False)
        else:
            self.files[
                _ending(path) if is_file else "broken link" if entry.is_symlink() else "device or pipe"
            ] += 1
        return None

    def _folder(self, path: Path, place: Place, *, is_link: bool) -> _Next | None:
        if not self._recursive:
            return _Next(path, is_folder=False) if _is_named_as_picture(path.name) else None
        if is_link and place[0] in _made_up():  # of /proc: they lead to everything
            self.folders["system folder"] += 1
        elif is_link:
            self._links.append(path)
        else:
            return _Next(path, is_folder=True)
        return None


def _place(folder: Path) -> Place | None:
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


@cache
def _made_up() -> frozenset[int]:
    """Return the devices of folders whose files the system makes up."""
    mounts = [Path(name) for name in ("/proc", "/sys", "/dev")]
    return frozenset(mount.stat().st_dev for mount in mounts if mount.is_mount())


def _kind(entry: "os.DirEntry[str]") -> tuple[bool, bool]:
    """Say whether a name leads to a folder, and whether to a plain file."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:  # a link to itself, or to a name that cannot be
        return False, False


def _left_out(name: str, *, is_folder: bool) -> str:
    """Return why a name is passed over whatever it holds; an empty text if it is not."""
    if name.lower() in (_SYSTEM_FOLDERS if is_folder else _SYSTEM_FILES) or name.startswith("._"):
        return f"system {'folder' if is_folder else 'file'}"
    return "hidden" if name.startswith(".") else ""


def _is_named_as_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUPPORTED | PICTURES  # noqa: PTH122


def _is_picture(path: Path, *, is_file: bool, is_link: bool) -> bool:
    """Whether a name in a folder is a picture's, or may be: a link that leads nowhere tells no more."""
    if _is_named_as_picture(path.name):
        return True
    kind, packed = _KINDS.guess_type(f"x{path.suffix}", strict=False)
    if kind is not None or packed is not None:
        return kind is not None and kind.startswith("image/")
    return _holds_picture(path) if is_file else is_link


def _holds_picture(path: Path) -> bool:
    start = read_start(path, 64)
    if boxed.is_picture(start):
        return True
    known = (Image.OPEN[name][1] for name in _BY_CONTENT if name in Image.OPEN)
    return len(start) >= 16 and any(accept is not None and accept(start[:16]) is True for accept in known)


def _ending(path: Path) -> str:
    return path.suffix.lower() or "without an ending"


def _counted(reason: str, count: int) -> str:
    nouns = ("system file", "system folder", "broken link", "device or pipe")
    plural = {"device or pipe": "devices or pipes"}.get(reason, f"{reason}s")
    return f"{count:,} {plural if reason in nouns and count != 1 else reason}"


def _often(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
