"""EEBUS JSON: bytes to trees, trees to typed structures, and back (SHIP 1.0.1 §11)."""
