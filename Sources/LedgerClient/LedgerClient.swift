// LedgerClient
