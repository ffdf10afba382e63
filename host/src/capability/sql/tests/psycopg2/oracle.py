"""Runs statements as sqAPI does and says what came back, one line each.

Reads a JSON list of [statement, parameters] from standard input, the parameters
as a Python expression; the first argument is the server's URL.
"""
import datetime
import json
import sys
from datetime import timedelta
from decimal import Decimal

import psycopg2

JSON, UUID = (114, 3802), 2950


def fraction(text):
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(value):
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    seconds = fraction(f"{seconds}.{value.microseconds:06}")
    parts = [(hours, "H"), (minutes, "M"), (seconds, "S")]
    time = "".join(f"{part}{unit}" for part, unit in parts if part not in (0, "0"))
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{time}" if time else f"P{days or 'T0S'}"


def show(value, of):
    if value is None:
        return "null"
    if of in JSON:
        return "json " + json.dumps(value, sort_keys=True, separators=(",", ":"))
    if of == UUID:
        return f"uuid {value}"
    if isinstance(value, list):
        return "[" + ", ".join(show(item, None) for item in value) + "]"
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    if isinstance(value, datetime.datetime):
        offset = "" if value.tzinfo is None else "Z"
        if offset:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return "timestamp " + fraction(value.isoformat()) + offset
    if isinstance(value, memoryview):
        return "bytes " + bytes(value).hex()
    kinds = {
        int: ("integer", str),
        float: ("float", str),
        str: ("text", str),
        Decimal: ("decimal", str),
        datetime.date: ("date", lambda it: it.isoformat()),
        datetime.time: ("time", lambda it: fraction(it.isoformat())),
        timedelta: ("interval", interval),
    }
    kind, text = kinds[type(value)]
    return f"{kind} {text(value)}"


def run(connection, statement, parameters):
    # As sqAPI: a dictionary even when it is empty.
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement, eval(parameters))
        except psycopg2.Error as error:
            return f"error {error.pgcode}"
        if cursor.description is None:
            return "none"
        types = [column.type_code for column in cursor.description]
        rows = ["; ".join(map(show, row, types)) for row in cursor.fetchall()]
        return " | ".join(rows)


connection = psycopg2.connect(sys.argv[1])
connection.autocommit = True
for case in json.load(sys.stdin):
    print(run(connection, *case))
