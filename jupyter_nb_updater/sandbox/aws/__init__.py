"""The emulated AWS APIs: moto, and what moto lacks."""
