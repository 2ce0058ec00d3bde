// The part of libgit2 that the ledger uses. Only LedgerIngest/Git imports this module.
#pragma once
#include <git2.h>

// Starts libgit2 for the life of the process and sets its options, which are variadic and so out of
// Swift's reach. Returns a negative libgit2 error code if it can't.
int ledger_git_start(void);

// Moves both places on to the next entries that differ, and tells which: -1 if only the first tree has
// it, 1 if only the second, 0 if both have one of this name; 2 if there is none. Neither tree may be
// null. Most entries of two trees are equal, so that they are passed here and not one by one in Swift.
int ledger_git_next_difference(const git_tree *first, size_t *first_place,
                               const git_tree *second, size_t *second_place);

// Whether a file holds a loose object from its beginning to its end: 1 if so, or if there is no such
// file; 0 if the compressed bytes are damaged or end too early; -1 if it can't be read (see errno).
int ledger_git_loose_object_is_whole(const char *path);
