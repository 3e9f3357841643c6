// SPDX-License-Identifier: MIT
//
// A libgit2 that is built with mbedTLS reads all the system's certificates when it starts, for
// connections that nothing here makes: a third of a short call. In this program its libmbedx509
// finds that they have been read. (Not in libratchet: a host may use mbedTLS itself.)

#ifdef RATCHET_ARCHIVES
// Linked in, the archive has the function as well: the linker gives callers this name.
#define mbedtls_x509_crt_parse_file __wrap_mbedtls_x509_crt_parse_file
#endif

extern "C" int mbedtls_x509_crt_parse_file(void* /*chain*/, const char* /*path*/) { return 0; }
