// SPDX-License-Identifier: MIT
//
// Many readers of /v1/events while events are written: whether each gets every event in order, how
// far behind it is, and what the server's memory does. Prints a JSON line.
//
//   sse_bench [readers 100] [events_per_second 10000] [seconds 5]
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstring>
#include <thread>

#include "runtime/store/sqlite_store.hpp"
#include "tests/bench/laboratory.hpp"

using ratchet::json;
using namespace ratchet::bench;

namespace {

struct server {
  pid_t pid;
  std::uint16_t port;
};

server start_server(const fs::path& state) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) give_up("no pipe");
  const auto program = (fs::read_symlink("/proc/self/exe").parent_path() / "ratchet").string();
  pid_t pid = fork();
  if (pid == 0) {
    dup2(out[1], 1);
    execl(program.c_str(), "ratchet", "--json", "--state-dir", state.c_str(), "mcp", "--http", "0",
          nullptr);
    _exit(127);
  }
  close(out[1]);
  char line[4096];
  FILE* from = fdopen(out[0], "r");
  if (!std::fgets(line, sizeof line, from)) give_up("the server did not start");
  const auto url = json::parse(line)["events"].get<std::string>();
  return {pid, static_cast<std::uint16_t>(std::stoi(url.substr(url.find(':', 6) + 1)))};
}

double resident_mb(pid_t pid) {
  long total = 0, resident = 0;
  std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> total >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1e6;
}

struct reader {
  int fd = -1;
  std::int64_t seen = 0;
  long gaps = 0;
  std::string partial;
};

int connect_reader(std::uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) give_up("no connection");
  const std::string ask = "GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  if (send(fd, ask.data(), ask.size(), 0) < 0) give_up("the server does not read");
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

/// Finds the `id: N` lines and checks that they follow on each other.
void consume(reader& r, const char* bytes, std::size_t size) {
  r.partial.append(bytes, size);
  std::size_t begin = 0;
  while (true) {
    auto end = r.partial.find('\n', begin);
    if (end == std::string::npos) break;
    if (r.partial.compare(begin, 4, "id: ") == 0) {
      auto seq = std::strtoll(r.partial.c_str() + begin + 4, nullptr, 10);
      if (seq != r.seen + 1) ++r.gaps;
      r.seen = seq;
    }
    begin = end + 1;
  }
  r.partial.erase(0, begin);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100;
  const int rate = argc > 2 ? std::atoi(argv[2]) : 10'000;
  const int seconds = argc > 3 ? std::atoi(argv[3]) : 5;
  const fs::path base = fs::temp_directory_path() / ("sse_bench." + std::to_string(getpid()));
  auto store = ratchet::open_store(base);
  if (!store) give_up(store.error().text);
  auto served = start_server(base);
  std::vector<reader> readers(static_cast<std::size_t>(count));
  int poller = epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    readers[i].fd = connect_reader(served.port);
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.u64 = i;
    epoll_ctl(poller, EPOLL_CTL_ADD, readers[i].fd, &e);
  }
  const double before = resident_mb(served.pid);
  const std::int64_t total = static_cast<std::int64_t>(rate) * seconds;
  auto began = clock_type::now();
  std::thread writer([&] {
    const int batch = rate / 100;
    for (int i = 0; i < 100 * seconds; ++i) {
      ratchet::step_write w;
      w.safety = ratchet::durability::process;
      for (int k = 0; k < batch; ++k)
        w.events.push_back({0, "autoresearch.iteration", "0123456789ab", "2026-01-01T00:00:00Z",
                            json{{"iteration", i}, {"metric_value", 1.5}, {"best_metric", 1.5}}});
      if (auto ok = (*store)->write(w); !ok) give_up(ok.error().text);
      std::this_thread::sleep_until(began + std::chrono::milliseconds(10 * (i + 1)));
    }
  });
  double written_ms = 0, peak = before;
  std::size_t finished = 0;
  std::vector<char> buffer(1 << 18);
  auto last_look = clock_type::now();
  while (finished < readers.size()) {
    epoll_event ready[64];
    int n = epoll_wait(poller, ready, 64, 1000);
    for (int i = 0; i < n; ++i) {
      auto& r = readers[ready[i].data.u64];
      auto got = recv(r.fd, buffer.data(), buffer.size(), 0);
      if (got == 0) give_up("the server closed a stream at event " + std::to_string(r.seen));
      if (got < 0) continue;
      const bool was = r.seen >= total;
      consume(r, buffer.data(), static_cast<std::size_t>(got));
      if (!was && r.seen >= total) ++finished;
    }
    if (ms_since(last_look) > 100) {
      last_look = clock_type::now();
      peak = std::max(peak, resident_mb(served.pid));
      if (ms_since(began) > 120'000) give_up("not over within two minutes");
    }
  }
  const double read_ms = ms_since(began);
  writer.join();
  written_ms = 1000.0 * seconds;
  long gaps = 0;
  for (const auto& r : readers) gaps += r.gaps;
  kill(served.pid, SIGTERM);
  waitpid(served.pid, nullptr, 0);
  std::printf("%s\n",
              json{{"readers", count},
                   {"events", total},
                   {"gaps", gaps},
                   {"written_in_ms", written_ms},
                   {"all_read_after_ms", read_ms},
                   {"deliveries_per_second", static_cast<double>(total) * count / read_ms * 1000},
                   {"server_mb_before", before},
                   {"server_mb_peak", peak}}
                  .dump()
                  .c_str());
  fs::remove_all(base);
}
