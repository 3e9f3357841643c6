// SPDX-License-Identifier: MIT
#include "actors/logic/requirements.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

machine_facts lab_machine() {
  machine_facts m;
  m.name = "lab-2";
  m.arch = "x86_64";
  m.cpu = "EPYC 7763";
  m.cpus = 8;
  m.memory_mb = 32 << 10;
  m.os = "linux 6.1.0";
  m.labels = {{"gpu", "a100"}, {"rack", "7"}, {"quiet", ""}};
  return m;
}

}  // namespace

TEST_CASE("requirements are met by labels and by facts of the machine") {
  for (const char* met : {"gpu", "quiet", "gpu=a100", "arch=x86_64", "os=linux", "os=linux 6.1.0",
                          "name=lab-2", "cpus>=8", "memory_gb>=32", "rack>=3", "cpus"})
    CHECK_MESSAGE(meets(lab_machine(), met), met);
  for (const char* unmet : {"fpga", "gpu=h100", "arch=aarch64", "os=freebsd", "cpus>=9",
                            "memory_gb>=33", "quiet>=1", "gpu>=1", "os=lin"})
    CHECK_MESSAGE(!meets(lab_machine(), unmet), unmet);
  CHECK(meets_all(lab_machine(), {}));
  CHECK(meets_all(lab_machine(), {"gpu", "cpus>=2"}));
  CHECK(!meets_all(lab_machine(), {"gpu", "cpus>=20"}));
}

TEST_CASE("a requirement that can be read in no way is said to be so") {
  for (const char* good : {"gpu", "gpu=a b", "cpus>=2", "x.y-z_1", "load>=0.5"})
    CHECK_MESSAGE(requirement_fault(good).empty(), good);
  for (const char* bad : {"", "=x", "gpu=", "a b", "cpus>=", "cpus>=many", ">=3", "gpu!"})
    CHECK_MESSAGE(!requirement_fault(bad).empty(), bad);
  CHECK(!requirement_fault(std::string(65, 'a')).empty());
}

TEST_CASE("machines are of one class when their processors and labels are the same") {
  auto other = lab_machine();
  other.name = "lab-3";
  other.os = "linux 6.5";
  CHECK(machine_class(other) == machine_class(lab_machine()));
  other.cpus = 16;
  CHECK(machine_class(other) != machine_class(lab_machine()));
  other = lab_machine();
  other.labels.erase("gpu");
  CHECK(machine_class(other) != machine_class(lab_machine()));
}

TEST_CASE("what differs between a worker and its node is told by the worker's values") {
  auto worker = lab_machine();
  worker.name = "lab-3";
  CHECK(environment_difference(lab_machine(), worker).empty());
  worker.os = "linux 6.5";
  worker.cpus = 4;
  CHECK(environment_difference(lab_machine(), worker) == json{{"cpus", 4}, {"os", "linux 6.5"}});
  worker.labels.clear();
  CHECK(environment_difference(lab_machine(), worker)["labels"] == json::object());
}

TEST_CASE("a label is a name, or a name with a value") {
  CHECK(parse_label("gpu")->first == "gpu");
  CHECK(parse_label("gpu=a100")->second == "a100");
  for (const char* bad : {"", "gpu=", "cpus>=8", "a b"}) {
    auto refused = parse_label(bad);
    REQUIRE(!refused);
    CHECK(refused.error().details["field"] == "label");
  }
}
