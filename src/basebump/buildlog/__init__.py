"""What a failed build says, and what the failures of a fleet have in common.

    diagnose(log, instructions)  one log → Diagnosis
    compare(bad, good)           two diagnoses of the same step → Comparison
    cluster(builds)              a fleet's builds → list of Cluster

Pure but for reading the stream that it is given: no file is opened, nothing is asked of a forge.
"""

from basebump.buildlog.cluster import cluster
from basebump.buildlog.clusters import Build, Cluster, Shared, Strength, build_of
from basebump.buildlog.compare import Comparison, Difference, compare
from basebump.buildlog.reader import diagnose
from basebump.buildlog.sentence import sentence
from basebump.buildlog.values import (
    Cause,
    Diagnosis,
    Instruction,
    Line,
    Location,
    Outcome,
    Packages,
    Step,
)

__all__ = [
    "Build",
    "Cause",
    "Cluster",
    "Comparison",
    "Diagnosis",
    "Difference",
    "Instruction",
    "Line",
    "Location",
    "Outcome",
    "Packages",
    "Shared",
    "Step",
    "Strength",
    "build_of",
    "cluster",
    "compare",
    "diagnose",
    "sentence",
]
