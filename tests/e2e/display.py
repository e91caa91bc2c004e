"""A program that shows what is on the broker: one JSON line for each message, until it is ended."""

from __future__ import annotations

import json
import sys

from paho.mqtt import client as paho


def main(port: str, authority: str, user: str, password: str) -> None:
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.tls_set(authority)
    client.username_pw_set(user, password)
    client.on_connect = lambda *_: client.subscribe("eebus/#", qos=1)
    client.on_message = lambda _client, _data, message: print(
        json.dumps([message.topic, message.payload.decode(errors="replace")]), flush=True
    )
    client.connect("127.0.0.1", int(port))
    client.loop_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
