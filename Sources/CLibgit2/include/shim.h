// The part of libgit2 that the ledger uses. Only LedgerIngest/Git imports this module.
#pragma once
#include <git2.h>
