"""Alpine and the Red Hat family."""

from basebump.buildlog.values import Cause

ROWS = (
    Cause(
        id="apk-constraints",
        title="packages that apk cannot satisfy",
        patterns=(
            r"unsatisfiable constraints",
            r"unable to select packages",
            r"\(no such package\)",
            r"breaks: world\[",
            r"UNTRUSTED signature",
        ),
        meaning="A package does not exist in this Alpine release, or is pinned to a version that "
        "has been replaced; Alpine keeps only the newest.",
        remedy="Loosen the pin (`~=`) or look the name up for the new release.",
        link="https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper",
    ),
    Cause(
        id="rpm-no-match",
        title="a package that yum or dnf cannot find",
        patterns=(
            r"No match for argument",
            r"Unable to find a match",
            r"No package \S+ available",
            r"nothing provides \S+",
            r"Package '\S+' not found\.",
            r"conflicting requests",
        ),
        meaning="The package is not in the enabled repositories of this release.",
        remedy="Enable the repository it moved to (EPEL, CRB, a module) or use its new name.",
        link="https://dnf.readthedocs.io/en/latest/command_ref.html",
    ),
)
