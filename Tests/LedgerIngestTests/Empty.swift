// LedgerIngestTests
