import json


def init():
    pass


def run(raw_data):
    return {"sum": sum(json.loads(raw_data)["data"])}
