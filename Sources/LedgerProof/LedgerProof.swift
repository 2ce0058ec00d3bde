// LedgerProof
