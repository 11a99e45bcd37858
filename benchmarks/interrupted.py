"""What is lost when a check is killed, its cache is damaged, or the disk is full: nothing that was finished.

    python benchmarks/interrupted.py FOLDER --images 300 [--check corrupt ...] [--more WORDS]

FOLDER holds images in a folder for each label. For each check of `evocative curate`, by the command itself:

- an unbroken run; then one that gets SIGKILL once a third of the images is in the cache, and a second one.
  Both must write the same bytes of findings, and the second must compute only what the cache lacked;
- the cache cut at a random byte, with 64 random bytes in the middle, with 64 zero bytes, emptied: the same
  bytes again, and a warning, once;
- a disk of 1 MB that is full (mounted in a namespace of its own; Linux, with the right to), first for the
  cache, then for findings and cleaned table only: an error that says what to do, older files whole, and the
  same findings once there is room.

Prints a line for each, and ends with status 1 if anything differs.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from pyarrow import parquet

from evocative.data.table import Table, write_table
from evocative.taxonomy.labels import Taxonomy

CHECKS = ("corrupt", "duplicates", "text", "labels")
FULL = """
mount -t tmpfs -o size=1m none {disk} && cd {disk} && cp {old} findings.csv && cp {old} cleaned.csv
head -c 2000000 /dev/zero > filler 2>/dev/null; rm -f out; df --output=avail . | tail -1
{command} -o {disk}/findings.csv --cleaned {disk}/cleaned.csv --cache {disk}/cache
echo "cache $?"
{command} -o {disk}/findings.csv --cleaned {disk}/cleaned.csv --cache {elsewhere}
echo "output $?"; cmp {old} findings.csv && cmp {old} cleaned.csv && echo whole; ls -A
rm filler
{command} -o {disk}/findings.csv --cleaned {disk}/cleaned.csv --cache {elsewhere}
echo "room $?"; cmp findings.csv {expected} && echo same
"""


def table_of(folder: Path, images: int, place: Path) -> Path:
    """Write a table of images drawn by chance, and of ten copies and five that are cut off."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".png"))
    chosen = random.Random(0).sample(files, images)
    rows = []
    for number, file in enumerate(chosen):
        name = f"{number:05}{file.suffix.lower()}"
        data = file.read_bytes()
        (place / name).write_bytes(data[: len(data) // 2] if number % (images // 5) == 3 else data)
        rows.append((name, file.parent.name))
    for number in range(10):
        shutil.copy(place / rows[(7 * number + 5) % images][0], place / f"copy{number}.jpg")
        rows.append((f"copy{number}.jpg", rows[(7 * number + 5) % images][1]))
    frame = pd.DataFrame(rows, columns=["path", "label"])
    labels = Taxonomy.custom("folders", sorted(set(frame["label"])))
    write_table(Table(frame, taxonomy=labels, root=place, name="some"), place / "table.csv")
    return place / "table.csv"


def kept(cache: Path) -> int:
    """Count what a cache holds: whole lines, or rows of the pooled features."""
    lines = sum(file.read_bytes().count(b'"crc32"') for file in cache.rglob("*.jsonl"))
    rows = [int(parquet.read_metadata(file).num_rows) for file in cache.rglob("pooled/*.parquet")]
    return lines + sum(rows)


def spoil(file: Path, how: str, dice: random.Random) -> None:
    data, size = file.read_bytes(), file.stat().st_size
    middle = dice.randrange(size // 4, max(size // 4 + 1, 3 * size // 4 - 64))
    file.write_bytes(
        {
            "cut": data[: dice.randrange(1, size)],
            "garbage": data[:middle] + dice.randbytes(64) + data[middle + 64 :],
            "zeros": data[:middle] + bytes(64) + data[middle + 64 :],
            "empty": b"",
        }[how]
    )


class Check:
    """One check of one table, and what an unbroken run says."""

    def __init__(self, check: str, table: Path, place: Path, more: list[str]) -> None:
        self.check, self.place, self.bad = check, place, 0
        place.mkdir()
        self.words = [sys.executable, "-m", "evocative", "curate", check, str(table), *more]
        start = time.monotonic()
        self.run("unbroken")
        self.expected = place / "unbroken.csv"
        self.images = kept(place / "unbroken")
        print(f"{check}: unbroken {self.images} images, {time.monotonic() - start:.1f} s", flush=True)

    def run(self, cache: str, output: str | None = None) -> str:
        """Run to the end and return what was said on stderr."""
        file = self.place / f"{output or cache}.csv"
        more = ["-o", str(file), "--cache", str(self.place / cache)]
        ended = subprocess.run([*self.words, *more], capture_output=True, text=True, check=True)
        return ended.stderr

    def tell(self, what: str, fine: bool) -> None:
        """Print a line, and count it where it is bad."""
        self.bad += not fine
        print(f"{self.check}: {what}{'' if fine else '   <-- NOT AS IT SHOULD BE'}", flush=True)

    def same(self, name: str) -> bool:
        """Tell whether findings are those of the unbroken run."""
        return (self.place / f"{name}.csv").read_bytes() == self.expected.read_bytes()

    def killed(self) -> None:
        """Kill a run and go on."""
        cache = self.place / "killed"
        more = ["-o", str(self.place / "killed.csv"), "--cache", str(cache)]
        process = subprocess.Popen([*self.words, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and kept(cache) < self.images // 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before, wrote = kept(cache), (self.place / "killed.csv").exists()
        start = time.monotonic()
        said = self.run("killed")
        seconds, added = time.monotonic() - start, kept(cache) - before
        fine = self.same("killed") and not wrote and before + added == self.images + ("damaged" in said)
        self.tell(
            f"killed with {before} of {self.images} kept; the second run added {added} in {seconds:.1f} s, "
            f"same findings: {self.same('killed')}",
            fine and 0 < before < self.images,
        )

    def damaged(self) -> None:
        """Damage the cache in four ways."""
        dice = random.Random(1)
        for how in ("cut", "garbage", "zeros", "empty"):
            cache = self.place / how
            shutil.copytree(self.place / "unbroken", cache)
            file = max(
                (*cache.rglob("*.jsonl"), *cache.rglob("pooled/*.parquet")),
                key=lambda one: one.stat().st_size,
            )
            spoil(file, how, dice)
            said = self.run(how)
            again = self.run(how)
            warned = "damaged" in said or (how == "empty" and file.suffix == ".jsonl")
            self.tell(
                f"{how}: same findings: {self.same(how)}; {said.strip()[-150:] or 'nothing said'}",
                self.same(how) and warned and not again,
            )

    def full(self) -> None:
        """Run on a full disk, and again when there is room."""
        old, disk = self.place / "old.csv", self.place / "disk"
        old.write_text("path,kind,score,evidence,action,cluster\n", encoding="utf-8")
        disk.mkdir()
        script = FULL.format(
            disk=disk, old=old, elsewhere=self.place / "elsewhere", expected=self.expected,
            command=" ".join(self.words),
        )  # fmt: skip
        ended = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
        )
        said = ended.stdout.split("\n")
        fine = {"cache 2", "output 2", "whole", "room 0", "same"} <= set(said)
        for line in ended.stderr.splitlines():
            if "cannot be written" in line:
                self.tell(f"full disk: {line.replace(str(self.place), '')}", fine)
        if not fine:
            print(ended.stdout, ended.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--check", action="append", choices=CHECKS)
    parser.add_argument(
        "--more", type=json.loads, default={}, help='further words: {"labels": ["--model", …]}'
    )
    arguments = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "images").mkdir()
        table = table_of(arguments.folder, arguments.images, place / "images")
        for name in arguments.check or CHECKS:
            check = Check(name, table, place / name, arguments.more.get(name, []))
            check.killed()
            check.damaged()
            check.full()
            bad += check.bad
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
