"""Values with their types, as the Rust side compares them."""

import pathlib


def encoded(value, folder, is_stub=lambda value: False, depth=0):
    """`folder` stands for the repository in texts and paths; what `is_stub` tells stands for something that is not there."""
    from django.utils.functional import Promise

    if depth > 14:
        return {"opaque": "depth"}
    if is_stub(value):
        return {"stub": True}
    if isinstance(value, Promise):
        value = str(value._args[0]) if getattr(value, "_args", None) else str(value)
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if abs(value) < 2**53 else {"opaque": "int"}
    if kind is float:
        return {"float": repr(value)}
    if isinstance(value, str):
        return str.__str__(value).replace(folder, "/<repository>")
    if isinstance(value, pathlib.PurePath):
        return {"path": str(value).replace(folder, "/<repository>")}
    if kind is bytes:
        return {"bytes": value.decode("latin1")}
    for name, kinds in (("list", list), ("tuple", tuple), ("set", (set, frozenset))):
        if isinstance(value, kinds):
            return {name: [encoded(item, folder, is_stub, depth + 1) for item in value]}
    if isinstance(value, dict):
        pairs = [[encoded(key, folder, is_stub, depth + 1), encoded(item, folder, is_stub, depth + 1)] for key, item in value.items()]
        return {"dict": pairs}
    return {"opaque": kind.__name__}
