// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "runtime/llm/curl_library.hpp"
#include "runtime/llm/http.hpp"

namespace ratchet {

namespace {

using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point then) {
  return std::chrono::duration<double>(steady::now() - then).count();
}

long milliseconds(double seconds) {
  return static_cast<long>(std::ceil(std::clamp(seconds, 0.001, 1e6) * 1000));
}

std::string number(double seconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%g", seconds);
  return text;
}

struct easy_deleter {
  void operator()(CURL* c) const { libcurl().easy_cleanup(c); }
};
struct multi_deleter {
  void operator()(CURLM* c) const { libcurl().multi_cleanup(c); }
};
struct list_deleter {
  void operator()(curl_slist* l) const { libcurl().slist_free_all(l); }
};

/// One request on its way. The multi interface is used for its wake-up: a cancellation ends a wait
/// at once.
class transfer {
 public:
  transfer(const http_request& request, const http_port::body_sink& consume)
      : request_(request), consume_(consume) {}

  http_outcome run(std::stop_token stop) {
    if (!libcurl().missing.empty()) return failed(http_end::unreachable, libcurl().missing);
    easy_.reset(libcurl().easy_init());
    multi_.reset(libcurl().multi_init());
    if (!easy_ || !multi_) return failed(http_end::unreachable, "libcurl could not be started");
    prepare();
    std::stop_callback wake(stop, [this] { libcurl().multi_wakeup(multi_.get()); });
    libcurl().multi_add_handle(multi_.get(), easy_.get());
    auto code = drive(stop);
    libcurl().multi_remove_handle(multi_.get(), easy_.get());
    outcome_.sent = connected();
    take_status();
    if (stop.stop_requested()) return failed(http_end::cancelled, "cancelled");
    return code ? finished(*code) : outcome_;
  }

