// SPDX-License-Identifier: MIT
#include "runtime/process/launcher_link.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <boost/process/posix.hpp>
#include <cerrno>
#include <cstring>

#include "runtime/process/launch_protocol.hpp"

namespace ratchet {

namespace {

failure launcher_failed(const std::filesystem::path& program, const std::string& why) {
  return fail(errc::process_failed, "the launcher " + program.string() +
                                        " could not be started: " + why +
                                        "; reinstall Ratchet, or set RATCHET_LAUNCHER to the "
                                        "path of ratchet-launcher");
}

}  // namespace

expected<std::shared_ptr<launcher_link>> launcher_link::start(
    const std::filesystem::path& program) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return launcher_failed(program, std::strerror(errno));
  file_descriptor ours(pair[0]);
  file_descriptor theirs(pair[1]);

  namespace process = boost::process;
  std::error_code error;
  // No environment: the launcher needs none, and a command could read it in /proc.
  process::child child(process::exe = program.string(), process::environment(),
                       process::posix::fd.bind(STDIN_FILENO, theirs.get()), error);
  if (error) return launcher_failed(program, error.message());
  const int pid = child.id();
  child.detach();  // waited for in our destructor, not terminated in the child object's
  return std::make_shared<launcher_link>(pid, std::move(ours));
}

launcher_link::~launcher_link() {
  socket_.close();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool launcher_link::submit(const run_ends& ends) const {
  launch::run_ticket ticket;
  ticket.has_input = ends.input >= 0 ? 1 : 0;
  const std::array<int, 3> sent{ends.control, ends.output, ends.input};
  const std::size_t size = (ends.input >= 0 ? 3 : 2) * sizeof(int);

  iovec data{&ticket, sizeof ticket};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof sent)> room{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), sent.data(), size);
  ssize_t n = 0;
  do n = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == sizeof ticket;
}

expected<std::shared_ptr<launcher_link>> launcher_slot::get() {
  std::lock_guard lock(mutex_);
  if (!link_) {
    auto started = launcher_link::start(program_);
    if (!started) return started.error();
    link_ = *started;
  }
  return link_;
}

void launcher_slot::discard(const std::shared_ptr<launcher_link>& dead) {
  std::lock_guard lock(mutex_);
  if (link_ == dead) link_.reset();
}

}  // namespace ratchet
