"""Model folders and weights from the Hugging Face hub, or a clear word that they cannot be had now."""

import logging
import os
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from evocative.errors import ModelError

_log = logging.getLogger(__name__)
PREFIX = "hf-hub:"
PATIENCE = 4.0
"""Seconds that the hub's address has to answer; the hub's own client would retry for half a minute."""


def is_hub(source: str | os.PathLike[str]) -> bool:
    """Whether a source is written `hf-hub:org/name`."""
    return str(source).startswith(PREFIX)


def download(
    source: str, *, patterns: Sequence[str], offline: bool = False, cache: Path | None = None
) -> Path:
    """Return the local folder of a hub repository, downloading what is not there yet.

    Args:
        source: `hf-hub:org/name`, or `hf-hub:org/name@revision`.
        patterns: The files that are wanted, as `*.safetensors`.
        offline: Use only what an earlier download left. `HF_HUB_OFFLINE=1` in the environment does the same.
        cache: Where downloads live; the hub's usual cache where it is not given.

    Raises:
        ModelError: The repository does not exist, or it is not in the cache and the hub cannot be reached.
    """
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    _log.info("looking for %s on the hub", source)
    name, _, revision = source.removeprefix(PREFIX).partition("@")
    local = offline or constants.HF_HUB_OFFLINE or not reachable(constants.ENDPOINT)
    try:
        folder = snapshot_download(
            name,
            revision=revision or None,
            cache_dir=cache,
            allow_patterns=list(patterns),
            local_files_only=local,
            etag_timeout=PATIENCE,
        )
    except HFValidationError as error:
        raise ModelError(f"{source}: expected {PREFIX}org/name ({error})") from error
    except LocalEntryNotFoundError as error:
        raise ModelError(
            f"{source}: not in the local cache, and the hub {_why(offline, constants.HF_HUB_OFFLINE)}. "
            "Connect once to download it, or give a local folder or file instead"
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        raise ModelError(
            f"{source}: the hub refuses it ({status}). Check the name; a private or gated repository needs "
            "a login (hf auth login)"
        ) from error
    except OSError as error:
        raise ModelError(
            f"{source}: cannot be downloaded ({error}). Give a local folder or file instead"
        ) from error
    return Path(folder)


def reachable(address: str, *, patience: float = PATIENCE) -> bool:
    """Whether a web address, or the proxy before it, takes a connection within `patience` seconds."""
    parts = urlsplit(getproxies().get(urlsplit(address).scheme) or address)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    answered = threading.Event()

    def knock() -> None:
        try:
            socket.create_connection((parts.hostname or "", port), timeout=patience).close()
        except OSError:
            return
        answered.set()

    knocking = threading.Thread(target=knock, daemon=True)  # looking a name up knows no time limit
    knocking.start()
    knocking.join(patience)
    return answered.is_set()


def _why(offline: bool, environment: bool) -> str:
    if offline:
        return "is not asked (offline)"
    return "is not asked (HF_HUB_OFFLINE is set)" if environment else "cannot be reached"
