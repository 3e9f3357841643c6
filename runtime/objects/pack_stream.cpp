// SPDX-License-Identifier: MIT
#include "runtime/objects/pack_stream.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>

namespace ratchet::git {

namespace {

constexpr std::size_t header_bytes = 12, trailer_bytes = 20;

[[noreturn]] void refuse_damaged(const std::string& how) {
  refuse(errc::workspace_failed, "the pack that arrived " + how + "; send the base again");
}

[[noreturn]] void refuse_beyond(const std::string& what, std::uint64_t limit) {
  refuse(errc::repository_refused, "the repository has " + what + " than the " +
                                       std::to_string(limit) +
                                       " that may travel; raise the limit, or make it smaller");
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

/// zlib takes no const pointers.
Bytef* bytes_for_zlib(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

// -- writing --------------------------------------------------------------------------------------

struct pack_writer::machinery {
  explicit machinery(const chunk_sink& s) : sink(s) {
    if (deflateInit(&z, Z_BEST_SPEED) != Z_OK) throw std::bad_alloc();
    EVP_DigestInit_ex(sha1.get(), EVP_sha1(), nullptr);
    buffer.reserve(max_chunk_bytes);
  }
  ~machinery() { deflateEnd(&z); }

  const chunk_sink& sink;
  z_stream z{};
  std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>> sha1{EVP_MD_CTX_new()};
  std::string buffer;
  std::uint64_t sent = 0;
};

pack_writer::pack_writer(const chunk_sink& sink, std::uint32_t objects)
    : m_(std::make_unique<machinery>(sink)) {
  put("PACK" + big_endian(2) + big_endian(objects));
}

pack_writer::~pack_writer() = default;

void pack_writer::put(std::string_view bytes) {
  EVP_DigestUpdate(m_->sha1.get(), bytes.data(), bytes.size());
  while (!bytes.empty()) {
    auto part = bytes.substr(0, max_chunk_bytes - m_->buffer.size());
    m_->buffer.append(part);
    bytes.remove_prefix(part.size());
    if (m_->buffer.size() == max_chunk_bytes) flush();
  }
}

void pack_writer::flush() {
  if (m_->buffer.empty()) return;
  if (auto taken = m_->sink(m_->buffer); !taken) throw refusal{taken.error()};
  m_->sent += m_->buffer.size();
  m_->buffer.clear();
}

void pack_writer::add(git_object_t type, std::string_view bytes) {
  // Four bits of size beside the type, then seven a byte.
  std::size_t size = bytes.size();
  auto first = static_cast<unsigned char>((static_cast<unsigned>(type) << 4) | (size & 15));
  std::string header;
  for (size >>= 4; size; size >>= 7) {
    header += static_cast<char>(first | 0x80);
    first = size & 0x7F;
  }
  header += static_cast<char>(first);
  put(header);

  std::array<char, 64 * 1024> block;
  deflateReset(&m_->z);
  int rc = Z_OK;
  while (rc != Z_STREAM_END) {
    // zlib counts in 32 bits
    auto part = bytes.substr(0, 1U << 30);
    bytes.remove_prefix(part.size());
    m_->z.next_in = bytes_for_zlib(part);
    m_->z.avail_in = static_cast<uInt>(part.size());
    do {
      m_->z.next_out = reinterpret_cast<Bytef*>(block.data());
      m_->z.avail_out = block.size();
      rc = deflate(&m_->z, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
      put({block.data(), block.size() - m_->z.avail_out});
    } while (m_->z.avail_out == 0 && rc != Z_STREAM_END);
  }
}

std::uint64_t pack_writer::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  EVP_DigestFinal_ex(m_->sha1.get(), sum.data(), nullptr);
  put({reinterpret_cast<const char*>(sum.data()), trailer_bytes});
  flush();
  return m_->sent;
}

// -- looking through ------------------------------------------------------------------------------

struct pack_check::machinery {
  enum class state { header, object_header, object, trailer, done };

  explicit machinery(const transfer_limits& l) : limits(l) {
    if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  }
  ~machinery() { inflateEnd(&z); }

  transfer_limits limits;
  z_stream z{};
  state at = state::header;
  std::string fixed;  ///< of the header or the trailer, so far
  std::uint64_t fed = 0, inflated = 0;
  std::uint32_t objects_left = 0;
  std::uint64_t size = 0;  ///< of the object, as its header says
  unsigned shift = 0;      ///< of the next part of that
  std::uint64_t object_inflated = 0;
  std::array<char, 64 * 1024> block;

  void read_header() {
    auto number = [&](std::size_t from) {
      std::uint32_t value = 0;
      for (std::size_t i = from; i < from + 4; ++i)
        value = value << 8 | static_cast<unsigned char>(fixed[i]);
      return value;
    };
    if (fixed.compare(0, 4, "PACK") != 0 || number(4) != 2) refuse_damaged("is no git pack");
    objects_left = number(8);
    if (objects_left > limits.objects) refuse_beyond("more objects", limits.objects);
    fixed.clear();
    next_object();
  }
  void next_object() {
    at = objects_left ? state::object_header : state::trailer;
    size = shift = 0;
    object_inflated = 0;
  }
  void read_object_header(unsigned char byte) {
    if (shift == 0) {
      unsigned type = (byte >> 4) & 7;
      if (type < GIT_OBJECT_COMMIT || type > GIT_OBJECT_BLOB)
        refuse_damaged("holds an object that is no commit, tree or blob");
      size = byte & 15;
      shift = 4;
    } else {
      if (shift > 56) refuse_damaged("is damaged");
      size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      shift += 7;
    }
    if (byte & 0x80) return;
    if (size > limits.object_bytes)
      refuse_beyond("an object of " + std::to_string(size) + " bytes, more", limits.object_bytes);
    inflated += size;
    if (inflated > limits.inflated_bytes)
      refuse_beyond("more bytes in its files and folders", limits.inflated_bytes);
    inflateReset(&z);
    at = state::object;
  }
  /// Returns how much it used.
  std::size_t read_object(std::string_view bytes) {
    auto part = bytes.substr(0, 1U << 30);
    z.next_in = bytes_for_zlib(part);
    z.avail_in = static_cast<uInt>(part.size());
    for (;;) {
      z.next_out = reinterpret_cast<Bytef*>(block.data());
      z.avail_out = block.size();
      int rc = inflate(&z, Z_NO_FLUSH);
      object_inflated += block.size() - z.avail_out;
      if ((rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) || object_inflated > size)
        refuse_damaged("is damaged");
      if (rc == Z_STREAM_END) {
        if (object_inflated != size) refuse_damaged("is damaged");
        --objects_left;
        next_object();
        break;
      }
      if (z.avail_out != 0) break;  // it needs more to go on
    }
    return part.size() - z.avail_in;
  }
  std::size_t take_fixed(std::string_view bytes, std::size_t wanted) {
    auto part = bytes.substr(0, wanted - fixed.size());
    fixed.append(part);
    return part.size();
  }
};

pack_check::pack_check(const transfer_limits& limits) : m_(std::make_unique<machinery>(limits)) {}
pack_check::~pack_check() = default;

void pack_check::feed(std::string_view bytes) {
  using state = machinery::state;
  auto& m = *m_;
  m.fed += bytes.size();
  if (m.fed > m.limits.pack_bytes) refuse_beyond("more bytes", m.limits.pack_bytes);
  while (!bytes.empty()) {
    std::size_t used = 1;
    switch (m.at) {
      case state::header:
        used = m.take_fixed(bytes, header_bytes);
        if (m.fixed.size() == header_bytes) m.read_header();
        break;
      case state::object_header:
        m.read_object_header(static_cast<unsigned char>(bytes.front()));
        break;
      case state::object:
        used = m.read_object(bytes);
        break;
      case state::trailer:
        used = m.take_fixed(bytes, trailer_bytes);
        if (m.fixed.size() == trailer_bytes) m.at = state::done;
        break;
      case state::done:
        refuse_damaged("goes on after its end");
    }
    bytes.remove_prefix(used);
  }
}

void pack_check::finish() const {
  if (m_->at != machinery::state::done) refuse_damaged("ends too early");
}

}  // namespace ratchet::git
