// LedgerIngest
