"""The organization document: one small file by which an organization says what it wants of its instances.

It can only ask for a restart: there is no command in it, no markup, and no link that is not https.
"""
