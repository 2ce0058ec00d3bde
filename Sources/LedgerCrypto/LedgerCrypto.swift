// LedgerCrypto
