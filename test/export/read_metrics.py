"""Parses OpenMetrics text from standard input; prints sums as JSON."""
import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

sums = {}
labels = set()
for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        if "quantile" not in sample.labels:
            sums[sample.name] = sums.get(sample.name, 0) + sample.value
        labels.update(sample.labels.items())
print(json.dumps({"sums": sums, "names": sorted({value for key, value in labels if key == "name"})}))
