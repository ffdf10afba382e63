"""A granted directory of the host as a file store. Put your own system in the place of `files`."""

import json
from typing import Iterator, List, Optional

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.file_store import Entry, Page
from wit_world.exports.lifecycle import Description
from wit_world.imports import config, files, streams, transfer, types

ITEMS_MAX = 1024
SPLICE_BYTES = 1 << 20

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "root": {"description": "The granted root to serve.", "type": "string", "minLength": 1, "default": "data"},
    },
    "additionalProperties": False,
}


class Lifecycle(exports.Lifecycle):
    def describe(self) -> Description:
        return Description("{{name}}", "0.1.0", json.dumps(SCHEMA), ["files"])

    def check(self) -> None:
        files.stat(root(), "")


# An error that the host answers with is an exception, and passes to the caller as it is.
class FileStore(exports.FileStore):
    def list_folder(self, path: str, recursive: bool, after: Optional[str], max: int) -> Page:
        checked(path)
        if max == 0:
            raise invalid("a page must have room for an entry", path)
        entries: List[Entry] = []
        if not files.stat(root(), path).folder:
            return Page(entries, None)
        seen = after is None
        for entry in walk(path, "", recursive):
            if seen and len(entries) == max:
                return Page(entries, entries[-1].path)
            if seen:
                entries.append(entry)
            seen = seen or entry.path == after
        if not seen:
            detail = types.Detail("a folder changed while it was being listed", after)
            raise Err(types.Error_Conflict(detail))
        return Page(entries, None)

    def stat(self, path: str) -> Entry:
        return to_entry(path, files.stat(root(), checked(path)))

    def read(self, path: str, offset: int, into: transfer.Sink) -> None:
        status, content = files.open(root(), checked(path), offset)
        # An error before `begin` is a status for the caller; after it, the transfer breaks.
        # Handles that wait for the garbage collector would cost the sandbox its next call.
        with content, into.begin(transfer.Head(status.size - offset, None, status.etag)) as body:
            try:
                while True:
                    # The host moves the bytes: they never enter this sandbox.
                    body.blocking_splice(content, SPLICE_BYTES)
            except Err as error:
                if not isinstance(error.value, streams.StreamError_Closed):
                    detail = types.Detail("the transfer broke off", path)
                    raise Err(types.Error_Unavailable(types.Delay(detail, None)))

    def write(self, path: str, size: Optional[int], content: streams.InputStream) -> Entry:
        return to_entry(path, files.write(root(), checked(path), size, content))

    def delete(self, path: str) -> None:
        files.remove(root(), checked(path))


def root() -> str:
    found = config.get("root")
    return "data" if found is None else found


def walk(folder: str, below: str, recursive: bool) -> Iterator[Entry]:
    """The files of a folder, then those of its folders; or what is in it, when not recursive."""
    items = items_of(join(folder, below))
    for item in items:
        if not (recursive and item.status.folder):
            yield to_entry(join(below, item.name), item.status)
    for item in items:
        if recursive and item.status.folder:
            yield from walk(folder, join(below, item.name), recursive)


def items_of(folder: str) -> List[files.Item]:
    items: List[files.Item] = []
    while True:
        page = files.list(root(), folder, items[-1].name if items else None, ITEMS_MAX)
        items += page
        if len(page) < ITEMS_MAX:
            return items


def to_entry(path: str, status: files.Status) -> Entry:
    return Entry(path, status.folder, None if status.folder else status.size, status.etag)


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name


def checked(path: str) -> str:
    """The path, if it leads nowhere else. The host refuses to leave the root in any case."""
    if path and any(part in ("", ".", "..") for part in path.split("/")):
        raise invalid("a path has an empty or a dot segment", path)
    return path


def invalid(message: str, subject: str) -> Err:
    return Err(types.Error_Invalid(types.Detail(message, subject)))
