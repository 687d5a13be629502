"""Packages you installed: distinguish them from those of the image, list them on the volume, and reinstall them with pip."""
