// The part of OpenSSL that the ledger uses. Only LedgerCrypto imports this module.
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
