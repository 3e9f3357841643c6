// SPDX-License-Identifier: MIT
#include "runtime/cli/captured_log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>

namespace ratchet::cli {

namespace {

class telling_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit telling_sink(std::function<void(std::string)> tell) : tell_(std::move(tell)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    auto level = spdlog::level::to_string_view(message.level);
    tell_(std::string(level.data(), level.size()) + ": " +
          std::string(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

 private:
  std::function<void(std::string)> tell_;
};

}  // namespace

captured_log::captured_log(std::function<void(std::string)> tell)
    : before_(spdlog::default_logger()) {
  auto logger =
      std::make_shared<spdlog::logger>("terminal", std::make_shared<telling_sink>(std::move(tell)));
  logger->set_level(before_->level());
  spdlog::set_default_logger(std::move(logger));
}

captured_log::~captured_log() { spdlog::set_default_logger(before_); }

}  // namespace ratchet::cli
