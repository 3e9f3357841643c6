// SPDX-License-Identifier: MIT
#include "tests/end_to_end/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ratchet::e2e {

namespace {

constexpr const char* program_path = RATCHET_BIN_DIR "/ratchet";

std::string read_all(int descriptor) {
  std::string text;
  char block[65536];
  for (off_t at = 0;;) {
    ssize_t n = ::pread(descriptor, block, sizeof block, at);
    if (n <= 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    at += n;
  }
}

// Whether nobody has the writing end open, waiting at most 10 s for that.
bool writers_gone(int reader) {
  double deadline = now_s() + 10;
  while (true) {
    char block[4096];
    ssize_t n = ::read(reader, block, sizeof block);
    if (n == 0) return true;
    if (n > 0) continue;
    int left = static_cast<int>((deadline - now_s()) * 1000);
    if (errno != EAGAIN || left <= 0) return false;
    pollfd wait{reader, POLLIN, 0};
    ::poll(&wait, 1, left);
  }
}

}  // namespace

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

temp_folder::temp_folder() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base && *base ? base : "/tmp") + "/ratchet_e2e_XXXXXX";
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path = fs::canonical(name);
}

temp_folder::~temp_folder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string shell(const fs::path& directory, const std::string& command) {
  std::string line = "cd '" + directory.string() + "' && { " + command + " ; } 2>&1";
  FILE* pipe = ::popen(line.c_str(), "r");
  REQUIRE(pipe);
  std::string output;
  char block[4096];
  while (std::size_t n = std::fread(block, 1, sizeof block, pipe)) output.append(block, n);
  int status = ::pclose(pipe);
  INFO(command << "\n" << output);
  CHECK(status == 0);
  return output;
}

picture picture_of(const fs::path& folder, const std::vector<std::string>& without) {
  picture all;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::end(it); ++it) {
    std::string path = it->path().lexically_relative(folder).string();
    bool skipped = false;
    for (const auto& w : without) skipped |= path.starts_with(w);
    if (skipped) {
      it.disable_recursion_pending();
      continue;
    }
    struct stat now {};
    if (::lstat(it->path().c_str(), &now) != 0) continue;
    std::ostringstream text;
    text << std::oct << now.st_mode << " ";
    if (S_ISREG(now.st_mode)) text << read_text(it->path());
    if (S_ISLNK(now.st_mode)) text << fs::read_symlink(it->path()).string();
    all[path] = text.str();
  }
  return all;
}

std::string differences(const picture& before, const picture& after) {
  std::string text;
  for (const auto& [path, value] : before) {
    auto it = after.find(path);
    if (it == after.end())
      text += "missing " + path + "\n";
    else if (it->second != value)
      text +=
          "changed " + path + ": " + value.substr(0, 60) + " -> " + it->second.substr(0, 60) + "\n";
  }
  for (const auto& [path, value] : after)
    if (!before.count(path)) text += "extra " + path + "\n";
  return text.substr(0, 2000);
}

json outcome::answer() const {
  json parsed = json::parse(out, nullptr, false);
  INFO("stdout: " << out.substr(0, 2000) << "\nstderr: " << err.substr(0, 2000) << "\nexit "
                  << exit_code << " signal " << signal);
  REQUIRE_FALSE(parsed.is_discarded());
  return parsed;
}

process::process(const std::vector<std::string>& argv, const fs::path& directory,
                 const std::vector<std::string>& environment) {
  out_ = ::memfd_create("out", MFD_CLOEXEC);
  err_ = ::memfd_create("err", MFD_CLOEXEC);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  witness_ = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out_, 1);
  posix_spawn_file_actions_adddup2(&actions, err_, 2);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 99);  // not close-on-exec: the witness
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  // Nobody's own settings may decide these tests.
  std::vector<std::string> variables{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
                                     "HOME=" + directory.string(), "LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  variables.insert(variables.end(), environment.begin(), environment.end());
  std::vector<char*> pointers;
  for (auto& v : variables) pointers.push_back(v.data());
  pointers.push_back(nullptr);
  started_ = now_s();
  int failed =
      ::posix_spawn(&pid_, argv[0].c_str(), &actions, nullptr, words.data(), pointers.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  INFO("cannot start " << argv[0]);
  REQUIRE(failed == 0);
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  REQUIRE(pidfd_ >= 0);
}

process::~process() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int fd : {pidfd_, out_, err_, witness_}) ::close(fd);
}

bool process::ends_within(double ms) {
  timespec wait{static_cast<time_t>(ms / 1000),
                static_cast<long>((ms - 1000.0 * static_cast<time_t>(ms / 1000)) * 1e6)};
  pollfd ended{pidfd_, POLLIN, 0};
  return ::ppoll(&ended, 1, &wait, nullptr) == 1;
}

