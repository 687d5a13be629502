"""Packages that somebody has added: told apart from those of the image, kept as a list, put back by pip."""
