"""The use cases this project knows, one file a mechanism."""
