"""Reads collected rows with pandas, file by file, and prints what was found and how long it took."""
import glob
import json
import resource
import sys
import time

import pandas

files = sorted(glob.glob(sys.argv[1]))
rows = total = nulls = characters = 0
started = time.perf_counter()
for name in files:
    frame = pandas.read_csv(name)
    rows += len(frame)
    total += int(frame["feat5"].sum())
    nulls += int(frame["feat9"].isna().sum())
    characters += int(frame["feat8"].str.len().sum())
elapsed = (time.perf_counter() - started) * 1000
print(
    json.dumps(
        {
            "rows": rows,
            "sum": total,
            "nulls": nulls,
            "characters": characters,
            "elapsed": elapsed,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "version": pandas.__version__,
        }
    )
)
