// SPDX-License-Identifier: MIT
#include "runtime/tls/node_key.hpp"

#include <sodium.h>

#include <algorithm>

#include "actors/logic/hex.hpp"
#include "runtime/store/state_directory.hpp"
#include "runtime/tls/private_file.hpp"

namespace ratchet::net {

namespace {

constexpr std::string_view prefix = "ratchet-key/1 ";
constexpr std::size_t seed_size = crypto_sign_SEEDBYTES;
static_assert(crypto_sign_SECRETKEYBYTES == 64);

void begin_sodium() {
  static const bool begun = [] {
    if (sodium_init() < 0) throw std::runtime_error("libsodium found no source of randomness");
    return true;
  }();
  static_cast<void>(begun);
}

std::string_view as_text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

node_key::node_key(const unsigned char* seed) {
  begin_sodium();
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_.data(), seed);
  id_ = to_hex(as_text(public_key.data(), public_key.size()));
}

node_key::~node_key() { sodium_memzero(secret_.data(), secret_.size()); }

node_key node_key::generate() {
  begin_sodium();
  std::array<unsigned char, seed_size> seed{};
  randombytes_buf(seed.data(), seed.size());
  node_key key(seed.data());
  sodium_memzero(seed.data(), seed.size());
  return key;
}

expected<node_key> node_key::from_seed_hex(std::string_view hex) {
  auto seed = from_hex(hex);
  if (!seed || seed->size() != seed_size)
    return fail(errc::invalid_argument, "a key must be 64 hexadecimal digits");
  node_key key(as_bytes(*seed));
  sodium_memzero(seed->data(), seed->size());
  return key;
}

expected<node_key> node_key::open(const std::filesystem::path& state_dir) {
  const auto directory = state_dir / "node";
  const auto file = directory / "key";
  if (auto made = make_directory(directory); !made) return made.error();
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
    auto key = generate();
    auto made = create_private_file(file, std::string(prefix) + key.seed_hex() + "\n");
    if (!made) return made.error();
    if (*made) return key;  // else another process was faster
  }
  auto text = read_private_file(file, 256);
  if (!text) return text.error();
  std::string_view line = *text;
  if (line.ends_with('\n')) line.remove_suffix(1);
  auto key = line.starts_with(prefix) ? from_seed_hex(line.substr(prefix.size()))
                                      : expected<node_key>(fail(errc::invalid_argument, ""));
  sodium_memzero(text->data(), text->size());
  if (key) return key;
  return fail(errc::store_failed,
              file.string() +
                  " is no key of this version of Ratchet. Restore it from a backup; moved away, a "
                  "new one is made, and whoever knew this node must be told its new id",
              json{{"file", file.string()}});
}

std::string node_key::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       as_bytes(message), message.size(), secret_.data());
  return signature;
}

std::string_view node_key::seed() const { return as_text(secret_.data(), seed_size); }
std::string node_key::seed_hex() const { return to_hex(seed()); }

bool signed_by(std::string_view node_id, std::string_view message, std::string_view signature) {
  begin_sodium();
  if (!is_node_id(node_id) || signature.size() != crypto_sign_BYTES) return false;
  const auto public_key = from_hex(node_id);
  return crypto_sign_verify_detached(as_bytes(signature), as_bytes(message), message.size(),
                                     as_bytes(*public_key)) == 0;
}

}  // namespace ratchet::net
