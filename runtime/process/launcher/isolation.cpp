// SPDX-License-Identifier: MIT
#include "runtime/process/launcher/isolation.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

namespace ratchet::launch {

namespace {

bool write_file(const char* path, const char* text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool written = write(fd, text, strlen(text)) == static_cast<ssize_t>(strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return written;
}

/// A user namespace in which the user keeps their own id, and no further one can be made: in a
/// nested one the command could cover read-only files by mounts of its own.
bool enter_user_namespace() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) != 0) return false;
  char map[64];
  snprintf(map, sizeof map, "%u %u 1", uid, uid);
  if (!write_file("/proc/self/uid_map", map)) return false;
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "%u %u 1", gid, gid);
  if (!write_file("/proc/self/gid_map", map)) return false;
  write_file("/proc/sys/user/max_user_namespaces", "0");
  return true;
}

/// A new network namespace has its loopback down, and many a test suite talks to itself.
void raise_loopback() {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ifreq request{};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

/// Without mount_setattr (before Linux 5.12): one mount, and keeping the flags a user namespace
/// must not clear.
bool remount_read_only(const char* path) {
  struct statvfs info {};
  unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
  if (statvfs(path, &info) == 0) {
    if (info.f_flag & ST_NOSUID) flags |= MS_NOSUID;
    if (info.f_flag & ST_NODEV) flags |= MS_NODEV;
    if (info.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
    if (info.f_flag & ST_NOATIME) flags |= MS_NOATIME;
    if (info.f_flag & ST_RELATIME) flags |= MS_RELATIME;
  }
  return mount(nullptr, path, nullptr, flags, nullptr) == 0;
}

bool make_read_only(const char* path) {
  if (mount(path, path, nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
  struct {
    std::uint64_t set, clear, propagation, userns;
  } attributes{1 /* MOUNT_ATTR_RDONLY */, 0, 0, 0};
  constexpr unsigned recursive = 0x8000;  // AT_RECURSIVE
  constexpr long mount_setattr = 442;
  if (syscall(mount_setattr, AT_FDCWD, path, recursive, &attributes, sizeof attributes) == 0)
    return true;
  return errno == ENOSYS && remount_read_only(path);
}

/// Mounts the overlay over the job's directory. The kernel reads the options as a list, in which
/// some characters would part it.
bool cover(const job& job, bool in_user_namespace) {
  if (strpbrk(job.directory, ",:\\") || strpbrk(job.overlay, ",:\\")) return false;
  char options[4096];  // the kernel takes one page
  // Without metacopy and redirects, what is in `upper` can be read without asking the overlay.
  const int n =
      snprintf(options, sizeof options,
               "%smetacopy=off,redirect_dir=off,lowerdir=%s,upperdir=%s/upper,workdir=%s/work",
               in_user_namespace ? "userxattr," : "", job.directory, job.overlay, job.overlay);
  return n > 0 && n < static_cast<int>(sizeof options) &&
         mount("overlay", job.directory, "overlay", 0, options) == 0;
}

bool refuse(run_report& report, stage stage, const char* detail = "") {
  report.error_number = errno;
  report.stage = stage;
  snprintf(report.detail, sizeof report.detail, "%s", detail);
  return false;
}

}  // namespace

bool isolate(const job& job, run_report& report) {
  const bool strict = job.header.sandbox == sandbox::strict;
  const bool want_network_off = job.header.network_off != 0;
  const bool want_read_only = job.header.read_only_paths > 0;
  const bool want_mounts = want_read_only || *job.overlay;
  if (job.header.sandbox == sandbox::none || (!want_network_off && !want_mounts)) return true;

  // Root may make the other namespaces as it is; but in a container root often may not.
  bool mounts_possible = want_mounts && unshare(CLONE_NEWNS) == 0;
  bool network_possible = want_network_off && unshare(CLONE_NEWNET) == 0;
  bool own_users = false;
  if (mounts_possible != want_mounts || network_possible != want_network_off) {
    own_users = enter_user_namespace();
    if (!own_users && strict &&
        ((want_read_only && !mounts_possible) || (want_network_off && !network_possible)))
      return refuse(report, stage::user_namespace);
    if (own_users && want_mounts && !mounts_possible) mounts_possible = unshare(CLONE_NEWNS) == 0;
    if (strict && want_read_only && !mounts_possible) return refuse(report, stage::mounts);
    if (own_users && want_network_off && !network_possible)
      network_possible = unshare(CLONE_NEWNET) == 0;
    if (strict && want_network_off && !network_possible) return refuse(report, stage::network);
  }
  if (network_possible) {
    raise_loopback();
    report.network_isolated = 1;
  }
  if (!mounts_possible) return true;
  // Never without private propagation: the mounts would show in the user's own namespace.
  const bool own = mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!own && strict && want_read_only) return refuse(report, stage::mounts, "/");
  if (!own) return true;
  // First: what is read-only below it has to be so in the overlay.
  report.overlaid = *job.overlay && cover(job, own_users) ? 1 : 0;
  bool all = want_read_only;
  for (char** path = job.read_only_paths; *path; ++path) {
    if (make_read_only(*path)) continue;
    if (strict) return refuse(report, stage::mounts, *path);
    all = false;
  }
  report.mounts_isolated = all ? 1 : 0;
  return true;
}

void confine_command(const job& job) {
  if (job.header.sandbox == sandbox::none) return;
  for (unsigned capability : {CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SYS_MODULE, CAP_SYS_RAWIO})
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  struct {
    std::uint64_t files, network, scopes;
  } ruleset{0, 0, 2 /* LANDLOCK_SCOPE_SIGNAL */};
  constexpr long create_ruleset = 444, restrict_self = 446;
  int fd = static_cast<int>(syscall(create_ruleset, &ruleset, sizeof ruleset, 0));
  if (fd < 0) return;
  syscall(restrict_self, fd, 0);
  close(fd);
}

}  // namespace ratchet::launch
