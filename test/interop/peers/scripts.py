"""Runs generated scripts as modules, and tells what their functions read.

Standard input: {"spark": true | false, "jobs": [{"script": path, "call": "read" | "read_joined" | "notebook",
"arguments": [...]}]}. For Spark there is one session for all of them.
"""

import importlib.util
import json
import sys

import cells


def module_of(path):
    spec = importlib.util.spec_from_file_location("generated", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Widgets:
    """Stands for the widgets of a notebook; its values are their defaults."""

    def __init__(self):
        self.values = {}

    def text(self, name, default, label):
        assert label
        self.values[name] = default

    def get(self, name):
        return self.values[name]


class Utilities:
    widgets = Widgets()


def notebook(path, spark):
    """Runs the cells of a notebook in order, as Databricks does; gives what was displayed."""
    shown = []
    source = open(path, encoding="utf-8").read()
    assert source.startswith("# Databricks notebook source\n")
    scope = {"spark": spark, "dbutils": Utilities, "display": shown.append}
    for at, text in enumerate(source.split("\n# COMMAND ----------\n")):
        exec(compile(text, f"{path}:{at}", "exec"), scope)
    return shown


def plain_spark(spark, pattern):
    reader = spark.read.option("header", True).option("inferSchema", True)
    return reader.option("multiLine", True).option("escape", '"').csv(pattern)


def main():
    order = json.load(sys.stdin)
    spark = None
    if order["spark"]:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").appName("interop")
        # Many small jobs: compiling each would take most of the time. Programs that run by themselves do compile.
        settings = {
            "ui.enabled": "false",
            "sql.shuffle.partitions": "1",
            "sql.adaptive.enabled": "false",
            "sql.codegen.wholeStage": "false",
            "sql.codegen.factoryMode": "NO_CODEGEN",
        }
        for name, value in settings.items():
            builder = builder.config(f"spark.{name}", value)
        spark = builder.getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
    first = [] if spark is None else [spark]
    read = cells.of_pandas if spark is None else cells.of_spark
    tables = []
    for job in order["jobs"]:
        try:
            if job["call"] == "notebook":
                tables.append([read(frame) for frame in notebook(job["script"], spark)])
            elif job["call"] == "plain":
                tables.append(read(plain_spark(spark, *job["arguments"])))
            else:
                work = getattr(module_of(job["script"]), job["call"])
                tables.append(read(work(*first, *job["arguments"])))
        except Exception as error:  # Every failure is one of its check, not of the run.
            tables.append({"error": f"{type(error).__name__}: {error}"[:2000]})
    cells.print_tables(tables)
    if spark is not None:
        spark.stop()


main()
