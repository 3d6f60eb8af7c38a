"""The policies that come with Sekisho: data only, one TOML file each.

A package, so that no folder `policies` of the working directory can stand in for it.
"""
