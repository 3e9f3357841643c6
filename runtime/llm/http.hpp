// SPDX-License-Identifier: MIT
//
// One HTTP POST, as the model client sees it; libcurl behind it, a fake in tests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

struct http_request {
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  double connect_timeout_s = 15;
  double idle_timeout_s = 60;               ///< without a byte in either direction
  double timeout_s = 600;                   ///< from beginning to end
  std::size_t max_bytes = 8 * 1024 * 1024;  ///< of the answer's body
};

enum class http_end : unsigned char {
  answered,     ///< whole, whatever its status
  unreachable,  ///< no connection: nothing was sent
  untrusted,    ///< the server's certificate does not hold: nothing was sent
  cut,          ///< the connection broke before the end of the answer
  idle,         ///< nothing came for idle_timeout_s
  timed_out,    ///< not at its end after timeout_s
  too_long,     ///< more than max_bytes
  cancelled
};

/// What came back. `error` is for people; it never holds a header or body that was sent.
struct http_outcome {
  http_end end = http_end::answered;
  bool sent = false;                           ///< a connection was there: it may be worked on
  int status = 0;                              ///< 0: no status line came
  std::map<std::string, std::string> headers;  ///< by lower-case name
  std::optional<double> retry_after_s;         ///< of Retry-After, seconds or date
  std::string error;
};

class http_port {
 public:
  virtual ~http_port() = default;

  /// The body goes to `consume` as it comes, with what is known of the outcome then (the status,
  /// the headers). Neither redirects nor any protocol but http and https is followed.
  using body_sink = std::function<void(const http_outcome& so_far, std::string_view bytes)>;
  virtual http_outcome post(const http_request& request, const body_sink& consume,
                            std::stop_token stop) = 0;

  /// Waits before the next try; false when cancelled first.
  virtual bool pause(double seconds, std::stop_token stop) = 0;
};

/// libcurl. Safe from several threads.
std::shared_ptr<http_port> make_http_client();

/// Why no request can be made here; empty where one can. Loads libcurl.
std::string why_no_http();

/// The host of a URL is this machine: "localhost", 127.0.0.0/8 or [::1].
bool is_loopback(std::string_view url);

}  // namespace ratchet
