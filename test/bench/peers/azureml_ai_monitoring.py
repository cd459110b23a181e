"""Gives one-row frames to the collector of azureml-ai-monitoring, and prints what that cost as one JSON object.

Usage: azureml_ai_monitoring.py FRAMES.json COUNT RATE MODE

RATE 0 is a burst. MODE "wait" lets the collector send what it has queued before the process ends; "exit" ends at once,
as a process does that is told to stop. The collector is configured by the environment (AZUREML_MDC_*).
"""

import json
import logging
import sys
import time

import pandas
from azureml.ai.monitoring import Collector
from azureml.ai.monitoring.queue import get_queue

logging.disable(logging.CRITICAL)


def main(file, count, rate, mode):
    with open(file, encoding="utf-8") as stream:
        frames = [pandas.DataFrame([record]) for record in json.load(stream)]
    refused = [0]

    def on_error(error):
        refused[0] += 1

    collector = Collector(name="model_inputs", on_error=on_error)
    collector.collect(frames[0])
    wait_until_sent()
    refused[0] = 0
    times = []
    start = time.perf_counter()
    for index in range(count):
        if rate > 0:
            due = start + index / rate
            while time.perf_counter() < due:
                time.sleep(max(0.0, min(0.001, due - time.perf_counter())))
        frame = frames[index % len(frames)]
        refusals = refused[0]
        before = time.perf_counter_ns()
        collector.collect(frame)
        elapsed = time.perf_counter_ns() - before
        # A refused call is quick, and not what is asked about.
        if refused[0] == refusals:
            times.append(elapsed)
    if mode == "wait":
        wait_until_sent()
    times.sort()
    result = {
        "median": times[len(times) // 2],
        "mean": sum(times) / len(times),
        "p999": times[min(len(times) - 1, int(len(times) * 0.999))],
        "refused": refused[0],
        "pandas": pandas.__version__,
    }
    print(json.dumps(result), flush=True)


def wait_until_sent():
    """Until the queue is empty, and a while for the record that is being sent."""
    while get_queue().length() > 0:
        time.sleep(0.005)
    time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
