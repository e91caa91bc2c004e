"""The product: wallboxes on one side, MQTT on the other."""
