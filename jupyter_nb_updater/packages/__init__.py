"""Added packages: tells them from those of the image, lists them on the volume, and reinstalls them with pip."""
