"""Keys of the store, and the one door to the operating system's key store.

`keys` holds the ways in, `slots` seals the database key for each of them, `vault_file` keeps the slots in `vault.json`
and its second copy, `key_store` asks
the system, `pin` keeps a short PIN.
"""
