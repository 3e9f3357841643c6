// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "messages/failure.hpp"

namespace ratchet {

struct device_list {
  std::vector<std::string> names;  ///< as CUDA_VISIBLE_DEVICES has them: "0", "GPU-8f3…"
  std::string model;               ///< of the first; empty: not known
};

/// "0,1,3", or "auto": what CUDA_VISIBLE_DEVICES or ROCR_VISIBLE_DEVICES says (so do Slurm and
/// containers), else all that NVIDIA's driver shows below `root`. `invalid_argument` (field
/// "devices") when that is none.
expected<device_list> devices_of(const std::string& text, const std::filesystem::path& root = "/");

}  // namespace ratchet
