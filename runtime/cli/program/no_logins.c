// SPDX-License-Identifier: MIT
//
// A libgit2 that is linked in brings its ways to log in to servers, Kerberos among them, whose
// seven libraries would be loaded at each start for connections that nothing here makes.
#ifdef RATCHET_ARCHIVES
typedef unsigned int gss_status;

static const gss_status unavailable = 16u << 16;  // GSS_S_UNAVAILABLE of RFC 2744
void* GSS_C_NT_HOSTBASED_SERVICE = 0;

gss_status gss_delete_sec_context(void) { return unavailable; }
gss_status gss_display_status(void) { return unavailable; }
gss_status gss_import_name(void) { return unavailable; }
gss_status gss_indicate_mechs(void) { return unavailable; }
gss_status gss_init_sec_context(void) { return unavailable; }
gss_status gss_release_buffer(void) { return unavailable; }
gss_status gss_release_name(void) { return unavailable; }
gss_status gss_release_oid_set(void) { return unavailable; }
#else
typedef int not_needed;
#endif
