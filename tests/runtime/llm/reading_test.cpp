// SPDX-License-Identifier: MIT
//
// What goes out to a model, and how what comes back is read.
#include <doctest/doctest.h>

#include "runtime/llm/chat.hpp"
#include "tests/support/chat_answers.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

std::vector<sse_event> events_of(std::string_view bytes, std::size_t piece) {
  std::vector<sse_event> events;
  sse_reader reader;
  auto take = [&](const sse_event& e) { events.push_back(e); };
  for (std::size_t i = 0; i < bytes.size(); i += piece) reader.feed(bytes.substr(i, piece), take);
  reader.finish(take);
  return events;
}

std::unique_ptr<chat_reader> streamed(chat_api api, const std::string& bytes) {
  auto reader = make_chat_reader(api);
  for (const auto& e : events_of(bytes, 5)) reader->take(e);
  return reader;
}

chat_model model(chat_api api) {
  chat_model m;
  m.model = "m1";
  m.api = api;
  m.base_url = "http://127.0.0.1:1/v1/";
  return m;
}

chat_request question() { return {"be brief", {{"user", "hello"}}, 500, true}; }

}  // namespace

TEST_CASE("events are the same wherever the stream is cut and however its lines end") {
  const std::string lines =
      "\xEF\xBB\xBF: a comment\nevent: one\ndata: a\ndata:b\n\nid: 7\ndata\n\n\n\ndata: last\n\n";
  std::string with_cr, with_crlf;
  for (char c : lines) {
    with_cr += c == '\n' ? std::string("\r") : std::string(1, c);
    with_crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  }
  for (const auto& text : {lines, with_cr, with_crlf})
    for (std::size_t piece : {1, 2, 3, 1000}) {
      auto events = events_of(text, piece);
      REQUIRE(events.size() == 3);
      CHECK(events[0].name == "one");
      CHECK(events[0].data == "a\nb");
      CHECK(events[1].name.empty());
      CHECK(events[1].data.empty());
      CHECK(events[2].data == "last");
    }
}

TEST_CASE(
    "an event that lacks only its blank line is taken at the end, an event without data not") {
  CHECK(events_of("data: [DONE]", 4).size() == 1);
  CHECK(events_of("event: ping\n\n", 4).empty());
  CHECK(events_of("", 1).empty());
}

TEST_CASE("a streamed chat completion is read with its usage") {
  auto r = streamed(chat_api::openai, openai_stream("Hypothesis: caf\xC3\xA9 of many pieces"));
  CHECK(r->text == "Hypothesis: caf\xC3\xA9 of many pieces");
  CHECK(r->finish == chat_finish::stop);
  CHECK(r->ended);
  CHECK(r->usage.input == 100);
  CHECK(r->usage.output == 20);
  CHECK_FALSE(r->error);
}

TEST_CASE("usage that was not told, or makes no sense, is unknown and never 0") {
  for (const json& usage : {json(nullptr), json::object(), json{{"prompt_tokens", nullptr}},
                            json{{"prompt_tokens", -3}, {"completion_tokens", "many"}}}) {
    auto r = streamed(chat_api::openai, openai_stream("x", "stop", usage));
    CHECK(r->ended);
    CHECK_FALSE(r->usage.input);
    CHECK_FALSE(r->usage.output);
  }
  CHECK(
      streamed(chat_api::openai, openai_stream("x", "stop",
                                               {{"prompt_tokens", 9},
                                                {"completion_tokens", 0},
                                                {"prompt_tokens_details", {{"cached_tokens", 4}}}}))
          ->usage.cached_input == 4);
}

TEST_CASE("a whole document, null content, filters and errors inside a stream are read") {
  auto whole = make_chat_reader(chat_api::openai);
  whole->take_document(openai_document("text", {{"prompt_tokens", 1}, {"completion_tokens", 2}}));
  CHECK(whole->ended);
  CHECK(whole->text == "text");
  auto no_text = make_chat_reader(chat_api::openai);
  no_text->take(sse_event{"", R"({"choices":[{"delta":{"content":null}}],"extra":1})"});
  CHECK(no_text->text.empty());
  CHECK_FALSE(no_text->ended);
  CHECK(streamed(chat_api::openai, openai_stream("x", "length"))->finish == chat_finish::length);
  CHECK(streamed(chat_api::openai, openai_stream("x", "content_filter"))->finish ==
        chat_finish::refused);
  auto wrong = make_chat_reader(chat_api::openai);
  wrong->take(sse_event{"", R"({"error":{"message":"busy","type":"server_error","code":503}})"});
  REQUIRE(wrong->error);
  CHECK(wrong->error->message == "busy");
  CHECK(wrong->error->code == "503");
  for (const char* nonsense : {"{malformed", "[1]", "7"}) {
    auto r = make_chat_reader(chat_api::openai);
    r->take(sse_event{"", nonsense});
    CHECK(r->malformed);
  }
  auto no_answer = make_chat_reader(chat_api::openai);
  no_answer->take_document(json{{"hello", 1}});
  CHECK(no_answer->malformed);
}

