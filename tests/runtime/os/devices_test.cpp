// SPDX-License-Identifier: MIT
#include "runtime/os/devices.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "actors/work/slot_place.hpp"
#include "tests/runtime/tls/scratch.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using names = std::vector<std::string>;

TEST_CASE("devices are named as the vendors name them, each once") {
  CHECK(devices_of("0")->names == names{"0"});
  CHECK(devices_of("0,1,GPU-8f3a-11")->names == names{"0", "1", "GPU-8f3a-11"});
  for (const auto* bad : {"0,,1", "0,0", "a b", ",", "$(x)"}) {
    auto refused = devices_of(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().details["field"] == "devices");
  }
}

TEST_CASE("auto takes what a scheduler has given, else what the driver shows, with its model") {
  net::scratch_directory root;
  unsetenv("CUDA_VISIBLE_DEVICES");
  unsetenv("ROCR_VISIBLE_DEVICES");
  CHECK_FALSE(devices_of("auto", root.path()));
  for (const auto* bus : {"0000:01:00.0", "0000:02:00.0"}) {
    const auto folder = root.path() / "proc/driver/nvidia/gpus" / bus;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "information") << "Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ: 1\n";
  }
  CHECK(devices_of("auto", root.path())->names == names{"0", "1"});
  CHECK(devices_of("auto", root.path())->model == "NVIDIA A100-SXM4-40GB");
  setenv("CUDA_VISIBLE_DEVICES", "3", 1);
  CHECK(devices_of("auto", root.path())->names == names{"3"});
  unsetenv("CUDA_VISIBLE_DEVICES");
}

TEST_CASE("each slot has devices of its own, and its runs see no others") {
  const auto two = places_of(2, {"0", "1", "2", "3", "4"});
  REQUIRE(two.size() == 2);
  CHECK(two[0].environment() == names{"RATCHET_SLOT=0", "RATCHET_DEVICE=0,1",
                                      "CUDA_VISIBLE_DEVICES=0,1", "ROCR_VISIBLE_DEVICES=0,1"});
  CHECK(two[1].devices == names{"2", "3"});
  CHECK(two[1].pinned().empty());
  CHECK(places_of(2, {}, {"0", "1", "6", "7"})[1].pinned() == names{"taskset", "-c", "6,7"});
  CHECK(places_of(3, {})[2].environment() == names{"RATCHET_SLOT=2"});
}
