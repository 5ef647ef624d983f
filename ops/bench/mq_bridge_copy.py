"""mq-bridge from a Redis stream into PostgreSQL by COPY, with one reader and batches of 4096.

usage: mq_bridge_copy.py REDIS_URL DATABASE_URL STREAM TABLE COLUMN …

Its entries carry one field `payload`, the row as a JSON object. The route ends by itself when the stream is empty.
"""

import logging
import sys

import mq_bridge


def main(redis_url, database_url, stream, table, *columns):
    logging.basicConfig(level=logging.WARNING)
    mq_bridge.init_logging("warn")
    values = ", ".join(f"${{payload:{column}}}" for column in columns)
    route = mq_bridge.Route.from_config(
        {
            "input": {
                "redis_streams": {
                    "url": redis_url,
                    "stream": stream,
                    "group": "rival",
                    "consumer_name": "one",
                    "read_from_start": True,
                    "reader_connections": 1,
                    "internal_buffer_size": 8192,
                    "block_ms": 50,
                }
            },
            "output": {
                "sqlx": {
                    "url": database_url,
                    "table": table,
                    "insert_query": f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})",
                    "bulk_copy": True,
                }
            },
            "batch_size": 4096,
            "exit_on_empty": True,
        },
        "rival",
    )
    route.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
