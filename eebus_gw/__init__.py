"""EEBUS gateway: wallboxes on the LAN, bridged to MQTT."""
