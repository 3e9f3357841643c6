# SPDX-License-Identifier: MIT
# Compiler settings for every target, and the two functions that declare one.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers: their defines may be trusted, and what counts is every byte of what they
  # include. (By its preprocessed text a comment's change would be none, but not to `#pragma once`.)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

set(RATCHET_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
# Everywhere, or precompiled headers could not be shared between programs and the shared library.
add_compile_options(-pthread -fPIC -fno-semantic-interposition)
add_compile_options(-Wall -Wextra -Wpedantic $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
                    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_UNITY_BUILD)
  # GCC collects its garbage again and again over what templates keep alive: a tenth of the build.
  # (Not in `dev`, whose commands clang-tidy reads.)
  add_compile_options(--param ggc-min-heapsize=1500000)
endif()
option(RATCHET_FUZZ "build the fuzz targets instead of the tests; with clang (tests/fuzz/run.sh)" OFF)
if(RATCHET_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(RATCHET_SANITIZE)
  add_compile_options(-fsanitize=${RATCHET_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RATCHET_SANITIZE})
  if(RATCHET_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Of Boost.Asio's fences, which TSan does not know; what it guards it guards by locks as well.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# ratchet_sources(TARGET DIR...): the .cpp files directly in each DIR become sources of TARGET, so
# that a new file needs no list edited.
function(ratchet_sources target)
  foreach(dir IN LISTS ARGN)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
    target_sources(${target} PRIVATE ${sources})
  endforeach()
endfunction()

# What nearly every file includes is parsed once for all targets that share it: the values'
# headers by way of ratchet_logic, the actors' (with CAF) by way of ratchet_actors.
set(RATCHET_VALUE_HEADERS
    <algorithm> <functional> <map> <memory> <optional> <set> <string> <vector>
    <nlohmann/json.hpp>
    "${PROJECT_SOURCE_DIR}/messages/jobs.hpp" "${PROJECT_SOURCE_DIR}/messages/records.hpp")
set(RATCHET_ACTOR_HEADERS
    <caf/all.hpp> <spdlog/spdlog.h> ${RATCHET_VALUE_HEADERS}
    "${PROJECT_SOURCE_DIR}/messages/type_ids.hpp" "${PROJECT_SOURCE_DIR}/actors/ports/workspace_port.hpp"
    "${PROJECT_SOURCE_DIR}/actors/ports/process_port.hpp")
