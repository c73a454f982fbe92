"""Where money moves outside: the treasury that allocates, the bank that pays. Each keeps a book of its own on disk."""
