// LedgerReportTests