TEST_CASE("Anthropic's messages are read, streamed and whole, with what the cache took") {
  auto r = streamed(chat_api::anthropic, anthropic_stream("An edit of some length"));
  CHECK(r->text == "An edit of some length");
  CHECK(r->ended);
  CHECK(r->usage.input == 100);
  CHECK(r->usage.cached_input == 60);
  CHECK(r->usage.output == 20);
  CHECK(streamed(chat_api::anthropic, anthropic_stream("x", "max_tokens"))->finish ==
        chat_finish::length);
  CHECK(streamed(chat_api::anthropic, anthropic_stream("x", "refusal"))->finish ==
        chat_finish::refused);
  auto whole = make_chat_reader(chat_api::anthropic);
  whole->take_document(
      {{"type", "message"},
       {"content",
        {{{"type", "thinking"}, {"thinking", "hm"}}, {{"type", "text"}, {"text", "yes"}}}},
       {"stop_reason", "end_turn"},
       {"usage", {{"input_tokens", 3}, {"output_tokens", 4}}}});
  CHECK(whole->text == "yes");
  CHECK(whole->usage.input == 3);
  auto wrong = make_chat_reader(chat_api::anthropic);
  wrong->take(sse_event{
      "error", R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"});
  REQUIRE(wrong->error);
  CHECK(wrong->error->type == "overloaded_error");
}

TEST_CASE("each dialect gets its address, headers and body") {
  auto openai = model(chat_api::openai);
  CHECK(chat_url(openai) == "http://127.0.0.1:1/v1/chat/completions");
  auto headers = chat_headers(openai, "k1");
  CHECK(std::count(headers.begin(), headers.end(), "Authorization: Bearer k1") == 1);
  CHECK_FALSE(contains(joined(chat_headers(openai, "")), "Authorization"));
  auto body = chat_body(openai, question(), {});
  CHECK(body["messages"][0] == json{{"role", "system"}, {"content", "be brief"}});
  CHECK(body["max_tokens"] == 500);
  CHECK(body["stream_options"]["include_usage"] == true);
  CHECK_FALSE(body.contains("temperature"));

  auto anthropic = model(chat_api::anthropic);
  anthropic.temperature = 0.5;
  CHECK(chat_url(anthropic) == "http://127.0.0.1:1/v1/messages");
  CHECK(contains(joined(chat_headers(anthropic, "k1")), "x-api-key: k1\n"));
  CHECK(contains(joined(chat_headers(anthropic, "k1")), "anthropic-version: 2023-06-01\n"));
  auto message = chat_body(anthropic, question(), {});
  CHECK(message["system"] == "be brief");
  CHECK(message["messages"].size() == 1);
  CHECK(message["max_tokens"] == 500);
  CHECK(message["temperature"] == 0.5);
  CHECK_FALSE(message.contains("stream_options"));
}

TEST_CASE("what a server does not know is left out when it says so, and nothing else") {
  auto m = model(chat_api::openai);
  m.temperature = 1;
  auto after = adapted(
      {}, 400,
      {"", "", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."});
  CHECK(after.max_completion_tokens);
  CHECK(chat_body(m, question(), after).contains("max_completion_tokens"));
  CHECK_FALSE(chat_body(m, question(), after).contains("max_tokens"));
  after = adapted(after, 400, {"", "", "unknown field stream_options"});
  after = adapted(after, 422, {"", "", "temperature is not supported"});
  auto body = chat_body(m, question(), after);
  CHECK_FALSE(body.contains("stream_options"));
  CHECK_FALSE(body.contains("temperature"));
  CHECK(adapted(after, 400, {"", "", "temperature is not supported"}) == after);
  CHECK(adapted({}, 500, {"", "", "temperature"}) == chat_quirks{});
}

TEST_CASE("errors are read from whatever a server says") {
  auto e = read_chat_error(R"({"error":{"message":"no","type":"t","code":"c"}})");
  CHECK(e.message == "no");
  CHECK(e.type == "t");
  CHECK(e.code == "c");
  CHECK(read_chat_error(R"({"error":"plain"})").message == "plain");
  CHECK(read_chat_error(R"({"detail":"fast"})").message == "fast");
  CHECK(read_chat_error("<html>502</html>").message == "<html>502</html>");
  CHECK(read_chat_error("").message.empty());
}
