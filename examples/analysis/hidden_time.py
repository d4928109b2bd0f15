"""Where the hidden time of a program went: three pictures from the table of several runs.

    pyrewrite export --each -o runs.parquet runs/
    python hidden_time.py runs.parquet hidden_time.png

Each part between two `# %%` is a cell: editors and Jupyter (jupytext) open the file as a notebook.
"""
# %% The table: one row for each run, operation, and kind of operands
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import EngFormatter, NullFormatter

source, picture = sys.argv[1:3]
ops = pd.read_parquet(source)
ops = ops[(ops["kind"] == "operation") & (ops["count"] > 0)]
runs = ops["run"].nunique()

# %% Time by category: the mean of the runs, and how far that may be off (95 %)
# Student's t for 1, 2, 3 … degrees of freedom; with more than ten runs it is nearly 2.
T = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23]


def over_runs(by):
    """Milliseconds of a run: mean and half width of its interval, the largest last."""
    sums = ops.groupby([*by, "run"])["self_ns"].sum().unstack("run", fill_value=0) / 1e6
    quantile = T[min(runs - 1, len(T)) - 1] if runs > 1 else float("nan")
    half = quantile * sums.std(axis=1, ddof=1) / np.sqrt(runs)
    return pd.DataFrame({"ms": sums.mean(axis=1), "half": half}).sort_values("ms")


categories = over_runs(["category"])
print(categories.iloc[::-1].round(1).to_string())

# %% The costliest operations
ops["place"] = [
    f"{Path(file).name}:{line}  {name if isinstance(name, str) else opcode}"
    for file, line, name, opcode in zip(ops["file"], ops["line"], ops["name"], ops["opcode"])
]
places = over_runs(["site", "place"]).tail(12)
print(places.iloc[::-1].round(1).to_string())


# %% How long single executions take: the histograms of all runs together
def durations(rows):
    """Durations in seconds, rising, and the part of the executions that took up to as long."""
    histogram = rows[["hist_ns", "hist_count"]].explode(["hist_ns", "hist_count"]).dropna().astype(float)
    counts = histogram.groupby("hist_ns")["hist_count"].sum()
    return counts.index.to_numpy() / 1e9, (counts.cumsum() / counts.sum()).to_numpy()


# %% The picture
BLUE, GREY = "#3b6fb6", "#555555"
# Told apart without colours, too.
STYLES = [("#1b4f8f", "-"), ("#c2571a", "--"), ("#2b8a57", "-."), ("#8a4fa3", ":")]
plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(14, 4.6), layout="constrained", gridspec_kw={"width_ratios": [1, 1.25, 1.25]}
)


def bars(axes, labels, table, title):
    positions = np.arange(len(table))
    axes.barh(positions, table["ms"], xerr=table["half"], color=BLUE, ecolor=GREY, capsize=2, height=0.7)
    axes.set_yticks(positions, labels)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"ms of a run (mean of {runs} runs, 95 %)")
    axes.set_title(title, loc="left", fontweight="bold")
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)


shown = categories[categories["ms"] > categories["ms"].sum() / 1000]
bars(left, shown.index, shown, "Time by category")
bars(middle, places.index.get_level_values("place"), places, "The costliest operations")
executions = ops.groupby("site")["count"].sum()
often = [(site, place) for site, place in places.index[::-1] if executions[site] >= 1000]
for (site, place), (color, line) in zip(often, STYLES):
    seconds, part = durations(ops[ops["site"] == site])
    # Beyond the last thousandth are preemptions.
    seen = part <= 0.999
    right.step(seconds[seen], part[seen] * 100, where="mid", label=place, color=color, linestyle=line)
right.set_xscale("log")
right.xaxis.set_major_formatter(EngFormatter(unit="s"))
right.xaxis.set_minor_formatter(NullFormatter())
right.set_ylim(0, 101)
right.set_xlabel("duration of one execution")
right.set_ylabel("% of the executions are done")
right.set_title("How long one execution takes", loc="left", fontweight="bold")
right.set_yticks([0, 25, 50, 75, 90, 99])
right.grid(color="#dddddd")
right.legend(frameon=False, loc="upper left", bbox_to_anchor=(-0.05, -0.16), ncols=2)
figure.savefig(picture, dpi=110, bbox_inches="tight")
print(f"{picture}: {runs} runs, {len(ops)} rows, {int(ops['count'].sum())} executions")
