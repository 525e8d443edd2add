"""The edits that turn a reference of a file into its new one."""

from basebump.core.images import ImageUse
from basebump.core.reference import ImageReference
from basebump.core.rewrite import Edit, replace_parts
from basebump.core.tag import Tag


def edits_for(use: ImageUse, new: ImageReference) -> list[Edit]:
    """The edits for a bump, in the bytes that carry the tag (and the digest, if there is one).

    Raises ScatteredError where a part that changes does not stand together.
    """
    old, value = use.reference, use.value
    if old is None or value is None:
        raise AssertionError("a bump has an old and a new reference")
    if old.tag is None:
        name = old.name
        digest = f"@{new.digest}" if new.digest is not None else ""
        parts = [(name[:-1], name[:-1]), (name[-1], f"{name[-1]}:{new.tag}{digest}")]
        return replace_parts(value, 0, parts)
    if new.tag is None:
        before, after = (f"@{digest}" if digest else "" for digest in (old.digest, new.digest))
        return replace_parts(value, len(old.name), [(f":{old.tag}{before}", after)])
    parts = _tag_parts(Tag.parse(old.tag), Tag.parse(new.tag))
    if old.digest is not None and new.digest is not None:
        parts += [("@", "@"), (old.digest, new.digest)]
    elif old.digest is not None:
        parts.append((f"@{old.digest}", ""))
    elif new.digest is not None:  # it stands behind the tag, which is written in one piece
        parts = [(old.tag, f"{new.tag}@{new.digest}")]
    return replace_parts(value, len(old.name) + 1, parts)


def _tag_parts(old: Tag, new: Tag) -> list[tuple[str, str]]:
    """Pair the parts of two tags, component by component, so that each can be placed by itself."""
    tail = [(old.build, new.build), (old.pre, new.pre)]
    flavour = f"-{old.flavour}" if old.flavour else ""
    if old.flavour != new.flavour:
        return [(str(old), str(new))]
    parts = [(old.prefix, new.prefix)]
    shared = min(old.precision, new.precision)
    for index in range(shared):
        dot = "." if index else ""
        last = index == shared - 1
        before = ".".join(old.components[index:]) if last else old.components[index]
        after = ".".join(new.components[index:]) if last else new.components[index]
        parts += [(dot, dot), (before, after)]
    for before, after in tail:
        if before or not after:
            parts.append((before, after))
        else:  # nothing stands there to be replaced: what is new goes with the part before it
            parts[-1] = (parts[-1][0], parts[-1][1] + after)
    return [*parts, (flavour, flavour)]
