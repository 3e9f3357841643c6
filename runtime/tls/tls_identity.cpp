// SPDX-License-Identifier: MIT
#include "runtime/tls/tls_identity.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "actors/logic/hex.hpp"

namespace ratchet::net {

namespace {

constexpr std::size_t key_size = 32;
constexpr long max_certificate_bytes = 4096;

struct free_openssl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, free_openssl>;
using certificate_ptr = std::unique_ptr<X509, free_openssl>;

void must(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

key_ptr private_key(const node_key& key) {
  const auto seed = key.seed();
  key_ptr made(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
  must(made != nullptr, "use an Ed25519 key");
  return made;
}

/// What this process's certificates are numbered.
std::uint64_t own_process() {
  static const std::uint64_t number = std::stoull(random_hex(16), nullptr, 16) >> 1;
  return number;
}

/// Nobody looks at its name or dates, but a certificate must have them.
certificate_ptr certificate_of(EVP_PKEY* key) {
  certificate_ptr made(X509_new());
  must(made != nullptr, "make a certificate");
  X509* x = made.get();
  X509_NAME* name = X509_get_subject_name(x);
  const auto* text = reinterpret_cast<const unsigned char*>("ratchet node");
  must(X509_set_version(x, 2) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), own_process()) == 1 &&
           ASN1_TIME_set_string(X509_getm_notBefore(x), "20200101000000Z") == 1 &&
           ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
           X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
           X509_sign(x, key, nullptr) > 0,
       "sign a certificate");
  return made;
}

/// Empty when the key is no Ed25519 key.
std::string node_id_of(X509* certificate) {
  if (!certificate) return "";
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  std::array<unsigned char, key_size> raw{};
  std::size_t size = raw.size();
  if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size())
    return "";
  return to_hex({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

std::string process_of(X509* certificate) {
  std::uint64_t number = 0;
  const auto* serial = X509_get0_serialNumber(certificate);
  if (!serial || ASN1_INTEGER_get_uint64(&number, serial) != 1) return "";
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

/// In place of the walk up a chain of authorities. That the peer holds the key's private half, TLS
/// 1.3 itself checks next.
int judge_certificate(X509_STORE_CTX* store, void* argument) {
  const auto& accept = *static_cast<const tls_identity::judge*>(argument);
  auto* connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  const auto id = node_id_of(certificate);
  const auto protocol = tls_identity::protocol_of(connection);
  // The connecting side reads the server's choice together with its certificate.
  if (!id.empty() && accept(protocol, id, process_of(certificate))) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned offered_length, void* argument) {
  const auto& served = *static_cast<const std::string*>(argument);
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(served.data()),
                            static_cast<unsigned>(served.size()), offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

tls_identity::tls_identity(const node_key& own, std::vector<std::string> protocols, judge accept)
    : context_(boost::asio::ssl::context::tls), accept_(std::move(accept)) {
  for (const auto& p : protocols) protocols_ += static_cast<char>(p.size()) + p;
  SSL_CTX* c = context_.native_handle();
  auto key = private_key(own);
  auto certificate = certificate_of(key.get());
  must(SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_use_certificate(c, certificate.get()) == 1 &&
           SSL_CTX_use_PrivateKey(c, key.get()) == 1 &&
           SSL_CTX_set1_sigalgs_list(c, "ed25519") == 1 &&
           SSL_CTX_set1_client_sigalgs_list(c, "ed25519") == 1 &&
           SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1,
       "prepare TLS 1.3");
  // A resumed connection would not look at the key again.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_max_cert_list(c, max_certificate_bytes);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(c, &judge_certificate, &accept_);
}

std::shared_ptr<tls_identity> tls_identity::serve(const node_key& own,
                                                  std::vector<std::string> protocols,
                                                  judge accept) {
  std::shared_ptr<tls_identity> made(
      new tls_identity(own, std::move(protocols), std::move(accept)));
  SSL_CTX_set_alpn_select_cb(made->context_.native_handle(), &choose_protocol, &made->protocols_);
  return made;
}

std::shared_ptr<tls_identity> tls_identity::ask(const node_key& own, std::string_view protocol,
                                                judge accept) {
  std::shared_ptr<tls_identity> made(
      new tls_identity(own, {std::string(protocol)}, std::move(accept)));
  const auto& p = made->protocols_;
  must(SSL_CTX_set_alpn_protos(made->context_.native_handle(),
                               reinterpret_cast<const unsigned char*>(p.data()),
                               static_cast<unsigned>(p.size())) == 0,
       "name the protocol");
  return made;
}

std::string tls_identity::peer_of(SSL* connection) {
  return node_id_of(SSL_get0_peer_certificate(connection));
}

std::string tls_identity::protocol_of(SSL* connection) {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(connection, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

}  // namespace ratchet::net