void process::send_to_all(int signal) const {
  std::multimap<pid_t, pid_t> children;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    const auto stat = read_text(entry.path() / "stat");
    // "PID (NAME) STATE PARENT …": a name may have anything in it.
    std::istringstream rest(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
    std::string state;
    if (pid_t parent = 0; rest >> state >> parent)
      children.emplace(parent, std::atoi(entry.path().filename().c_str()));
  }
  std::vector<pid_t> all{pid_};
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto [first, last] = children.equal_range(all[i]);
    for (; first != last; ++first) all.push_back(first->second);
  }
  REQUIRE(all.size() > 3);  // the launcher, its supervisor and what that started
  for (pid_t pid : all) ::kill(pid, signal);
}

void process::send(int signal) const { ::kill(pid_, signal); }

outcome process::end() {
  if (reaped_) return outcome_;
  bool ended = ends_within(60'000);
  CHECK_MESSAGE(ended, "the program did not end within a minute");
  if (!ended) ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  reaped_ = true;
  outcome_.seconds = now_s() - started_;
  if (WIFEXITED(status)) outcome_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
  outcome_.out = read_all(out_);
  outcome_.err = read_all(err_);
  return outcome_;
}

bool process::all_gone() { return writers_gone(witness_); }

std::string process::out_so_far() const { return read_all(out_); }
std::string process::err_so_far() const { return read_all(err_); }

laboratory::~laboratory() {
  if (fifo_reader_ >= 0) ::close(fifo_reader_);
}

laboratory::laboratory() : program(program_path) {
  repository = folder.path / "repo";
  state = folder.path / "state";
  fs::create_directories(repository);
  ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  write_text(repository / "p.txt", "score: 5\n");
  write_text(repository / "other.txt", "1\n2\n3\n");
  shell(repository,
        "git init -q -b main . && git config user.name Tester && git config user.email "
        "t@example.org && git add -A && git commit -qm base");
}

std::vector<std::string> laboratory::command(const std::vector<std::string>& arguments) const {
  auto argv = place;
  argv.insert(argv.end(), {program, "--state-dir", state.string()});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

outcome laboratory::run(const std::vector<std::string>& arguments) const {
  return process(command(arguments), folder.path, environment).end();
}

outcome laboratory::call(const std::string& tool, const json& arguments) const {
  return run({"call", tool, arguments.dump(-1, ' ', false, json::error_handler_t::replace)});
}

json laboratory::ask(const std::string& tool, const json& arguments) const {
  auto done = call(tool, arguments);
  INFO(tool << " " << arguments.dump().substr(0, 500) << "\n" << done.out << done.err);
  CHECK(done.exit_code == 0);
  return done.answer();
}

json laboratory::setup_arguments(const json& more) const {
  json arguments{{"repo_path", repository.string()},
                 {"target_file", "p.txt"},
                 {"run_command", "cat p.txt"},
                 {"edit_backend", "host"}};
  arguments.update(more);
  return arguments;
}

std::string laboratory::start(const json& more) const {
  return ask("autoresearch_setup", setup_arguments(more)).value("session_id", "");
}

json laboratory::edit_to(const std::string& session, const std::string& text) const {
  return ask("autoresearch_edit", {{"session_id", session}, {"content", text}});
}

json laboratory::status(const std::string& session) const {
  return ask("get_autoresearch_status", {{"session_id", session}});
}

std::string laboratory::git(const std::string& arguments) const {
  return shell(repository, "git " + arguments);
}

picture laboratory::users() const {
  return picture_of(repository, {".git/objects", ".git/refs/heads/ratchet", ".git/refs/ratchet",
                                 ".git/logs/refs/heads/ratchet", ".git/logs/refs/ratchet"});
}

fs::path laboratory::worktree(const std::string& session) const {
  return state / "sessions" / session / "work";
}

long laboratory::rows(const std::string& table) const {
  sqlite3* store = nullptr;
  sqlite3_stmt* query = nullptr;
  long count = -1;
  std::string file = state / "ratchet.db", sql = "SELECT count(*) FROM " + table;
  if (sqlite3_open_v2(file.c_str(), &store, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(store, sql.c_str(), -1, &query, nullptr) == SQLITE_OK &&
      sqlite3_step(query) == SQLITE_ROW)
    count = static_cast<long>(sqlite3_column_int64(query, 0));
  sqlite3_finalize(query);
  sqlite3_close(store);
  return count;
}

fs::path laboratory::fifo() {
  fs::path path = folder.path / "witness";
  if (fifo_reader_ < 0) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    fifo_reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(fifo_reader_ >= 0);
  }
  return path;
}

bool laboratory::fifo_is_free() { return writers_gone(fifo_reader_); }

}  // namespace ratchet::e2e