 private:
  void prepare() {
    CURL* c = easy_.get();
    for (const auto& header : request_.headers)
      headers_.reset(libcurl().slist_append(headers_.release(), header.c_str()));
    // Without it a long body would wait a second for a server that does not say "100 Continue".
    headers_.reset(libcurl().slist_append(headers_.release(), "Expect:"));
    libcurl().easy_setopt(c, CURLOPT_URL, request_.url.c_str());
    libcurl().easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    libcurl().easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    libcurl().easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    libcurl().easy_setopt(c, CURLOPT_POST, 1L);
    libcurl().easy_setopt(c, CURLOPT_POSTFIELDS, request_.body.data());
    libcurl().easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                          static_cast<curl_off_t>(request_.body.size()));
    libcurl().easy_setopt(c, CURLOPT_HTTPHEADER, headers_.get());
    libcurl().easy_setopt(c, CURLOPT_USERAGENT, "ratchet");
    libcurl().easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    libcurl().easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request_.connect_timeout_s));
    libcurl().easy_setopt(c, CURLOPT_TIMEOUT_MS, milliseconds(request_.timeout_s));
    libcurl().easy_setopt(c, CURLOPT_ERRORBUFFER, words_);
    libcurl().easy_setopt(c, CURLOPT_WRITEFUNCTION, &transfer::on_body);
    libcurl().easy_setopt(c, CURLOPT_WRITEDATA, this);
    libcurl().easy_setopt(c, CURLOPT_HEADERFUNCTION, &transfer::on_header);
    libcurl().easy_setopt(c, CURLOPT_HEADERDATA, this);
    libcurl().easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    libcurl().easy_setopt(c, CURLOPT_XFERINFOFUNCTION, &transfer::on_progress);
    libcurl().easy_setopt(c, CURLOPT_XFERINFODATA, this);
    // A proxy cannot reach this machine's own loopback.
    if (is_loopback(request_.url)) libcurl().easy_setopt(c, CURLOPT_PROXY, "");
  }

  /// Nothing: ended by us, and `outcome_` says why.
  std::optional<CURLcode> drive(const std::stop_token& stop) {
    int running = 1;
    moved_ = steady::now();
    while (!stop.stop_requested()) {
      if (libcurl().multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
      if (running == 0) break;
      double left = request_.idle_timeout_s - seconds_since(moved_);
      if (left <= 0 && connected()) {
        failed(http_end::idle, "nothing came for " + number(request_.idle_timeout_s) + " s");
        return std::nullopt;
      }
      // libcurl's own time-outs end the wait earlier; before there is a connection they alone rule.
      int wait = static_cast<int>(std::clamp(left * 1000 + 1, 20.0, 60'000.0));
      libcurl().multi_poll(multi_.get(), nullptr, 0, wait, nullptr);
    }
    if (running != 0) return std::nullopt;
    int queued = 0;
    while (CURLMsg* message = libcurl().multi_info_read(multi_.get(), &queued))
      if (message->msg == CURLMSG_DONE) return message->data.result;
    return CURLE_RECV_ERROR;
  }

  bool connected() const {
    curl_off_t at = 0;
    libcurl().easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &at);
    return at > 0;
  }

  void take_status() {
    long status = 0;
    libcurl().easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    outcome_.status = static_cast<int>(status);
    curl_off_t wait = 0;
    libcurl().easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &wait);
    if (wait > 0) outcome_.retry_after_s = static_cast<double>(wait);
  }

  http_outcome finished(CURLcode code) {
    if (code == CURLE_OK) return outcome_;
    if (too_long_)
      return failed(http_end::too_long,
                    "the answer has more than " + std::to_string(request_.max_bytes) + " bytes");
    std::string words = words_[0] ? words_ : libcurl().easy_strerror(code);
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT:
        if (!connected())
          return failed(http_end::unreachable,
                        "no connection within " + number(request_.connect_timeout_s) + " s");
        return failed(http_end::timed_out,
                      "not at its end after " + number(request_.timeout_s) + " s");
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return failed(http_end::untrusted, words);
      default:
        return failed(connected() ? http_end::cut : http_end::unreachable, words);
    }
  }

  http_outcome failed(http_end end, std::string words) {
    outcome_.end = end;
    outcome_.error = std::move(words);
    return outcome_;
  }

  static std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* me) {
    return static_cast<transfer*>(me)->take_body({bytes, one * count});
  }
  static std::size_t on_header(char* bytes, std::size_t one, std::size_t count, void* me) {
    static_cast<transfer*>(me)->take_header({bytes, one * count});
    return one * count;
  }
  static int on_progress(void* me, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
    auto* t = static_cast<transfer*>(me);
    if (down + up != t->bytes_) t->moved_ = steady::now();
    t->bytes_ = down + up;
    return 0;
  }

  std::size_t take_body(std::string_view bytes) {
    moved_ = steady::now();
    taken_ += bytes.size();
    too_long_ = taken_ > request_.max_bytes;
    if (too_long_) return CURL_WRITEFUNC_ERROR;
    if (outcome_.status == 0) {
      long status = 0;
      libcurl().easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
      outcome_.status = static_cast<int>(status);
    }
    consume_(outcome_, bytes);
    return bytes.size();
  }

  void take_header(std::string_view line) {
    moved_ = steady::now();
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) return outcome_.headers.clear();  // an interim answer's are void
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    outcome_.headers[name] = value;
  }

  const http_request& request_;
  const http_port::body_sink& consume_;
  std::unique_ptr<CURL, easy_deleter> easy_;
  std::unique_ptr<CURLM, multi_deleter> multi_;
  std::unique_ptr<curl_slist, list_deleter> headers_;
  char words_[CURL_ERROR_SIZE] = {};
  http_outcome outcome_;
  steady::time_point moved_ = steady::now();
  curl_off_t bytes_ = 0;
  std::size_t taken_ = 0;
  bool too_long_ = false;
};

class curl_client final : public http_port {
 public:
  http_outcome post(const http_request& request, const body_sink& consume,
                    std::stop_token stop) override {
    return transfer(request, consume).run(stop);
  }

  bool pause(double seconds, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    woken.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

std::shared_ptr<http_port> make_http_client() { return std::make_shared<curl_client>(); }

std::string why_no_http() { return libcurl().missing; }

bool is_loopback(std::string_view url) {
  auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  auto host = url.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find(':'));
  bool numeric = !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || (numeric && host.starts_with("127."));
}

}  // namespace ratchet
