"""Debian and Ubuntu."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

ROWS = (
    Cause(
        id="apt-clock",
        title="a Release file that is not valid at the builder's time",
        patterns=(
            r"Release file for \S+ is not valid yet",
            r"Release file for \S+ is expired",
            r"Release file expired, ignoring",
        ),
        meaning="Either the builder's clock is wrong, or the release is archived and its index has "
        "run out.",
        remedy="`not valid yet`: set the builder's clock (after a suspended virtual machine, restart "
        "it). `expired`: move to a supported release.",
        link="https://manpages.debian.org/bookworm/apt/apt.conf.5.en.html#Max-FutureTime",
    ),
    Cause(
        id="apt-hash",
        title="a mirror that is out of step",
        patterns=(r"Hash Sum mismatch", r"File has unexpected size", r"Mirror sync in progress"),
        meaning="A mirror or a proxy handed out files that do not fit its index.",
        remedy="Run it again later or use another mirror; look at caching proxies in between.",
        link="https://wiki.debian.org/AptCLI",
    ),
    Cause(
        id="apt-signature",
        title="a repository whose signature apt does not accept",
        patterns=(
            r"NO_PUBKEY|EXPKEYSIG|KEYEXPIRED|BADSIG|REVKEYSIG",
            r"At least one invalid signature was encountered",
            r"couldn't be verified because the public key is not available",
            r"[Rr]epository '[^']+' is not signed",
            r"packages cannot be authenticated|-y was used without --force-yes",
        ),
        meaning="The key is missing, has expired, or was rotated. With a new base on an old Docker "
        "`invalid signature` on every repository means seccomp, and a full disk looks the same.",
        remedy="Update the keyring package or the third party's key; if every repository fails, "
        "upgrade Docker and libseccomp on the builder.",
        link="https://wiki.debian.org/SecureApt",
    ),
    Cause(
        id="eol-404",
        title="a release that its mirrors no longer carry",
        patterns=(
            r"(?:E|W): Failed to fetch \S+ +404 +Not Found",
            r"does not have a Release file|no longer has a Release file",
            r"^(?:Err:?\d* .*)? {1,2}404 +Not Found",
            r"Cannot prepare internal mirrorlist: No URLs in mirrorlist",
            r"Cannot find a valid baseurl for repo",
            r"HTTP Error 404 - Not Found|Status code: 404 for",
            r"fetch(?:ing)? https?://\S+APKINDEX\S*.*(?:404|not found)|APKINDEX\S*: No such file or directory",
        ),
        meaning="The release has left the mirrors at its end of life, or an `apt-get update` from "
        "the layer cache names files that have been replaced since.",
        remedy="Move to a supported release; until then use its archive. Keep `update` and `install` "
        "in one RUN.",
        link="https://www.debian.org/distrib/archive",
    ),
    Cause(
        id="dpkg-pre-dependency",
        title="a dpkg pre-dependency error",
        patterns=(
            r"dpkg: regarding .* pre-dependency problem",
            r"pre-depends on ",
            r"PreDepends: ",
            r"pre-dependency problem",
            r"Could ?n.t configure pre-depend",
        ),
        meaning="A package must be unpacked after another is configured, and that one is not: apt "
        "planned from a state that is not the image's.",
        remedy="Compare with a build that works (`--against`): a package list that differs in length "
        "points to the builder or to stale indexes, not to the Dockerfile.",
        link="https://www.debian.org/doc/debian-policy/ch-relationships.html",
    ),
    Cause(
        id="apt-dependency",
        title="an apt dependency error",
        patterns=(
            r"^ ?\S+ : (?:Depends|Breaks|Conflicts): ",
            r"[Dd]epends: .{1,200}? but .{1,80}? (?:is|are) (?:not )?(?:going )?to be installed",
            r"but it is not installable",
            r"dpkg: dependency problems prevent",
            r"you have held broken packages",
            r"[Uu]nmet dependencies",
            r"dependency problems - leaving unconfigured",
            r"dpkg: error processing ",
            r"Sub-process /usr/bin/dpkg returned an error code",
        ),
        meaning="The packages asked for do not fit together in the release of the new base.",
        remedy="Drop version pins and foreign repositories made for the old release; compare with a "
        "build that works (`--against`).",
        link="https://www.debian.org/doc/manuals/debian-faq/pkgtools.en.html",
    ),
    Cause(
        id="package-removed",
        title="a package that the new release does not have",
        patterns=(
            r"has no installation candidate",
            r"Unable to locate package",
            r"Couldn't find any package by (?:glob|regex)",
            r"Version '[^']+' for '[^']+' was not found",
            r"Can't find a source to download version",
        ),
        meaning="The package was renamed or removed (python2, python-dev), its pinned version is "
        "gone, or the indexes were never fetched.",
        remedy="Look the package up in the new release and use its successor; `apt-get update` in the "
        "same RUN.",
        link="https://packages.debian.org/",
    ),
)
