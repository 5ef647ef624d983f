"""What many would write themselves: redis-py with hiredis reads a stream as a consumer group, psycopg 3 writes with COPY.

usage: psycopg_copy.py REDIS_URL DATABASE_URL STREAM

Drains the stream's native create entries of one table and ends when it is empty. Acknowledged after the commit, read and
written in turn, no error handled.
"""

import json
import sys

import psycopg
import redis

GROUP, CONSUMER, BATCH = "rival", "one", 4096


def main(redis_url, database_url, stream):
    client = redis.Redis.from_url(redis_url)
    client.xgroup_create(stream, GROUP, id="0")
    with psycopg.connect(database_url) as database:
        while reply := client.xreadgroup(GROUP, CONSUMER, {stream: ">"}, count=BATCH):
            entries = reply[0][1] if isinstance(reply, list) else next(iter(reply.values()))[0]
            commands = [json.loads(fields[b"command"]) for _, fields in entries]
            table, columns = commands[0]["table"], list(commands[0]["row"])
            with database.cursor() as cursor:
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    for command in commands:
                        copy.write_row(list(command["row"].values()))
            database.commit()
            client.xack(stream, GROUP, *[entry for entry, _ in entries])


if __name__ == "__main__":
    main(*sys.argv[1:])
