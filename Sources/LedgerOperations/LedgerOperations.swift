// LedgerOperations
