// LedgerReport
